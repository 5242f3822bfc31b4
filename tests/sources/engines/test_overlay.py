"""Layer directories read in place: the same answer as the tar of the same layer."""

from __future__ import annotations

import os
import random
import socket
import stat
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.changes import changes
from explorer.analysis.waste import byte_usage
from explorer.errors import UnreadableLayer
from explorer.layers.cache import Cache, store_indexes, with_cache
from explorer.layers.copies import fingerprint_copies
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.merge import merge
from explorer.layers.tar_layer import TarLayer
from explorer.layers.tree import Tree
from explorer.model import Addressing, Entry, Kind, Layer, LayerIndex, Verified
from explorer.sources.engines.overlay import FallbackLayer, OverlayLayer, layer_directories
from tests import overlay
from tests.conftest import Mount
from tests.images import (
    Item,
    Watching,
    content_of,
    device,
    directory,
    explored_layers,
    fifo,
    file,
    hardlink,
    indexed,
    layer,
    opaque,
    ranged,
    symlink,
    whiteout,
)

pytestmark = pytest.mark.overlay

OPAQUES = ("trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque")
Unpacked = Callable[..., OverlayLayer]


@pytest.fixture
def unpacked(tmp_path: Path, overlay_mount: Mount) -> Unpacked:
    """Makes the directory of a layer out of the members of its tar. Needs root, as an overlay mount does."""
    count = iter(range(1_000))

    def unpack(*items: Item) -> OverlayLayer:
        root = tmp_path / f"layer-{next(count)}"
        root.mkdir()
        overlay.unpack(items, root)
        return OverlayLayer("layer 0", root)

    return unpack


def read(contents: OverlayLayer) -> LayerIndex:
    """Returns the index of a layer's directory."""
    return contents.index(lambda _: None)


def entries(index: LayerIndex) -> dict[str, Entry]:
    """Returns the entries by path, without the values that differ between a directory and a tar.

    That is where the content lies, how a hard link spells its target, and the times of directories.
    """
    by_path = {}
    for entry in index.entries:
        by_path[entry.path] = entry._replace(inode=0)
        if entry.kind is Kind.HARDLINK:
            by_path[entry.path] = entry._replace(inode=0, link="")
        elif entry.kind is Kind.DIRECTORY:
            by_path[entry.path] = entry._replace(inode=0, mtime_ns=0)
    return by_path


def inodes(index: LayerIndex) -> set[frozenset[str]]:
    """Returns the groups of names that share an inode."""
    contents = (Kind.FILE, Kind.HARDLINK)
    return overlay.shared({entry.path: entry.inode for entry in index.entries if entry.kind in contents})


def known(contents: Sequence[OverlayLayer]) -> Tree:
    """Returns the tree of layers, with the fingerprints that identify copies."""
    tree = merge(read(layer) for layer in contents)
    fingerprint_copies(tree, [Layer(number, layer) for number, layer in enumerate(contents)], Watching(), FetchLimit())
    return tree


def changed(tree: Tree) -> list[dict[str, str]]:
    """Returns the changes of each layer, by path."""
    return [
        {node.path: change.value for node, change in changes(tree, number - 1, number).by_node.items()}
        for number in range(len(tree.layers))
    ]


def seen(tree: Tree) -> list[dict[str, Entry]]:
    """Returns the visible entries at each layer."""
    visible_entries = []
    for number in range(len(tree.layers)):
        visible = [entry for node in tree.walk() if (entry := node.entry_at(number)) is not None]
        visible_entries.append(entries(LayerIndex(visible)))
    return visible_entries


def files_seen(tree: Tree) -> list[dict[str, Entry | None]]:
    """Returns the visible entries, without the metadata of directories."""
    return [
        {path: None if entry.kind is Kind.DIRECTORY else entry for path, entry in layer_entries.items()}
        for layer_entries in seen(tree)
    ]


