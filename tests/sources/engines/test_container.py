"""Containers of a fake engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.errors import EngineError, ImageNotFound
from explorer.model import Change, Entry, Kind
from explorer.sources.engines.container import ChangedPaths
from explorer.sources.request import LayerAccess
from tests.fake_engine import FakeEngine
from tests.images import (
    big,
    directory,
    explored,
    file,
    hardlink,
    image,
    layer,
    opaque,
    opened,
    whiteout,
)
from tests.sources.engines.samples import changed_paths, content

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.usefixtures("collected"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


MADE = image(
    layer(directory("d"), file("d/a", b"a"), file("keep", b"keep"), file("caf\udce9", b"1"), directory("e")),
    layer(directory("e"), file("e/x", b"x")),
)


EXPORT = layer(
    directory("d", mode=0o700),
    file("d/b", b"new b"),
    file("d/c", b"linked " * 100),
    hardlink("d/l", "d/c"),
    file("keep", b"keep"),
    file("caf\udce9", b"22"),
    directory("e"),
    file("e/x", b"x"),
    file("e/.wh.x", b""),
    opaque("e"),
    big("dev/null", 0.1),
)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """A remote fake engine with one image and a container of it."""
    engine = FakeEngine.of(MADE)
    with engine.on() as listening:
        monkeypatch.setenv("DOCKER_HOST", listening.url)
        engine.answers["/containers/c/json"] = (200, json.dumps({"Image": "made:1", "Name": "/c\x1b"}).encode())
        engine.answers["/containers/c/export"] = (200, EXPORT)
        answer(engine, None)
        yield engine


def answer(fake: FakeEngine, value: object) -> None:
    """Sets the fake's answer to ``docker diff``."""
    fake.answers["/containers/c/changes"] = (200, json.dumps(value).encode())


def top(via: LayerAccess = LayerAccess.AUTO) -> tuple[dict[str, Entry], list[str], list[str]]:
    """Returns the entries, whiteouts and problems of the container's layer."""
    index = explored("container://c", via=via).tree.layers[-1]
    assert not index.opaques
    assert not index.superseded
    return {entry.path: entry for entry in index.entries}, list(index.whiteouts), list(index.problems)


@pytest.mark.parametrize("value", [None, [], {}, "text", 7, [None, 7, "x", {}, {"Path": None}, {"Path": 7, "Kind": 2}]])
def test_a_diff_of_nothing(fake: FakeEngine, value: object) -> None:
    """A container without changed paths has an empty layer."""
    answer(fake, value)
    assert top() == ({}, [], [])
    assert opened("container://c").source.startswith(r"container c\x1b, Docker Engine at tcp:")


@pytest.mark.parametrize("kind", [0, 1, 2, None, "2", [2]])
def test_a_diff_that_names_no_path(fake: FakeEngine, kind: object) -> None:
    """A deletion of the root, or of a path outside it, is not applied."""
    answer(fake, [{"Path": path, "Kind": kind} for path in ("/", "", "/../../etc", "..", "/d/../keep")])
    assert top() == ({}, [], [])
    exploration = explored("container://c")
    assert exploration.tree.find("keep") is not None
    assert changed_paths(exploration) == {}


def test_a_diff_with_everything(fake: FakeEngine) -> None:
    """Changed and added paths come from the export, deleted ones are hidden, others are left out."""
    kinds = {"/d": 0, "/d/b": 1, "/d/a": 2, "/d/l": 1, "/not/exported": 1, "/keep/": "odd"}
    answer(fake, [{"Path": path, "Kind": kind} for path, kind in kinds.items()])
    entries, whiteouts, problems = top()
    assert set(entries) == {"d", "d/b", "d/l", "keep"}
    assert entries["d"].mode == 0o700
    assert (entries["d/l"].kind, entries["d/l"].size, entries["d/l"].link) == (Kind.FILE, 700, "")
    assert (whiteouts, problems) == (["d/a"], [])
    exploration = explored("container://c")
    assert content(exploration, "d/l") == b"linked " * 100
    assert changed_paths(exploration) == {
        "d": Change.MODIFIED,
        "d/a": Change.REMOVED,
        "d/b": Change.ADDED,
        "d/l": Change.ADDED,
    }


