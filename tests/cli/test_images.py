"""The command ``images``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.fake_engine import FakeEngine
from tests.images import big, image, layer

_LAYERS = [layer(big("base", 0.1)), layer(big("lib", 0.02)), layer(big("app", 0.003))]


@pytest.fixture
def engine(spool: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """A Docker Engine with two images, and no Podman."""
    images = [image(*_LAYERS, tag="shop:1"), image(_LAYERS[0], tag="base:1")]
    with FakeEngine.of(*images).on(spool.parent / "engine.sock") as fake:
        fake.answers["/containers/json"] = 200, b"[]"
        items = json.loads(fake.answers["/images/json"][1])
        for item in items:
            item["Created"], item["RepoTags"] = 1_700_000_000, item["RepoTags"][:1]
        fake.answers["/images/json"] = 200, json.dumps(items).encode()
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        monkeypatch.setenv("CONTAINER_HOST", f"unix://{spool}/none.sock")
        yield fake


@pytest.mark.usefixtures("engine")
def test_text() -> None:
    """Each image has its figures, and the last line counts each layer once."""
    done = run("images", "--sort", "name", COLUMNS="200")
    assert done.exit_code == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["size", "shared", "unique", "freed", "created", "image"]
    assert [row[-1] for row in rows[1:]] == ["base:1", "shop:1", "together"]
    assert rows[1][:8] == ["102", "kB", "102", "kB", "0", "B", "0", "B"]
    assert rows[3][:4] == ["143", "kB", "143", "kB"]


@pytest.mark.usefixtures("engine")
def test_json() -> None:
    """The document has the figures in bytes, and null for what is not known."""
    done = run("images", "--format", "json", "shop")
    document = json.loads(done.stdout)
    (shop,) = document["images"]
    sizes = list(map(len, _LAYERS))
    assert (shop["engine"], shop["tags"], shop["wasted_bytes"]) == ("docker", ["shop:1"], None)
    assert (shop["bytes"], shop["shared_bytes"]) == (sum(sizes), sizes[0])
    assert shop["freed_bytes"] == shop["unique_bytes"] == sum(sizes[1:])
    assert document["total"] == {"bytes": sum(sizes), "freed_bytes": sum(sizes[1:])}


@pytest.mark.usefixtures("engine")
def test_an_engine_that_was_named_but_does_not_answer_is_told() -> None:
    """The images of the other engine are listed, and the exit code is 0."""
    done = run("images")
    assert done.exit_code == 0
    assert "no Podman answers at unix://" in done.stderr
    assert "no Podman answers" in json.loads(run("images", "--format", "json").stdout)["problems"][0]["problem"]


def test_the_build_cache_may_keep_layers(engine: FakeEngine) -> None:
    """Layers that the builder keeps, too, are stated, because removing images does not free them."""
    records = [{"Size": 5_000_000, "Shared": True}, {"Size": 70_000_000, "Shared": False}, {"Shared": True}, 5]
    engine.answers["/system/df"] = 200, json.dumps({"BuildCache": records}).encode()
    assert "5.0 MB of the layers of Docker's images stay in Docker's build cache after" in run("images").stdout
    assert json.loads(run("images", "--format", "json").stdout)["build_cache_bytes"] == 5_000_000
    assert "builder" not in run("images", "engine:podman").stdout
    for answer in (b"[]", b'{"BuildCache": null}', b"{", b'{"BuildCache": [{"Size": 7, "Shared": true}]}'):
        engine.answers["/system/df"] = 200, answer
        assert "builder" not in run("images").stdout


def test_no_engine_at_all(spool: Path) -> None:
    """Without any engine the exit code is 3, and the reasons are there."""
    done = run("images", DOCKER_HOST=f"unix://{spool}/a.sock", CONTAINER_HOST=f"unix://{spool}/b.sock")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "no Docker Engine answers" in done.stderr
    assert "no Podman answers" in done.stderr


@pytest.mark.usefixtures("engine")
def test_filters_and_their_mistakes() -> None:
    """A filter that nothing matches is told; a wrong one is an error before an engine is asked."""
    done = run("images", "nothing")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "No image matches nothing." in done.stderr
    done = run("images", "size>big")
    assert done.exit_code == 2
    assert "the filter size>big is wrong" in done.stderr


def test_hostile_names_are_printable(engine: FakeEngine) -> None:
    """A name that an engine could not have is not shown at all, and containers have their IDs then."""
    items = json.loads(engine.answers["/images/json"][1])
    items[0]["RepoTags"] = ["\x1b[31mevil:1", "fine:1"]
    engine.answers["/images/json"] = 200, json.dumps(items).encode()
    used = [{"ImageID": items[0]["Id"], "Names": ["/\x1b]0;x\x07"], "Id": "\x1b" * 20}]
    engine.answers["/containers/json"] = 200, json.dumps(used).encode()
    done = run("images")
    assert "\x1b" not in done.stdout
    assert "fine:1 (used by" in done.stdout


def test_an_engine_without_images_has_answered(engine: FakeEngine) -> None:
    """No images are no error, also if the other engine does not answer."""
    engine.answers["/images/json"] = 200, b"[]"
    done = run("images")
    assert done.exit_code == 0
    assert "There are no images." in done.stderr
    assert "no Podman answers" in done.stderr