LAYERS: tuple[tuple[Item, ...], ...] = (
    (
        directory("etc", mode=0o1777),
        file("etc/passwd", b"root", mode=0o4755, uid=3, gid=4),
        directory("d"),
        directory("d/e", uid=5),
        file("d/e/deep", b"deep" * 1000),
        file("d/gone", b"gone"),
        directory("o"),
        file("o/hidden", b"hidden"),
        file("same", b"same"),
        file("first", b"linked"),
        hardlink("second", "first"),
        hardlink("d/third", "first"),
        symlink("link", "etc/../d"),
        device("null", 1, 3, mode=0o666),
        fifo("pipe"),
    ),
    (
        directory("d"),
        whiteout("d/gone"),
        directory("o", mode=0o700),
        opaque("o"),
        file("o/new", b"new"),
        file("same", b"same", mode=0o600),
        file("link", b"no link any more"),
        whiteout("nope"),
    ),
    (directory("d"), whiteout("d/e"), file("first", b"LINKED"), whiteout("o"), symlink("etc", "d")),
)


def test_the_same_answer_as_the_tar(unpacked: Unpacked, tmp_path: Path) -> None:
    """Entries, whiteouts, changes and usage are those of the tars that the directories were made of."""
    archived = explored_layers(tmp_path, *(layer(*items) for items in LAYERS)).tree
    here = known([unpacked(*items) for items in LAYERS])
    for ours, theirs in zip(here.layers, archived.layers, strict=True):
        assert entries(ours) == entries(theirs)
        assert inodes(ours) == inodes(theirs)
        assert (sorted(ours.whiteouts), sorted(ours.opaques)) == (sorted(theirs.whiteouts), sorted(theirs.opaques))
        assert ours.shipped_bytes == theirs.shipped_bytes
        assert not ours.problems
    assert seen(here) == seen(archived)
    assert changed(here) == changed(archived)
    assert sorted(byte_usage(here).wasted) == sorted(byte_usage(archived).wasted)
    assert byte_usage(here).visible_bytes == byte_usage(archived).visible_bytes


@pytest.mark.parametrize("seed", range(5))
def test_random_layers_have_the_answer_of_their_tars(seed: int, unpacked: Unpacked, tmp_path: Path) -> None:
    """Random layers show the same at every point, read in place and from their tars."""
    chance = random.Random(seed)
    for _ in range(25):
        drawn = [overlay.random_layer(chance) for _ in range(chance.randint(2, 4))]
        archived = explored_layers(tmp_path, *(layer(*items) for items in drawn)).tree
        here = known([unpacked(*items) for items in drawn])
        for ours, theirs in zip(here.layers, archived.layers, strict=True):
            actual, expected = entries(ours), entries(theirs)
            # A parent directory without an entry in the tar must exist on disk; its metadata do not matter.
            assert {path: entry for path, entry in actual.items() if path in expected} == expected
            assert {entry.kind for path, entry in actual.items() if path not in expected} <= {Kind.DIRECTORY}
            assert inodes(ours) == inodes(theirs)
        assert files_seen(here) == files_seen(archived)
        assert byte_usage(here).visible_bytes == byte_usage(archived).visible_bytes


@pytest.mark.parametrize("attribute", OPAQUES)
@pytest.mark.parametrize("owner", [0, 1000])
def test_an_opaque_directory(attribute: str, owner: int, unpacked: Unpacked) -> None:
    """An attribute that marks an opaque directory counts if the engine's mounts obey it, but never at the root."""
    contents = unpacked(directory("d"), file("d/n"))
    for path in (contents.directory / "d", contents.directory, contents.directory / "d/n"):
        os.setxattr(path, attribute, b"y")
    os.chown(contents.directory.parent, owner, owner)
    obeyed = owner or attribute.startswith("trusted.")
    assert read(contents).opaques == (["d"] if obeyed else [])


def test_an_attribute_that_does_not_say_opaque(unpacked: Unpacked) -> None:
    """A directory with another value of the attribute hides nothing."""
    contents = unpacked(directory("d"), directory("e"))
    os.setxattr(contents.directory / "d", "trusted.overlay.opaque", b"n")
    os.setxattr(contents.directory / "e", "trusted.overlay.impure", b"y")
    assert read(contents).opaques == []


