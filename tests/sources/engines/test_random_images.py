"""Random images in the real Docker Engine: one answer from the archive, the save, the directories and a container."""

from __future__ import annotations

import io
import random
import tarfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from docker import DockerClient
from docker.errors import DockerException

from explorer.analysis.changes import changes
from explorer.model import Entry, Kind
from explorer.pipeline import Exploration
from explorer.sources.request import LayerAccess
from tests.images import Item, docker_archive, explored, image, layer
from tests.overlay import NAMES, random_layer
from tests.sources.engines.samples import unaddressed

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

IMAGES = 6
SECOND_NS = 1_000_000_000

Facts = tuple[object, ...]


def random_items(chance: random.Random) -> list[Item]:
    """Returns a random layer, in which files and directories may have attributes and times with fractions.

    It has no path twice and no mark of a path that it brings itself, because the engine refuses such tars.
    """
    items: list[Item] = []
    paths = {""}
    closed: set[str] = set()
    """Paths below which nothing can be unpacked."""
    for item in random_layer(chance):
        parent, _, name = item.name.rpartition("/")
        path = item.name if not name.startswith(".wh.") else f"{parent}/{name.removeprefix('.wh.')}".strip("/")
        parents = {"/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 1)}
        if path in paths or any(other.startswith(f"{path}/") for other in paths):
            continue
        target = next((other for other in items if other.name == item.link), item)
        if item.type == tarfile.LNKTYPE and (target is item or target.type == tarfile.DIRTYPE):
            continue
        if parents & closed or (path != item.name and parents - paths):
            continue
        paths |= {path, *parents}
        if item.type != tarfile.DIRTYPE:
            closed.add(path)
        if path == item.name and item.type in (tarfile.REGTYPE, tarfile.DIRTYPE):
            if chance.random() < 0.2:
                item = replace(item, xattrs={"user.note": chance.choice("xy")})
            item = replace(item, mtime=item.mtime + chance.choice((0, 0.25, 0.5)))
        items.append(item)
    return items


@pytest.mark.parametrize("seed", range(IMAGES))
def test_one_answer_about_a_random_image(seed: int, engine: DockerClient, tmp_path: Path) -> None:
    """The archive, the engine's save, its directories and a container show the same files."""
    chance = random.Random(seed)
    layers = [layer(*random_items(chance)) for _ in range(chance.randint(2, 5))]
    tag = f"layer-explorer-test-{uuid.uuid4().hex[:12]}:{seed}"
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*layers, tag=tag)))
    try:
        engine.images.load(path.read_bytes())
        archived = explored(path)
        saved = explored(f"docker://{tag}", via=LayerAccess.SAVE)
        in_place = explored(f"docker://{tag}", via=LayerAccess.IN_PLACE)
        seen = dict(exported(engine, tag))
    finally:
        with suppress(DockerException):
            engine.images.remove(tag, force=True)
    assert figures(saved) == figures(archived)
    assert [unaddressed(index) for index in saved.tree.layers] == [unaddressed(index) for index in archived.tree.layers]
    assert figures(in_place) == figures(archived)
    assert in_layers(in_place) == in_layers(archived)
    assert changed_files(in_place) == changed_files(archived)
    assert visible(in_place) == seen
    assert without_directories(visible(archived)) == without_directories(seen)


def exported(engine: DockerClient, tag: str) -> Iterator[tuple[str, Facts]]:
    """Yields the paths that a container of the image exports, with what is seen of them."""
    container = engine.api.create_container(tag, "sh")["Id"]
    try:
        archive = b"".join(engine.api.export(container))
    finally:
        engine.api.remove_container(container)
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in members:
            if member.name.partition("/")[0] not in NAMES:
                continue
            name = member.name
            if member.islnk():
                member = members.getmember(member.linkname)
            kind = next((kind for kind, is_kind in KINDS.items() if is_kind(member)), Kind.FILE)
            link = member.linkname if kind is Kind.SYMLINK else ""
            if kind is Kind.CHARACTER_DEVICE:
                link = f"{member.devmajor}:{member.devminor}"
            time = 0 if kind is Kind.DIRECTORY else int(member.mtime)
            yield name, (kind, member.size, member.mode & 0o7777, member.uid, member.gid, link, time)


KINDS = {
    Kind.DIRECTORY: tarfile.TarInfo.isdir,
    Kind.SYMLINK: tarfile.TarInfo.issym,
    Kind.FIFO: tarfile.TarInfo.isfifo,
    Kind.CHARACTER_DEVICE: tarfile.TarInfo.ischr,
}


def visible(exploration: Exploration) -> dict[str, Facts]:
    """Returns what the merged tree shows, in the form of ``exported``."""
    tree = exploration.tree
    facts: dict[str, Facts] = {}
    for node in tree.walk():
        entry = node.entry_at(tree.top)
        if entry is None or not node.path:
            continue
        kind = Kind.FILE if entry.kind is Kind.HARDLINK else entry.kind
        link = "" if kind is Kind.FILE else entry.link
        time = 0 if kind is Kind.DIRECTORY else entry.mtime_ns // SECOND_NS
        facts[node.path] = (kind, entry.size, entry.mode, entry.uid, entry.gid, link, time)
    return facts


def without_directories(facts: Mapping[str, Facts]) -> dict[str, Facts | None]:
    """Returns the facts without the metadata of directories.

    A directory that a layer's tar implies keeps its metadata in containerd, and loses them in Docker.
    """
    return {path: None if known[0] is Kind.DIRECTORY else known for path, known in facts.items()}


def in_layers(exploration: Exploration) -> list[dict[str, Entry]]:
    """Returns the entries of each layer, without directories: a layer's directory has also those that are implied."""
    layers = [unaddressed(index) for index in exploration.tree.layers]
    return [{path: entry for path, entry in entries.items() if entry.kind is not Kind.DIRECTORY} for entries in layers]


def changed_files(exploration: Exploration) -> list[dict[str, str]]:
    """Returns the changes of each layer, without those of directories."""
    tree = exploration.tree
    directories = {
        node for node in tree.walk() if any(v.entry and v.entry.kind is Kind.DIRECTORY for v in node.history)
    }
    return [
        {
            node.path: change.value
            for node, change in changes(tree, number - 1, number).by_node.items()
            if node not in directories
        }
        for number in range(len(tree.layers))
    ]


def figures(exploration: Exploration) -> object:
    """Returns the bytes that are shipped, visible and wasted, and by whom."""
    usage = exploration.usage
    return usage.visible_bytes, sorted(usage.wasted, key=str), [layer.bytes for layer in exploration.layers]
