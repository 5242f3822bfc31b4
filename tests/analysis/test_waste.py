"""The byte usage: each wasted file has one cause, one layer that ships it and one that hides it."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.waste import ByteUsage, byte_usage, waste_by_layer
from explorer.layers.merge import merge
from explorer.model import Cause, Entry, Kind, LayerIndex, Waste
from tests.images import MB, big, directory, explored_layers, file, hardlink, image, layer, opaque, symlink, whiteout

REMOVED, OVERWRITTEN, RECOPIED, DUPLICATE = Cause.REMOVED, Cause.OVERWRITTEN, Cause.RECOPIED, Cause.DUPLICATE


@pytest.fixture
def account(tmp_path: Path) -> Callable[..., ByteUsage]:
    """Returns a function that computes the byte usage of layers."""
    return lambda *layers: explored_layers(tmp_path, *layers).usage


# Name, layers from the bottom, wasted megabytes by cause.
SHAPES: list[tuple[str, list[bytes], dict[Cause, float]]] = [
    ("a directory removed later", [layer(big("d/a", 5), big("d/b", 5)), layer(whiteout("d"))], {REMOVED: 10}),
    (
        "an opaque mark that comes last in its tar",
        [layer(big("d/a", 5)), layer(directory("d/"), big("d/c", 1), opaque("d"))],
        {REMOVED: 5},
    ),
    (
        "a directory removed and made anew in one step",
        [layer(big("d/a", 5)), layer(whiteout("d"), directory("d/"), file("d/n", b"n"))],
        {REMOVED: 5},
    ),
    (
        "a directory that comes back in a third layer",
        [layer(big("t/x", 5)), layer(whiteout("t")), layer(directory("t/"), file("t/y", b"y"))],
        {REMOVED: 5},
    ),
    (
        "a whiteout of nothing beside a replaced file",
        [layer(big("big", 10)), layer(whiteout("nope"), big("big", 10, 2))],
        {OVERWRITTEN: 10},
    ),
    ("a link in place of a directory", [layer(big("bin/a", 5)), layer(symlink("bin", "usr/bin"))], {REMOVED: 5}),
    ("a directory in place of a file", [layer(big("p", 5)), layer(file("p/x", b"x"))], {OVERWRITTEN: 5}),
    ("a log that grew", [layer(big("log", 1)), layer(big("log", 10))], {OVERWRITTEN: 1}),
    (
        "a file replaced twice",
        [layer(big("big", 10)), layer(big("big", 10, 2)), layer(big("big", 10, 3))],
        {OVERWRITTEN: 20},
    ),
    ("a mode changed later", [layer(big("big", 10)), layer(big("big", 10, mode=0o755))], {RECOPIED: 10}),
    (
        "a file removed and brought back unchanged",
        [layer(big("big", 10)), layer(whiteout("big")), layer(big("big", 10))],
        {REMOVED: 10},
    ),
    ("one of two names removed", [layer(big("x", 5), hardlink("y", "x")), layer(whiteout("x"))], {}),
    ("a move in a later layer", [layer(big("a", 10)), layer(whiteout("a"), big("b", 10))], {REMOVED: 10}),
    ("a path twice in one tar", [layer(big("a", 5), big("a", 5))], {DUPLICATE: 5}),
    # Beyond the table.
    (
        "both names removed, one after the other",
        [layer(big("x", 5), hardlink("y", "x")), layer(whiteout("x")), layer(whiteout("y"))],
        {REMOVED: 5},
    ),
    (
        "one name replaced, the other removed later",
        [layer(big("x", 5), hardlink("y", "x")), layer(big("x", 5, 2)), layer(whiteout("y"))],
        {REMOVED: 5},
    ),
    (
        "both names copied up by a change of owner",
        [layer(big("x", 5), hardlink("y", "x")), layer(big("x", 5, uid=7), hardlink("y", "x", uid=7))],
        {RECOPIED: 5},
    ),
    ("a name whose first inode lives on in a link", [layer(big("x", 5), hardlink("y", "x"), big("x", 3, 2))], {}),
    ("a link that only copies a name", [layer(big("x", 5)), layer(big("x", 5), hardlink("y", "x"))], {RECOPIED: 5}),
    ("a file below an opaque root", [layer(big("a", 5)), layer(opaque(""), file("b", b"b"))], {}),
    (
        "a whiteout and the same name in one tar",
        [layer(big("big", 10)), layer(whiteout("big"), big("big", 10))],
        {REMOVED: 10},
    ),
    (
        "a parent replaced by a file and made a directory again",
        [layer(big("d/a", 5)), layer(file("d", b"f")), layer(file("d/b", b"b"))],
        {REMOVED: 5, OVERWRITTEN: 1e-6},
    ),
    ("an empty file replaced", [layer(file("e")), layer(file("e", b"x"))], {}),
    ("the same bytes three times", [layer(big("f", 2)), layer(big("f", 2)), layer(big("f", 2))], {RECOPIED: 4}),
    (
        "other spellings of one path",
        [layer(big("./a", 2)), layer(big("/a", 2, 2)), layer(big("x/../a", 9))],
        {OVERWRITTEN: 4},
    ),
    (
        "a path twice, and again in the next layer",
        [layer(big("a", 5), big("a", 5, 2)), layer(big("a", 5))],
        {DUPLICATE: 5, OVERWRITTEN: 5},
    ),
    ("a directory replaced within one tar", [layer(big("d/a", 5), file("d", b"f"))], {DUPLICATE: 5}),
    ("bytes of a whiteout", [layer(big("a", 1)), layer(big(".wh.a", 2))], {REMOVED: 1, DUPLICATE: 2}),
    ("content below the name of a whiteout", [layer(big("a", 1)), layer(big(".wh.a/b", 2))], {}),
    ("a member below links that lead nowhere", [layer(symlink("a", "a"), big("a/b", 2))], {DUPLICATE: 2}),
    (
        "differences of a Windows registry",
        [layer(big("Hives/Sam_Delta", 1)), layer(big("Hives/Sam_Delta", 1)), layer(big("Hives/Sam_Delta", 3))],
        {},
    ),
    (
        "differences of a Windows registry that are removed",
        [layer(big("Hives/Sam_Delta", 1)), layer(big("Hives/Sam_Delta", 3)), layer(whiteout("Hives"))],
        {REMOVED: 4},
    ),
    ("an image without layers", [], {}),
]


@pytest.mark.parametrize(("layers", "wasted"), [shape[1:] for shape in SHAPES], ids=[shape[0] for shape in SHAPES])
def test_byte_usage(account: Callable[..., ByteUsage], layers: list[bytes], wasted: dict[Cause, float]) -> None:
    """Each image wastes exactly the bytes of its causes."""
    found = account(*layers)
    assert {cause: count for cause, count in found.by_cause.items() if count} == {
        cause: round(megabytes * MB) for cause, megabytes in wasted.items()
    }
    assert found.wasted_bytes == sum(waste.bytes for waste in found.wasted)


@pytest.mark.end_to_end
@pytest.mark.parametrize("name", ["./", "/"])
@pytest.mark.parametrize(("layers", "wasted"), [shape[1:] for shape in SHAPES], ids=[shape[0] for shape in SHAPES])
def test_a_root_entry_changes_nothing(
    account: Callable[..., ByteUsage], layers: list[bytes], wasted: dict[Cause, float], name: str
) -> None:
    """A root entry at the start of each layer, as many tools write it, leaves all causes of waste as they are."""
    entry = layer(directory(name))[: tarfile.BLOCKSIZE]
    usage = account(*(entry + tar for tar in layers))
    assert {cause: bytes_ for cause, bytes_ in usage.by_cause.items() if bytes_} == {
        cause: megabytes * MB for cause, megabytes in wasted.items()
    }


@pytest.mark.end_to_end
@pytest.mark.parametrize("layers", [shape[1] for shape in SHAPES], ids=[shape[0] for shape in SHAPES])
def test_directory_sizes_agree(layers: list[bytes], tmp_path: Path) -> None:
    """The size of the root at the top is the visible bytes of the image."""
    found = explored_layers(tmp_path, *layers)
    assert found.sizes.at(found.tree.root, found.tree.top) == found.usage.visible_bytes


def test_efficiency_is_visible_over_shipped(account: Callable[..., ByteUsage]) -> None:
    """A log of 1 MB that grew to 10 MB leaves 10 of 11 MB visible."""
    found = account(layer(big("log", 1)), layer(big("log", 10)))
    assert found.efficiency == pytest.approx(10 / 11)
    assert (found.shipped_bytes, found.visible_bytes) == (11 * MB, 10 * MB)


def test_an_image_that_ships_nothing_is_efficient(account: Callable[..., ByteUsage]) -> None:
    """Nothing shipped is nothing wasted: the efficiency is 1."""
    assert account(layer(directory("d"))).efficiency == 1


def test_each_waste_names_its_layers_largest_first(account: Callable[..., ByteUsage]) -> None:
    """Wasted files have path, bytes, cause, shipping layer and hiding layer, largest first."""
    found = account(
        layer(big("var/lists", 2), big("keep", 1)),
        layer(big("app", 3)),
        layer(whiteout("var/lists"), big("app", 3, mode=0o600)),
    )
    assert found.wasted == (Waste("app", 3 * MB, RECOPIED, 1, 2), Waste("var/lists", 2 * MB, REMOVED, 0, 2))
    assert found.by_shipping_layer == {0: 2 * MB, 1: 3 * MB}
    assert found.by_hiding_layer == {2: 5 * MB}


def test_a_hard_link_wastes_when_its_last_name_goes(account: Callable[..., ByteUsage]) -> None:
    """The layer that hides the last name of an inode hides its bytes."""
    found = account(layer(big("x", 5), hardlink("y", "x")), layer(whiteout("x")), layer(big("y", 1)))
    assert found.wasted == (Waste("x", 5 * MB, OVERWRITTEN, 0, 2),)


def test_a_touched_file_is_recopied_and_an_edited_one_overwritten(account: Callable[..., ByteUsage]) -> None:
    """Equal bytes at the same path are recopied even when time and owner differ; other bytes are not."""
    found = account(
        layer(file("same", b"abc"), file("other", b"abc")),
        layer(file("same", b"abc", mtime=1, uid=5), file("other", b"abd")),
    )
    assert {waste.path: waste.cause for waste in found.wasted} == {"same": RECOPIED, "other": OVERWRITTEN}


@pytest.mark.parametrize("compress", ["gzip", "zstd"])
def test_copies_are_told_in_compressed_layers_too(tmp_path: Path, compress: str) -> None:
    """The cause of a later copy does not depend on the storage of the layers."""
    from tests.images import explored, gzipped, oci_archive, zstded

    made = image(layer(file("a", b"one"), file("b", b"two")), layer(file("a", b"one", mode=0o600), file("b", b"owt")))
    path = tmp_path / "image.tar"
    path.write_bytes(oci_archive(made, compress=gzipped if compress == "gzip" else zstded, suffix=f"+{compress}"))
    assert {waste.path: waste.cause for waste in explored(path).usage.wasted} == {"a": RECOPIED, "b": OVERWRITTEN}


# Random images, made below the tar: a few names, so that they meet often.
_PATHS = st.sampled_from(["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "d/e/f"])
_FILES = st.tuples(_PATHS, st.sampled_from(["file", "file", "file", "link", "directory", "symlink"]), st.integers(0, 3))
_LAYERS = st.tuples(
    st.lists(_FILES, max_size=6), st.lists(_PATHS, max_size=2), st.lists(st.sampled_from(["", "d", "d/e"]), max_size=1)
)


def _index(number: int, items: list[tuple[str, str, int]], whiteouts: list[str], opaques: list[str]) -> LayerIndex:
    entries: dict[str, Entry] = {}
    for position, (path, kind, size) in enumerate(items):
        parents = [path.rpartition("/")[0], path.rpartition("/")[0].rpartition("/")[0]]
        if any(entries[parent].kind is not Kind.DIRECTORY for parent in parents if parent in entries):
            continue
        if any(known.startswith(f"{path}/") for known in entries) and kind != "directory":
            continue
        files = [entry for entry in entries.values() if entry.kind is Kind.FILE and entry.path != path]
        if path in entries:
            continue
        if kind == "link" and files:
            entries[path] = files[0]._replace(path=path, kind=Kind.HARDLINK, link=files[0].path)
        else:
            what = {"directory": Kind.DIRECTORY, "symlink": Kind.SYMLINK}.get(kind, Kind.FILE)
            length = size if what is Kind.FILE else 0
            entries[path] = Entry(path, what, length, 0o644, 0, 0, 0, "", (), position)
    prints = {entry.inode: bytes([entry.size, (number + entry.inode) % 2]) for entry in entries.values()}
    solid = {path for path, entry in entries.items() if entry.kind is not Kind.DIRECTORY}

    def below_a_directory(path: str) -> bool:
        return not any(path == name or path.startswith(f"{name}/") for name in solid)

    return LayerIndex(
        list(entries.values()),
        whiteouts=[path for path in whiteouts if below_a_directory(path.rpartition("/")[0])],
        opaques=[path for path in opaques if below_a_directory(path)],
        fingerprints=prints,
    )


@given(st.lists(_LAYERS, max_size=5))
def test_the_books_always_balance(layers: list[tuple[list[tuple[str, str, int]], list[str], list[str]]]) -> None:
    """Shipped is visible plus wasted; causes and layers add up to the waste; nothing is negative."""
    tree = merge(_index(number, *parts) for number, parts in enumerate(layers))
    found = byte_usage(tree)
    inodes = {
        (version.layer, version.entry.inode): version.entry.size
        for node in tree.walk()
        for version in node.history[-1:]
        if version.entry is not None and version.entry.kind.has_content
    }
    assert found.visible_bytes == sum(inodes.values())
    assert found.shipped_bytes == sum(index.shipped_bytes for index in tree.layers)
    assert found.wasted_bytes == sum(found.by_cause.values()) == sum(found.by_shipping_layer.values())
    assert sum(found.by_hiding_layer.values()) == found.wasted_bytes - found.by_cause[DUPLICATE]
    assert all(waste.bytes > 0 and waste.shipped_in <= waste.hidden_in for waste in found.wasted)
    assert 0 <= found.visible_bytes <= found.shipped_bytes


def test_waste_by_layer(tmp_path: Path) -> None:
    """A layer's waste is split by cause and hiding layer; a duplicate in one tar is hidden by no other layer."""
    found = explored_layers(
        tmp_path,
        layer(file("a", b"1" * 5), file("b", b"1" * 7), file("c", b"1"), file("c", b"22")),
        layer(file("d", b"1" * 9)),
        layer(whiteout("a"), whiteout("d"), file("b", b"2")),
    )
    by_layer = waste_by_layer(found.usage)
    assert by_layer.wasted == {
        0: {(Cause.REMOVED, 2): 5, (Cause.OVERWRITTEN, 2): 7, (Cause.DUPLICATE, 0): 1},
        1: {(Cause.REMOVED, 2): 9},
    }
    assert by_layer.hides == {2: {0, 1}}
