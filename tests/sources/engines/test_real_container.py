"""Containers in the real Docker Engine and in Podman, where they run."""

from __future__ import annotations

import io
import tarfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker import APIClient, DockerClient

from explorer.errors import ImageNotFound
from explorer.layers.cache import Cache
from explorer.model import Change, Kind
from explorer.pipeline import explore
from explorer.sources.engines.container import ChangedPaths
from explorer.sources.engines.overlay import OverlayLayer
from explorer.sources.request import LayerAccess
from tests.conftest import Podman
from tests.images import (
    directory,
    docker_archive,
    explored,
    file,
    image,
    layer,
    opened,
    symlink,
    visible_paths,
)
from tests.sources.engines.samples import busybox, changed_paths, content, is_from_engine

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.usefixtures("collected"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


WRITES = r"""
cd /d && echo changed > modified && rm removed && chmod 600 mode && touch -d @5 time
echo added > added && ln added added2 && ln -s added link && ln /plain /plain2
rm -r /whole /tree && mkdir -m 700 /tree && echo new > /tree/new
mkdir -p /deep/er && echo > "/d/$(printf 'caf\351')" && mknod fifo p
rm /dir/kept && echo now > /dir/later && rm -r /kind && echo > /kind
touch /done && exec sleep 600
"""


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
"""The container's changes by path. A directory does not change because an item in it does."""


@dataclass(frozen=True)
class Running:
    """A running container that has written files."""

    name: str
    id: str
    image: str
    client: APIClient
    environment: dict[str, str]
    """Environment variables with the address of its engine."""

    def changes(self) -> dict[str, int]:
        """Returns the changes of ``docker diff``: each path with the number of its change."""
        return {change["Path"].lstrip("/"): change["Kind"] for change in self.client.diff(self.id)}

    def state(self) -> object:
        """Returns the state that any interference would change."""
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
    """Starts the container, and waits until it has written."""
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
    """The container in each of the engines, whose address is in the environment."""
    container: Running = request.getfixturevalue(request.param)
    for name, value in container.environment.items():
        monkeypatch.setenv(name, value)
    return container


def in_json(path: str) -> str:
    """Returns a path as engines write it in JSON."""
    return path.replace("\udce9", "\ufffd")


@pytest.mark.engine
@pytest.mark.overlay
@pytest.mark.parametrize("via", [LayerAccess.SAVE, LayerAccess.IN_PLACE, LayerAccess.AUTO])
def test_what_a_container_wrote(running: Running, via: LayerAccess) -> None:
    """The container's changes are exactly those made in it, saved or read in place."""
    exploration = explored(f"container://{running.name}", via=via)
    assert changed_paths(exploration) == EXPECTED
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
    listed = {path: kind for path, kind in running.changes().items() if not is_from_engine(path)}
    brought = {in_json(entry.path) for entry in index.entries if not is_from_engine(entry.path)}
    hidden = {path for path in index.whiteouts if not is_from_engine(path)}
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
        assert not {in_json(path) for path in changed_paths(exploration)} & (brought - set(listed))
        replaced = hidden | set(index.opaques) | {"kind"}
        assert all(path in replaced or path.rpartition("/")[0] in replaced for path in deleted - {"tree/sub/old"})


@pytest.mark.engine
@pytest.mark.overlay
@pytest.mark.parametrize("via", [LayerAccess.SAVE, LayerAccess.IN_PLACE])
def test_the_tree_is_what_the_container_sees(running: Running, via: LayerAccess) -> None:
    """The merged tree equals the engine's export of the container."""
    exploration = explored(f"container://{running.name}", via=via)
    tree = exploration.tree
    ours = {}
    for path in visible_paths(tree, tree.top):
        node = tree.find(path)
        entry = node.entry_at(tree.top) if node else None
        assert entry is not None
        if not is_from_engine(path):
            kind = Kind.FILE if entry.kind is Kind.HARDLINK else entry.kind
            link = entry.link if kind is Kind.SYMLINK else ""
            ours[path] = (kind, entry.size, entry.mode, entry.uid, entry.gid, link)
    theirs = {}
    sizes: dict[str, int] = {}
    with tarfile.open(fileobj=io.BytesIO(b"".join(running.client.export(running.id)))) as exported:
        for member in exported:
            path = member.name.rstrip("/")
            member_kind = KINDS.get(member.type, Kind.FILE)
            sizes[path] = sizes[member.linkname] if member.islnk() else member.size
            if not is_from_engine(path) and path not in ("", "."):
                link = member.linkname if member.issym() else ""
                theirs[path] = (member_kind, sizes[path], member.mode & 0o7777, member.uid, member.gid, link)
    assert ours == theirs


KINDS = {tarfile.DIRTYPE: Kind.DIRECTORY, tarfile.SYMTYPE: Kind.SYMLINK, tarfile.FIFOTYPE: Kind.FIFO}


@pytest.mark.engine
@pytest.mark.overlay
@pytest.mark.parametrize("via", [LayerAccess.SAVE, LayerAccess.IN_PLACE])
def test_below_are_the_layers_of_its_image(running: Running, via: LayerAccess, tmp_path: Path) -> None:
    """The layers below the top one are those of the image, and only they are cached."""
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
    assert {diff_id for diff_id, *_ in cache.entries()} == {layer.diff_id for layer in below.layers}


@pytest.mark.engine
@pytest.mark.overlay
def test_the_container_runs_on_unchanged(running: Running) -> None:
    """Exploring a container neither stops, pauses nor changes it; its ID works as well."""
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
            assert changed_paths(exploration) == {}
            assert exploration.layers[-1].bytes == 0
    finally:
        in_docker.client.remove_container(created)


@pytest.mark.engine
def test_a_container_that_is_not_there(running: Running) -> None:
    """A missing container is an error with the command that lists the existing ones."""
    with pytest.raises(ImageNotFound, match="has no container “layer-explorer-test-nothing”") as caught:
        opened("container://layer-explorer-test-nothing")
    assert "ps --all" in caught.value.hint
    assert "pull" not in caught.value.hint