def test_a_directory_that_was_replaced(fake: FakeEngine) -> None:
    """A deleted path with an entry was replaced: nothing below it remains, and its metadata is new."""
    answer(fake, [{"Path": "/d", "Kind": 2}, {"Path": "/d/b", "Kind": 1}])
    entries, whiteouts, _ = top()
    assert (set(entries), whiteouts) == ({"d", "d/b"}, ["d"])
    assert changed_paths(explored("container://c")) == {
        "d": Change.MODIFIED,
        "d/a": Change.REMOVED,
        "d/b": Change.ADDED,
    }


def test_names_that_json_cannot_tell(fake: FakeEngine) -> None:
    """A changed name that is not UTF-8 is found in the export; a deleted one is a problem."""
    answer(fake, [{"Path": "/caf\ufffd", "Kind": 0}])
    entries, whiteouts, problems = top()
    assert (set(entries), whiteouts, problems) == ({"caf\udce9"}, [], [])
    fake.answers["/containers/c/export"] = (200, layer(directory("d")))
    answer(fake, [{"Path": "/caf\ufffd", "Kind": 2}])
    entries, whiteouts, problems = top()
    assert (entries, whiteouts) == ({}, ["caf\ufffd"])
    assert len(problems) == 1
    assert "not UTF-8" in problems[0]


def test_names_like_markers_in_an_export(fake: FakeEngine) -> None:
    """In a container's file system a name like a whiteout's is a name: it hides nothing of the image."""
    answer(fake, [{"Path": "/e", "Kind": 0}, {"Path": "/e/.wh.x", "Kind": 1}, {"Path": "/e/.wh..wh..opq", "Kind": 1}])
    exploration = explored("container://c")
    node = exploration.tree.find("e/x")
    assert node is not None
    assert node.entry_at(exploration.tree.top) is not None


@pytest.mark.parametrize("value", [{}, {"Image": ""}, {"Image": None}, {"Image": ["made:1"]}])
def test_a_container_of_no_image(fake: FakeEngine, value: object) -> None:
    """A container without an image is an error with an alternative."""
    fake.answers["/containers/c/json"] = (200, json.dumps(value).encode())
    with pytest.raises(ImageNotFound, match="does not name the image of c"):
        opened("container://c")


@pytest.mark.parametrize("path", ["json", "changes", "export"])
def test_an_engine_in_trouble(fake: FakeEngine, path: str) -> None:
    """An error repeats the engine's own message."""
    fake.answers[f"/containers/c/{path}"] = (500, b'{"message": "disk on fire"}')
    with pytest.raises(EngineError, match="disk on fire"):
        opened("container://c")


def test_an_export_that_is_none(fake: FakeEngine) -> None:
    """An export that is not a tar is an error that names the layer."""
    fake.answers["/containers/c/export"] = (200, b"no tar at all" * 100)
    answer(fake, [{"Path": "/d", "Kind": 0}])
    with pytest.raises(Exception, match="layer 2 cannot be read"):
        explored("container://c")


def test_in_place_where_that_cannot_be(fake: FakeEngine) -> None:
    """A remote container cannot be read in place, and is not exported instead."""
    with pytest.raises(EngineError, match="cannot be read in place"):
        opened("container://c", via=LayerAccess.IN_PLACE)
    assert not any(path.endswith("/export") for path in fake.asked)


def test_a_container_cannot_be_read_in_place_without_its_own_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container is refused if its image can be read in place but its own directory cannot."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with FakeEngine.of(MADE).on(tmp_path / "engine.sock") as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        _, body = fake.answers["/images/made:1/json"]
        driver = {"Name": "overlay2", "Data": {"LowerDir": str(folders[0]), "UpperDir": str(folders[1])}}
        fake.answers["/images/made:1/json"] = (200, json.dumps({**json.loads(body), "GraphDriver": driver}).encode())
        lower: dict[str, Any] = {"Name": "overlay2", "Data": {"LowerDir": str(folders[0]), "UpperDir": None}}
        inspected = {"Image": "made:1", "Name": "/c", "GraphDriver": lower}
        fake.answers["/containers/c/json"] = (200, json.dumps(inspected).encode())
        fake.answers["/containers/c/export"] = (200, layer(directory("d"), whiteout("x")))
        answer(fake, [{"Path": "/d", "Kind": 1}])
        with pytest.raises(EngineError, match="the layers of c cannot be read in place"):
            opened("container://c", via=LayerAccess.IN_PLACE)
        assert isinstance(opened("container://c").layers[-1].contents, ChangedPaths)
