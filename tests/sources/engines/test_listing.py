"""The images of both engines, with the bytes of their layers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from explorer.model import EngineListing, Watcher
from explorer.sources.engines.listing import list_engine_images
from tests.fake_engine import FakeEngine
from tests.images import digest, file, image, layer

pytestmark = [
    pytest.mark.usefixtures("collected"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

_LAYERS = [layer(file("base", b"b" * 9)), layer(file("lib", b"l")), layer(file("app", b"a"))]
_SHOP, _BASE = image(*_LAYERS, tag="shop:1"), image(*_LAYERS[:1], tag="base:1")


@pytest.fixture
def engines(spool: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeEngine, FakeEngine]]:
    """A Docker Engine and Podman with the same images."""
    folder = spool.parent
    with (
        FakeEngine.of(_SHOP, _BASE).on(folder / "docker.sock") as docker,
        FakeEngine.of(_SHOP, _BASE).on(folder / "podman.sock") as podman,
    ):
        monkeypatch.setenv("DOCKER_HOST", docker.url)
        monkeypatch.setenv("CONTAINER_HOST", podman.url)
        for fake in (docker, podman):
            fake.answers["/containers/json"] = 200, b"[]"
        yield docker, podman


def listings(seconds: float = 20) -> list[EngineListing]:
    """Returns the answers of all engines."""
    *_, last = list_engine_images(Watcher(), seconds)
    assert not last.waiting
    return [*last.listings]


def test_both_engines_list_their_images(engines: tuple[FakeEngine, FakeEngine]) -> None:
    """Each image has its engine, ID, names, time, containers, and the bytes of its layers."""
    shop_id = digest(_SHOP.config_bytes)
    items = [{"Id": shop_id, "RepoTags": ["shop:1"], "Created": 1_700_000_000, "Size": sum(map(len, _LAYERS))}]
    items[0]["ParentId"] = "5" * 64
    used = [{"ImageID": shop_id, "Names": ["/web"]}]
    engines[0].answers["/images/json"] = 200, json.dumps(items).encode()
    engines[0].answers["/containers/json"] = 200, json.dumps(used).encode()
    docker, podman = listings()
    (shop,) = docker.images
    assert (shop.engine, shop.id, shop.tags, shop.containers) == ("docker", shop_id, ("shop:1",), ("web",))
    assert shop.parent == f"sha256:{'5' * 64}"
    assert shop.created == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert shop.bytes == shop.bytes_up_to[-1] == sum(map(len, _LAYERS))
    assert shop.diff_ids == tuple(map(digest, _LAYERS))
    assert [image.engine for image in podman.images] == ["podman"] * 2


def test_histories_are_asked_for_only_where_images_part(engines: tuple[FakeEngine, FakeEngine]) -> None:
    """The bytes up to a layer that is the top of another image are known without its history."""
    shop = listings()[0].images[0]
    assert shop.bytes_up_to[0] == len(_LAYERS[0])
    assert not any(path.endswith("/history") for path in engines[0].asked)


def test_an_engine_that_does_not_answer_stops_no_other(engines: tuple[FakeEngine, FakeEngine]) -> None:
    """Its listing says so; the images of the other engine are there."""
    engines[0].hold = "/images/json?only_ids=0&all=1"
    docker, podman = listings(0.3)
    assert docker.images == ()
    assert "Docker Engine at unix://" in docker.problem
    assert "does not answer within" in docker.problem
    assert len(podman.images) == 2


def test_an_engine_that_stops_answering_leaves_figures_unknown(engines: tuple[FakeEngine, FakeEngine]) -> None:
    """The images are listed without their layers, and the listing says why."""
    engines[0].hold = "/images/shop:1/json"
    docker, _ = listings(0.3)
    assert [image.diff_ids for image in docker.images] == [None, None]
    assert "some figures" in docker.problem


def test_the_image_store_of_containerd_has_sums_alone(engines: tuple[FakeEngine, FakeEngine]) -> None:
    """It counts compressed layers, too, so the bytes of layers are not known, and the listing says why."""
    status = {"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}
    engines[0].answers["/info"] = 200, json.dumps(status).encode()
    docker, _ = listings()
    assert docker.images[0].bytes == sum(map(len, _LAYERS))
    assert docker.images[0].diff_ids == tuple(map(digest, _LAYERS))
    assert docker.images[0].bytes_up_to == (None, None, None)
    assert "containerd's image store" in docker.problem


def test_a_container_may_have_lost_its_image(engines: tuple[FakeEngine, FakeEngine]) -> None:
    """Its layers stay, which is stated, because the figures do not know them."""
    used = [{"ImageID": "sha256:5", "Names": ["/web"]}, {"ImageID": digest(_SHOP.config_bytes), "Names": ["/ok"]}]
    engines[0].answers["/containers/json"] = 200, json.dumps(used).encode()
    docker, _ = listings()
    assert docker.problem.startswith("containers of images that were removed by force keep layers (web)")
    assert docker.images[0].containers == ("ok",)


def test_an_image_that_is_removed_meanwhile_is_left_out(engines: tuple[FakeEngine, FakeEngine]) -> None:
    """An image that the engine lists, but no longer describes, is no error."""
    del engines[0].answers["/images/shop:1/json"]
    docker, _ = listings()
    assert (docker.problem, len(docker.images)) == ("", 1)


def test_one_engine_under_two_addresses_is_listed_once(
    engines: tuple[FakeEngine, FakeEngine], spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link to Podman's socket where the Docker Engine is expected leads to the same images."""
    link = spool.parent / "link.sock"
    link.symlink_to(engines[1].url.removeprefix("unix://"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{link}")
    (only,) = listings()
    assert only.engine == "podman"


def test_an_engine_that_nobody_named_may_be_absent(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a socket is expected, unless the user named it."""
    for variable in ("DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(spool))
    monkeypatch.setattr("explorer.sources.engines.endpoint.DEFAULT", f"unix://{spool}/none.sock")
    monkeypatch.setattr("explorer.sources.engines.listing.DEFAULT", f"unix://{spool}/none.sock")
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{spool}/named.sock")
    docker, podman = listings()
    assert (docker.is_absent, podman.is_absent) == (True, False)
    assert "there is no such socket" in podman.problem


@pytest.mark.parametrize(
    "answer",
    [
        b"{}",
        b"[[[",
        b'[1, {}, {"Id": 5}]',
        b'[{"Id": "x", "Size": -3, "Created": 1e300}]',
        b'[{"Id": "x", "Size": 1' + b"0" * 400 + b"}]",
    ],
)
def test_an_answer_that_makes_no_sense_breaks_nothing(engines: tuple[FakeEngine, FakeEngine], answer: bytes) -> None:
    """The other engine is listed, whatever one engine answers."""
    engines[0].answers["/images/json"] = 200, answer
    docker, podman = listings()
    assert all(image.bytes is None for image in docker.images)
    assert len(podman.images) == 2


@pytest.mark.parametrize("rootfs", [None, {"Layers": "x"}, {"Layers": [None]}])
def test_an_image_whose_layers_the_engine_does_not_tell(engines: tuple[FakeEngine, FakeEngine], rootfs: object) -> None:
    """Its layers are unknown. An image without layers is told in another way."""
    path = f"/images/{digest(_BASE.config_bytes)}/json"
    inspected = json.loads(engines[0].answers["/images/base:1/json"][1])
    for told, expected in ((rootfs, None), ({"Type": "layers"}, ())):
        engines[0].answers[path] = 200, json.dumps({**inspected, "RootFS": told}).encode()
        (base,) = [image for image in listings()[0].images if image.id == digest(_BASE.config_bytes)]
        assert base.diff_ids == expected
