"""The images of an engine that another image stands on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.analysis.base.base import Evidence
from explorer.sources.engines import known_images
from tests.fake_engine import FakeEngine
from tests.images import explored, file, image, layer, opened

_LAYERS = [layer(file("base", b"b" * 9)), layer(file("lib", b"l")), layer(file("app", b"a"))]
SHOP = image(*_LAYERS, tag="shop:1")
BASE = image(*_LAYERS[:1], tag="base:1")
EARLIER, STRANGER = image(*_LAYERS[:2], tag="shop:0"), image(layer(file("x")), tag="stranger:1")


@pytest.fixture
def engine(spool: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """An engine with the shop, an earlier build of it, its base, and another image."""
    with FakeEngine.of(SHOP, EARLIER, BASE, STRANGER).on(spool.parent / "engine.sock") as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        yield fake


@pytest.mark.usefixtures("engine", "collected")
def test_the_engines_image_with_the_same_layers_is_the_base() -> None:
    """An image is built on the named image of its engine that has most of its lowest layers, but no earlier build."""
    base = explored("shop:1").base
    assert base is not None
    assert (base.name, base.layers, base.evidence, base.exact) == ("base:1", 1, Evidence.KNOWN_IMAGE, True)
    assert base.reason == "the same layers in the Docker Engine"


@pytest.mark.usefixtures("collected")
def test_the_engine_is_asked_when_the_base_is_wanted(engine: FakeEngine) -> None:
    """Opening an image does not list the engine's images; the first question for the base does, and no later one."""
    shop = opened("shop:1")
    assert not any(path.endswith("/images/json?only_ids=0&all=0") for path in engine.asked)
    assert len(shop.known_images()) == 2
    asked = len(engine.asked)
    assert len(shop.known_images()) == 2
    assert len(engine.asked) == asked


@pytest.mark.usefixtures("collected")
def test_an_engine_that_does_not_list_its_images_delays_little(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the engine answers late, there is no base by that evidence, and no error."""
    monkeypatch.setattr(known_images, "_MAX_SECONDS", 0.1)
    engine.hold = "/images/json?only_ids=0&all=0"
    assert opened("shop:1").known_images() == []


@pytest.mark.usefixtures("collected")
def test_an_answer_that_makes_no_sense_is_none(engine: FakeEngine) -> None:
    """A list of images that is none, or holds something else, names no base."""
    for answer in (
        b"{}",
        b'[1, {"Id": 5, "RepoTags": 7, "Size": "x"}, {}]',
        b"[[[",
        b'[{"Id": "x", "RepoTags": ["a:1"]}]',
    ):
        engine.answers["/images/json"] = 200, answer
        assert opened("shop:1").known_images() == []