def test_a_whiteout_is_no_device(unpacked: Unpacked) -> None:
    """Only the character device 0:0 hides; other devices are entries."""
    contents = unpacked(directory("d"), whiteout("d/w"), device("c", 5, 1))
    os.mknod(contents.directory / "block", stat.S_IFBLK | 0o600, os.makedev(0, 0))
    index = read(contents)
    assert index.whiteouts == ["d/w"]
    devices = {entry.path: (entry.kind, entry.link, entry.size) for entry in index.entries}
    assert devices == {
        "d": (Kind.DIRECTORY, "", 0),
        "c": (Kind.CHARACTER_DEVICE, "5:1", 0),
        "block": (Kind.BLOCK_DEVICE, "0:0", 0),
    }


def test_marks_of_an_engine_that_may_make_no_devices(unpacked: Unpacked) -> None:
    """fuse-overlayfs marks with files, as a tar does; its own directories are whiteouts of nothing."""
    contents = unpacked(directory("d"), directory("o"))
    for name in (".wh.a", "d/.wh.b", "o/.wh..wh..opq", "o/.wh..wh.plnk", ".wh..opq", ".wh..wh..opq"):
        (contents.directory / name).touch()
    index = read(contents)
    assert sorted(index.whiteouts) == [".opq", "a", "d/b", "o/.wh.plnk"]
    assert index.opaques == ["o"]
    assert [entry.path for entry in index.entries] == ["d", "o"]


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh...", "d/.wh.", "d/.wh..", "d/.wh..."])
def test_whiteout_of_nothing(name: str, unpacked: Unpacked) -> None:
    """A mark without a name, or of ``.`` or ``..``, is a problem and hides nothing, as in a tar."""
    contents = unpacked(directory("d"), file("d/kept"))
    (contents.directory / name).touch()
    index = read(contents)
    assert index.whiteouts == []
    assert [entry.path for entry in index.entries] == ["d", "d/kept"]
    assert index.problems == [f"“{name}” is a whiteout that names no file; it was ignored"]


def test_a_directory_with_the_name_of_a_mark(unpacked: Unpacked) -> None:
    """A directory with the name of a mark is a directory, as the kernel shows it; it hides nothing."""
    contents = unpacked(directory("d"))
    (contents.directory / "d/.wh.full/deep").mkdir(parents=True)
    index = read(contents)
    assert index.whiteouts == []
    assert sorted(entry.path for entry in index.entries) == ["d", "d/.wh.full", "d/.wh.full/deep"]


