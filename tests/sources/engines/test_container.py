"""Containers as a source: their image's layers, and what they wrote as the top one."""

from __future__ import annotations

import gc
import io
import json
import tarfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient, DockerClient

from explorer.analysis.changes import changes
from explorer.errors import EngineError, ImageNotFound
from explorer.layers.cache import Cache
from explorer.model import Change, Entry, Kind
from explorer.pipeline import Exploration, explore
from explorer.sources.engines.container import ChangedPaths
from explorer.sources.engines.overlay import OverlayLayer
from explorer.sources.request import LayerAccess
from tests.conftest import Podman
from tests.fake_engine import FakeEngine
from tests.images import (
    big,
    content_of,
    directory,
    docker_archive,
    explored,
    file,
    hardlink,
    image,
    layer,
    opaque,
    opened,
    symlink,
    visible_paths,
    whiteout,
)
from tests.sources.engines.test_engine import busybox

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = [pytest.mark.end_to_end, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

WRITES = r"""
cd /d && echo changed > modified && rm removed && chmod 600 mode && touch -d @5 time
echo added > added && ln added added2 && ln -s added link && ln /plain /plain2
rm -r /whole /tree && mkdir -m 700 /tree && echo new > /tree/new
mkdir -p /deep/er && echo > "/d/$(printf 'caf\351')" && mknod fifo p
rm /dir/kept && echo now > /dir/later && rm -r /kind && echo > /kind
touch /done && exec sleep 600
"""
BY_ENGINE = {"dev", "proc", "sys", "run", ".dockerenv", "etc"}
"""Where engines put something of their own into every container."""
EXPECTED = {
    "d/modified": Change.MODIFIED,
    "d/removed": Change.REMOVED,
    "d/mode": Change.MODIFIED,
    "d/time": Change.MODIFIED,
    "d/added": Change.ADDED,
    "d/added2": Change.ADDED,
    "d/link": Change.ADDED,
    "d/fifo": Change.ADDED,
    "d/caf\udce9": Change.ADDED,
    "plain2": Change.ADDED,
    "whole": Change.REMOVED,
    "whole/a": Change.REMOVED,
    "tree": Change.MODIFIED,
    "tree/old": Change.REMOVED,
    "tree/sub": Change.REMOVED,
    "tree/sub/old": Change.REMOVED,
    "tree/new": Change.ADDED,
    "deep": Change.ADDED,
    "deep/er": Change.ADDED,
    "dir/kept": Change.REMOVED,
    "dir/later": Change.ADDED,
    "kind": Change.MODIFIED,
    "kind/x": Change.REMOVED,
    "done": Change.ADDED,
}
"""What the container did, by path: a directory in which something changed has not changed itself."""


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """What the SDK leaves behind goes with the test that left it."""
    yield
    gc.collect()


@dataclass(frozen=True)
class Running:
    """A container that has written, and runs on."""

    name: str
    id: str
    image: str
    client: APIClient
    environment: dict[str, str]
    """What leads to its engine."""

    def changes(self) -> dict[str, int]:
        """What ``docker diff`` says: path to the number of what happened there."""
        return {change["Path"].lstrip("/"): change["Kind"] for change in self.client.diff(self.id)}

    def state(self) -> object:
        """All that would tell that it was touched."""
        inspected = self.client.inspect_container(self.id)
        return inspected["State"], inspected["RestartCount"], self.changes()


def made_image(tag: str) -> bytes:
    """The archive of the image that the container is of."""
    applets = ("sh", "rm", "chmod", "ln", "mkdir", "touch", "sleep", "printf", "mknod")
    tools = layer(
        *(directory(name) for name in ("bin", "etc", "tmp", "dev", "proc", "sys", "run")),
        file("bin/busybox", busybox(), mode=0o755),
        *(symlink(f"bin/{name}", "busybox") for name in applets),
    )
    content = layer(
        directory("d", mode=0o1777),
        *(file(f"d/{name}", name.encode()) for name in ("modified", "removed", "mode", "time", "kept")),
        file("plain", b"plain " * 1000),
        directory("whole"),
        file("whole/a", b"a" * 1000),
        directory("tree", uid=7),
        file("tree/old", b"old"),
        directory("tree/sub"),
        file("tree/sub/old", b"old"),
        directory("dir"),
        file("dir/kept", b"x"),
        directory("kind"),
        file("kind/x", b"x"),
    )
    return docker_archive(image(tools, content, tag=tag))


def start(client: APIClient, tag: str, environment: dict[str, str]) -> Running:
    """Start the container, and wait until it has written."""
    name = f"layer-explorer-test-{uuid.uuid4().hex[:12]}"
    created = client.create_container(
        tag, ["sh", "-c", WRITES], name=name, host_config=client.create_host_config(network_mode="none")
    )
    running = Running(name, created["Id"], tag, client, environment)
    try:
        client.start(running.id)
        deadline = time.monotonic() + 20
        while "done" not in running.changes():
            assert time.monotonic() < deadline, client.logs(running.id)
            time.sleep(0.02)
    except BaseException:
        client.remove_container(running.id, force=True)
        raise
    return running


@pytest.fixture(scope="module")
def in_docker(engine: DockerClient) -> Iterator[Running]:
    """The container in the Docker Engine."""
    tag = f"layer-explorer-test-{uuid.uuid4().hex[:12]}:container"
    engine.images.load(made_image(tag))
    try:
        running = start(engine.api, tag, {})
        try:
            yield running
        finally:
            engine.api.remove_container(running.id, force=True)
    finally:
        engine.images.remove(tag, force=True)


@pytest.fixture(scope="module")
def in_podman(podman: Podman) -> Iterator[Running]:
    """The container in Podman."""
    tag = f"localhost/layer-explorer-test-{uuid.uuid4().hex[:12]}:container"
    podman.run("load", given=made_image(tag))
    client = APIClient(podman.url, version="auto")
    try:
        running = start(client, tag, {"DOCKER_HOST": "unix:///nowhere/docker.sock", "CONTAINER_HOST": podman.url})
        yield running
    finally:
        client.close()
        podman.run("rm", "--all", "--force", "--time=0")
        podman.run("rmi", "--force", tag)


@pytest.fixture(params=["in_docker", "in_podman"])
def running(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The container in each of the engines, where the environment says."""
    found: Running = request.getfixturevalue(request.param)
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    return found


def is_engines(path: str) -> bool:
    """Whether a path is where engines put something of their own."""
    return path.partition("/")[0] in BY_ENGINE


def written(exploration: Exploration) -> dict[str, Change]:
    """What the container changed, by path."""
    tree = exploration.tree
    found = changes(tree, tree.top - 1, tree.top).by_node
    return {
        node.path: change
        for node, change in found.items()
        if change is not Change.UNCHANGED and not is_engines(node.path)
    }


def told(path: str) -> str:
    """A path as JSON tells it."""
    return path.replace("\udce9", "\ufffd")


def content(exploration: Exploration, path: str) -> bytes:
    """The bytes of a file that the container's own layer brings."""
    index = exploration.tree.layers[-1]
    entry = next(entry for entry in index.entries if entry.path == path)
    return content_of(exploration.image.layers[-1].contents, index, entry)


@pytest.mark.engine
@pytest.mark.overlay
@pytest.mark.parametrize("via", [LayerAccess.SAVE, LayerAccess.IN_PLACE, LayerAccess.AUTO])
def test_what_a_container_wrote(running: Running, via: LayerAccess) -> None:
    """Whichever way it is read, what a container did to its image is exactly what was done in it."""
    exploration = explored(f"container://{running.name}", via=via)
    assert written(exploration) == EXPECTED
    assert content(exploration, "d/modified") == b"changed\n"
    assert content(exploration, "d/added") == content(exploration, "d/added2") == b"added\n"
    assert content(exploration, "plain2") == b"plain " * 1000
    tree = exploration.tree
    directory = tree.find("tree")
    assert directory is not None
    now = directory.entry_at(tree.top)
    assert now is not None
    assert (now.mode, now.uid) == (0o700, 0)
    assert not exploration.layers[-1].problems


@pytest.mark.engine
@pytest.mark.overlay
@pytest.mark.parametrize("via", [LayerAccess.SAVE, LayerAccess.IN_PLACE])
def test_the_top_layer_is_what_the_engine_lists(running: Running, via: LayerAccess) -> None:
    """The top layer has the paths that ``docker diff`` lists, directories included, and hides what it calls deleted."""
    exploration = explored(f"container://{running.name}", via=via)
    index = exploration.tree.layers[-1]
    listed = {path: kind for path, kind in running.changes().items() if not is_engines(path)}
    brought = {told(entry.path) for entry in index.entries if not is_engines(entry.path)}
    hidden = {path for path in index.whiteouts if not is_engines(path)}
    deleted = {path for path, kind in listed.items() if kind == 2}
    if via is LayerAccess.SAVE:
        assert isinstance(exploration.image.layers[-1].contents, ChangedPaths)
        assert brought | hidden == set(listed)
        assert hidden == deleted
        assert brought >= set(listed) - deleted
    else:
        assert isinstance(exploration.image.layers[-1].contents, OverlayLayer)
        # What was only touched on the way is there as well, and has not changed.
        assert brought >= set(listed) - deleted
        assert not {told(path) for path in written(exploration)} & (brought - set(listed))
        replaced = hidden | set(index.opaques) | {"kind"}
        assert all(path in replaced or path.rpartition("/")[0] in replaced for path in deleted - {"tree/sub/old"})


@pytest.mark.engine
@pytest.mark.overlay
@pytest.mark.parametrize("via", [LayerAccess.SAVE, LayerAccess.IN_PLACE])
def test_the_tree_is_what_the_container_sees(running: Running, via: LayerAccess) -> None:
    """The merged tree is what the engine exports of the container."""
    exploration = explored(f"container://{running.name}", via=via)
    tree = exploration.tree
    ours = {}
    for path in visible_paths(tree, tree.top):
        node = tree.find(path)
        entry = node.entry_at(tree.top) if node else None
        assert entry is not None
        if not is_engines(path):
            kind = Kind.FILE if entry.kind is Kind.HARDLINK else entry.kind
            link = entry.link if kind is Kind.SYMLINK else ""
            ours[path] = (kind, entry.size, entry.mode, entry.uid, entry.gid, link)
    theirs = {}
    sizes: dict[str, int] = {}
    with tarfile.open(fileobj=io.BytesIO(b"".join(running.client.export(running.id)))) as exported:
        for member in exported:
            path = member.name.rstrip("/")
            found = KINDS.get(member.type, Kind.FILE)
            sizes[path] = sizes[member.linkname] if member.islnk() else member.size
            if not is_engines(path) and path not in ("", "."):
                link = member.linkname if member.issym() else ""
                theirs[path] = (found, sizes[path], member.mode & 0o7777, member.uid, member.gid, link)
    assert ours == theirs


KINDS = {tarfile.DIRTYPE: Kind.DIRECTORY, tarfile.SYMTYPE: Kind.SYMLINK, tarfile.FIFOTYPE: Kind.FIFO}


@pytest.mark.engine
@pytest.mark.overlay
@pytest.mark.parametrize("via", [LayerAccess.SAVE, LayerAccess.IN_PLACE])
def test_below_are_the_layers_of_its_image(running: Running, via: LayerAccess, tmp_path: Path) -> None:
    """All layers but the top one are those of the image, and alone they can be cached."""
    below = opened(running.image, via=via)
    cache = Cache(tmp_path / "cache")
    whole = explore(opened(f"container://{running.name}", via=via), cache=cache).image
    assert [layer.diff_id for layer in whole.layers] == [*(layer.diff_id for layer in below.layers), ""]
    assert [layer.number for layer in whole.layers] == list(range(len(whole.layers)))
    assert (whole.id, whole.tags, whole.config) == (below.id, below.tags, below.config)
    assert whole.history[:-1] == below.history
    step = whole.layers[-1].step
    assert step == whole.history[-1]
    assert step is not None
    assert (step.comment, step.layer) == (f"writes of the container {running.name}", len(below.layers))
    assert whole.source.startswith(f"container {running.name}, ")
    assert {diff_id for diff_id, _ in cache.entries()} == {layer.diff_id for layer in below.layers}


@pytest.mark.engine
@pytest.mark.overlay
def test_the_container_runs_on_unchanged(running: Running) -> None:
    """Looking at a container neither stops, pauses nor changes it; it is found by its ID as well."""
    before = running.state()
    for reference in (running.name, running.id, running.id[:12]):
        for via in (LayerAccess.SAVE, LayerAccess.IN_PLACE):
            assert opened(f"container://{reference}", via=via).source.startswith(f"container {running.name}, ")
    assert running.state() == before
    assert running.client.inspect_container(running.id)["State"]["Status"] == "running"


@pytest.mark.engine
def test_a_container_that_never_ran(in_docker: Running) -> None:
    """A container that was only created has written nothing."""
    created = in_docker.client.create_container(in_docker.image, ["sh"])["Id"]
    try:
        for via in (LayerAccess.SAVE, LayerAccess.AUTO):
            exploration = explored(f"container://{created}", via=via)
            assert written(exploration) == {}
            assert exploration.layers[-1].bytes == 0
    finally:
        in_docker.client.remove_container(created)


@pytest.mark.engine
def test_a_container_that_is_not_there(running: Running) -> None:
    """A missing container is reported as one, with the command that lists those that there are."""
    with pytest.raises(ImageNotFound, match="has no container “layer-explorer-test-nothing”") as caught:
        opened("container://layer-explorer-test-nothing")
    assert "ps --all" in caught.value.hint
    assert "pull" not in caught.value.hint


# A fake engine, which says what it likes

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
    """A fake engine elsewhere, with one image and a container of it."""
    engine = FakeEngine.of(MADE)
    with engine.on() as listening:
        monkeypatch.setenv("DOCKER_HOST", listening.url)
        engine.answers["/containers/c/json"] = (200, json.dumps({"Image": "made:1", "Name": "/c\x1b"}).encode())
        engine.answers["/containers/c/export"] = (200, EXPORT)
        answer(engine, None)
        yield engine


def answer(fake: FakeEngine, value: object) -> None:
    """Have the fake say that this has changed."""
    fake.answers["/containers/c/changes"] = (200, json.dumps(value).encode())


def top(via: LayerAccess = LayerAccess.AUTO) -> tuple[dict[str, Entry], list[str], list[str]]:
    """What the container's layer brings, hides, and is said to have wrong with it."""
    index = explored("container://c", via=via).tree.layers[-1]
    assert not index.opaques
    assert not index.superseded
    return {entry.path: entry for entry in index.entries}, list(index.whiteouts), list(index.problems)


@pytest.mark.parametrize("value", [None, [], {}, "text", 7, [None, 7, "x", {}, {"Path": None}, {"Path": 7, "Kind": 2}]])
def test_a_diff_of_nothing(fake: FakeEngine, value: object) -> None:
    """An engine that names no changed path says that nothing was written."""
    answer(fake, value)
    assert top() == ({}, [], [])
    assert opened("container://c").source.startswith(r"container c\x1b, Docker Engine at tcp:")


@pytest.mark.parametrize("kind", [0, 1, 2, None, "2", [2]])
def test_a_diff_that_names_no_path(fake: FakeEngine, kind: object) -> None:
    """The root cannot be deleted, and what leads out of it is not applied."""
    answer(fake, [{"Path": path, "Kind": kind} for path in ("/", "", "/../../etc", "..", "/d/../keep")])
    assert top() == ({}, [], [])
    exploration = explored("container://c")
    assert exploration.tree.find("keep") is not None
    assert written(exploration) == {}


def test_a_diff_with_everything(fake: FakeEngine) -> None:
    """Changed and added paths come from the export, deleted ones are hidden, and all else is left out."""
    kinds = {"/d": 0, "/d/b": 1, "/d/a": 2, "/d/l": 1, "/not/exported": 1, "/keep/": "odd"}
    answer(fake, [{"Path": path, "Kind": kind} for path, kind in kinds.items()])
    entries, whiteouts, problems = top()
    assert set(entries) == {"d", "d/b", "d/l", "keep"}
    assert entries["d"].mode == 0o700
    assert (entries["d/l"].kind, entries["d/l"].size, entries["d/l"].link) == (Kind.FILE, 700, "")
    assert (whiteouts, problems) == (["d/a"], [])
    exploration = explored("container://c")
    assert content(exploration, "d/l") == b"linked " * 100
    assert written(exploration) == {
        "d": Change.MODIFIED,
        "d/a": Change.REMOVED,
        "d/b": Change.ADDED,
        "d/l": Change.ADDED,
    }


def test_a_directory_that_was_replaced(fake: FakeEngine) -> None:
    """A path that is deleted and there was replaced: nothing of the image shines through, its metadata is the new."""
    answer(fake, [{"Path": "/d", "Kind": 2}, {"Path": "/d/b", "Kind": 1}])
    entries, whiteouts, _ = top()
    assert (set(entries), whiteouts) == ({"d", "d/b"}, ["d"])
    assert written(explored("container://c")) == {
        "d": Change.MODIFIED,
        "d/a": Change.REMOVED,
        "d/b": Change.ADDED,
    }


def test_names_that_json_cannot_tell(fake: FakeEngine) -> None:
    """A changed name that is not UTF-8 is found in the export; a deleted one cannot be, and that is said."""
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
    """A container that is of no image is an error that says what else to do."""
    fake.answers["/containers/c/json"] = (200, json.dumps(value).encode())
    with pytest.raises(ImageNotFound, match="does not say which image c is of"):
        opened("container://c")


@pytest.mark.parametrize("path", ["json", "changes", "export"])
def test_an_engine_in_trouble(fake: FakeEngine, path: str) -> None:
    """What the engine says of its own failure is passed on."""
    fake.answers[f"/containers/c/{path}"] = (500, b'{"message": "disk on fire"}')
    with pytest.raises(EngineError, match="disk on fire"):
        opened("container://c")


def test_an_export_that_is_none(fake: FakeEngine) -> None:
    """An export that is no tar is an error that names the layer."""
    fake.answers["/containers/c/export"] = (200, b"no tar at all" * 100)
    answer(fake, [{"Path": "/d", "Kind": 0}])
    with pytest.raises(Exception, match="layer 2 cannot be read"):
        explored("container://c")


def test_in_place_where_that_cannot_be(fake: FakeEngine) -> None:
    """A container elsewhere cannot be read in place, and is not exported instead."""
    with pytest.raises(EngineError, match="cannot be read in place"):
        opened("container://c", via=LayerAccess.IN_PLACE)
    assert not any(path.endswith("/export") for path in fake.asked)


def test_a_container_cannot_be_read_in_place_without_its_own_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container whose image could be read in place, but not itself, is refused rather than shown without it."""
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