def test_sockets_are_left_out(unpacked: Unpacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket, which no tar can hold, is left out."""
    contents = unpacked(file("a"), fifo("pipe"))
    monkeypatch.chdir(contents.directory)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
    assert (contents.directory / "socket").is_socket()
    assert [entry.path for entry in read(contents).entries] == ["a", "pipe"]


def test_names_that_are_not_utf_8(unpacked: Unpacked) -> None:
    """Bytes that are not UTF-8 are kept in names, link targets and whiteouts, and lead to the content."""
    contents = unpacked()
    name = b"caf\xe9\n\x1b[31m"
    root = contents.directory
    (root / os.fsdecode(name)).write_bytes(b"coffee")
    (root / "link\udcff").symlink_to(os.fsdecode(name))
    os.mknod(root / "gone\udcff", stat.S_IFCHR, os.makedev(0, 0))
    (root / "\udcfe").mkdir()
    index = read(contents)
    assert index.whiteouts == ["gone\udcff"]
    by_path = {entry.path: entry for entry in index.entries}
    assert by_path["link\udcff"].link == os.fsdecode(name)
    assert by_path["\udcfe"].kind is Kind.DIRECTORY
    assert content_of(contents, index, by_path[os.fsdecode(name)]) == b"coffee"


def test_attributes_of_the_image_are_kept_and_those_of_the_engine_left_out(unpacked: Unpacked) -> None:
    """Files and directories keep the extended attributes that a tar can bring, and no others."""
    contents = unpacked(file("ping"), file("plain"), directory("d"))
    capability = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)
    os.setxattr(contents.directory / "ping", "user.comment", b"x")
    os.setxattr(contents.directory / "ping", "security.capability", capability)
    os.setxattr(contents.directory / "plain", "trusted.overlay.origin", b"x")
    os.setxattr(contents.directory / "plain", "user.overlay.impure", b"y")
    os.setxattr(contents.directory / "d", "trusted.other", b"")
    assert {entry.path: entry.xattrs for entry in read(contents).entries} == {
        "ping": (("security.capability", capability), ("user.comment", b"x")),
        "plain": (),
        "d": (("trusted.other", b""),),
    }


def test_times_have_nanoseconds(unpacked: Unpacked) -> None:
    """Times keep their nanoseconds, as engines unpack them from a tar."""
    contents = unpacked(file("a", b"a"))
    os.utime(contents.directory / "a", ns=(0, 1_700_000_000_999_999_999))
    assert read(contents).entries[0].mtime_ns == 1_700_000_000_999_999_999


@pytest.mark.parametrize("names", [("a-b/x", "a/x"), ("b/x", "a"), ("z", "d/e/f", "d/e.f"), ("é", "z", "\udcff")])
def test_the_first_name_in_path_order_is_the_file(names: Sequence[str], unpacked: Unpacked) -> None:
    """The same name of an inode is the file in a directory and in a tar, whatever the order of its members."""
    first = {"a-b/x": "a/x", "b/x": "a", "z": "d/e/f", "é": "z"}[names[0]]
    for order in (names, names[::-1]):
        items = [file(order[0], b"linked"), *(hardlink(name, order[0]) for name in order[1:])]
        for index in (read(unpacked(*items)), indexed(layer(*items))):
            files = {entry.path: entry.kind for entry in index.entries if entry.kind is not Kind.DIRECTORY}
            assert files == {name: Kind.FILE if name == first else Kind.HARDLINK for name in names}
            assert index.shipped_bytes == 6
            assert all(entry.link in names for entry in index.entries if entry.kind is Kind.HARDLINK)


def test_a_mark_with_several_names(unpacked: Unpacked) -> None:
    """Marks that are hard links to each other, and to a file, hide and are not files."""
    contents = unpacked(file("a", b"a"), hardlink("b", "a"))
    for name in (".wh.x", ".wh.y"):
        (contents.directory / name).hardlink_to(contents.directory / "a")
    index = read(contents)
    assert sorted(index.whiteouts) == ["x", "y"]
    assert [(entry.path, entry.kind) for entry in index.entries] == [("a", Kind.FILE), ("b", Kind.HARDLINK)]


def test_a_link_to_a_name_of_another_layer(unpacked: Unpacked) -> None:
    """A file whose other names are outside the layer is a plain file."""
    first, second = unpacked(file("a", b"shared")), unpacked()
    (second.directory / "b").hardlink_to(first.directory / "a")
    (entry,) = read(second).entries
    assert (entry.kind, entry.size, entry.link) == (Kind.FILE, 6, "")


def test_content_by_any_name(unpacked: Unpacked) -> None:
    """Files and their hard links can be read; a symbolic link in the place of a file is not followed."""
    contents = unpacked(directory("d"), file("d/a", b"content"), hardlink("z", "d/a"), symlink("s", "/etc/passwd"))
    index = read(contents)
    for entry in index.entries:
        if entry.kind in (Kind.FILE, Kind.HARDLINK):
            assert content_of(contents, index, entry) == b"content"
    entry = next(entry for entry in index.entries if entry.kind is Kind.FILE)
    with pytest.raises(UnreadableLayer, match="/s cannot be read"):
        content_of(contents, index, entry._replace(path="s"))
    with pytest.raises(UnreadableLayer, match=r"/gone\\x1b cannot be read"):
        content_of(contents, index, entry._replace(path="gone\x1b"))


def test_a_file_that_has_become_a_pipe(unpacked: Unpacked) -> None:
    """A pipe in the place of a file, put there by a running container, does not block."""
    contents = unpacked(file("a", b"a"))
    index = read(contents)
    (contents.directory / "a").unlink()
    os.mkfifo(contents.directory / "a")
    with pytest.raises(UnreadableLayer, match="/a cannot be read: it is a named pipe, expected a file"):
        content_of(contents, index, index.entries[0])


def test_what_it_says_of_itself(unpacked: Unpacked) -> None:
    """A layer's directory counts as verified, is addressed by path, and has an unknown size."""
    contents = unpacked()
    assert (contents.verified, contents.streams, contents.stored_bytes) == (Verified.DIFF_ID, False, 0)
    assert contents.addressing is Addressing.DIRECTORY


# Not to be read in place


@pytest.mark.parametrize(
    ("path", "attribute"),
    [
        ("d", "trusted.overlay.redirect"),
        ("d", "user.overlay.redirect"),
        ("d/f", "trusted.overlay.metacopy"),
        ("d/f", "user.overlay.metacopy"),
        ("d/f", "trusted.overlay.redirect"),
        ("d/f", "trusted.overlay.whiteout"),
        ("d/f", "user.containers.override_stat"),
        ("d", "user.fuseoverlayfs.override_stat"),
    ],
)
def test_what_refers_to_another_layer_is_refused(path: str, attribute: str, unpacked: Unpacked) -> None:
    """A renamed directory, or a file with its content or owner elsewhere, is an error with an alternative."""
    contents = unpacked(directory("d"), file("d/f"))
    os.setxattr(contents.directory / path, attribute, b"/elsewhere")
    with pytest.raises(UnreadableLayer, match=f"layer 0 cannot be read in place: .*/{path}: ") as caught:
        read(contents)
    assert "--via save" in caught.value.hint


def test_another_way_is_taken_where_reading_in_place_fails(unpacked: Unpacked) -> None:
    """A layer that cannot be read in place is read, addressed and cached in the other way; else that is never asked."""
    good, bad = unpacked(file("a", b"a")), unpacked(file("a", b"a"))
    os.setxattr(bad.directory / "a", "trusted.overlay.metacopy", b"")
    other = TarLayer("layer 0", ranged(layer(file("saved", b"saved"))), diff_id="sha256:" + "1" * 64, is_trusted=True)
    asked: list[str] = []

    def otherwise() -> TarLayer:
        asked.append("saved")
        return other

    cache = Cache(good.directory.parent / "cache")
    results = []
    for contents, digest in ((good, "sha256:" + "2" * 64), (bad, other.diff_id)):
        layer_contents = FallbackLayer(contents, otherwise)
        (cached,) = with_cache([Layer(0, layer_contents, diff_id=digest)], cache)
        index = cached.contents.index(lambda _: None)
        store_indexes([cached], [index])
        results.append((index.entries[0].path, cached.contents.addressing, cache.has(digest, Addressing.TAR)))
        assert content_of(cached.contents, index, index.entries[0]) == index.entries[0].path.encode()
    assert results == [("a", Addressing.DIRECTORY, False), ("saved", Addressing.TAR, True)]
    assert asked == ["saved"]


@pytest.mark.parametrize("there", [None, "file"])
def test_a_layer_that_is_not_there(there: str | None, unpacked: Unpacked) -> None:
    """A layer whose directory is missing, or not a directory, is an error with an alternative."""
    contents = unpacked()
    contents.directory.rmdir()
    if there:
        contents.directory.write_text("no directory")
    with pytest.raises(UnreadableLayer, match="layer 0 cannot be read in place") as caught:
        read(contents)
    assert str(contents.directory) in caught.value.message
    assert "--via save" in caught.value.hint


def test_a_directory_that_may_not_be_read(unpacked: Unpacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory without permission is an error that names it, not a smaller layer."""
    contents = unpacked(directory("d"), directory("d/secret\x1b"), file("d/secret\x1b/a"))
    scandir = os.scandir

    def refused(path: Any) -> Any:
        if os.fsencode(path).endswith(b"secret\x1b"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(UnreadableLayer, match=r"d/secret\\x1b: Permission denied") as caught:
        read(contents)
    assert "--via save" in caught.value.hint


@pytest.mark.parametrize("gone", ["d", "d/e", "d/e/f"])
def test_what_vanishes_while_it_is_read(gone: str, unpacked: Unpacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or directory that a running container deletes after it was listed is left out."""
    contents = unpacked(directory("d"), directory("d/e"), file("d/e/f"), file("d/e/g"), file("z", b"z"))
    parent = contents.directory / Path(gone).parent
    scandir = os.scandir

    def vanishing(path: Any) -> Any:
        items = list(scandir(path))
        if os.fsdecode(path) == str(parent):
            (contents.directory / gone).rename(contents.directory.with_name("gone"))
        return _Listed(items)

    monkeypatch.setattr(os, "scandir", vanishing)
    paths = [entry.path for entry in read(contents).entries]
    assert gone not in paths
    assert "z" in paths


class _Listed(list[Any]):
    """Returns the items of ``os.scandir``."""

    def __enter__(self) -> _Listed:
        return self

    def __exit__(self, *_: object) -> None:
        pass


# Which directories


def inspected(lower: object, upper: object, name: object = "overlay2") -> dict[str, Any]:
    """Returns an engine's description of the directories of an image."""
    return {"GraphDriver": {"Name": name, "Data": {"LowerDir": lower, "UpperDir": upper}}}


def test_the_directories_of_the_layers(unpacked: Unpacked) -> None:
    """The engine's lowest directory comes first, its uppermost last."""
    one, two, three = (str(unpacked().directory) for _ in range(3))
    for driver in ("overlay2", "overlay"):
        assert layer_directories(inspected(f"{two}:{one}", three, driver)) == [Path(one), Path(two), Path(three)]
    assert layer_directories(inspected(None, one)) == [Path(one)]
    assert layer_directories(inspected("", one)) == [Path(one)]


def test_directories_that_are_not_all_here(unpacked: Unpacked, tmp_path: Path) -> None:
    """A missing or relative directory, or another driver, gives no directories."""
    here, plain = str(unpacked().directory), tmp_path / "file"
    plain.touch()
    for lower, upper in [
        (here, None),
        (here, ""),
        (f"{here}:", here),
        (f"{here}:relative", here),
        (f"{here}:{plain}", here),
        (f"{here}:{tmp_path}/nothing", here),
        (here, f"{tmp_path}/{'x' * 300}"),
        (here, "/\0"),
        (here, "/\ud800"),
    ]:
        assert layer_directories(inspected(lower, upper)) is None
    assert layer_directories(inspected(None, here, "btrfs")) is None


@pytest.mark.parametrize("missing", [2, 21])
def test_who_may_not_read_everything_reads_nothing_in_place(
    missing: int, unpacked: Unpacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the capabilities to read all files and attributes, layers are not read in place."""
    here = str(unpacked().directory)
    assert layer_directories(inspected(None, here)) == [Path(here)]
    status = f"Name:\tx\nCapEff:\t{(1 << 41) - 1 & ~(1 << missing):016x}\n"
    for text in (status, "Name:\tx\n", "CapEff:\tnonsense\n"):
        monkeypatch.setattr(Path, "read_text", lambda self, text=text: text)
        assert layer_directories(inspected(None, here)) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["/", "/tmp", "/tmp:/", "overlay2", "/\0"]),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "GraphDriver": json_values
            | st.fixed_dictionaries(
                {},
                optional={
                    "Name": json_values | st.just("overlay2"),
                    "Data": json_values
                    | st.fixed_dictionaries({}, optional={"UpperDir": json_values, "LowerDir": json_values}),
                },
            )
        },
    )
)
def test_odd_answers_name_no_directories(answer: dict[str, Any]) -> None:
    """Any description of directories gives existing directories, or none."""
    directories = layer_directories(answer)
    assert directories is None or (directories and all(path.is_dir() for path in directories))
