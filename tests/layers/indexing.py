"""Indexes layers of made items, and checks the promises of every index."""

from __future__ import annotations

from collections import Counter, defaultdict

from explorer.model import Entry, Kind, LayerIndex
from tests.images import (
    Item,
    indexed,
    layer,
)


def index_of(*items: Item) -> LayerIndex:
    """Returns the index of a layer of these members, and checks the promises of every index."""
    index = indexed(layer(*items))
    check_promises(index)
    return index


def check_promises(index: LayerIndex) -> None:
    """Asserts the promises of every index."""
    paths = Counter(entry.path for entry in index.entries)
    assert not paths or max(paths.values()) == 1
    assert not any(path.rpartition("/")[2].startswith(".wh.") for path in paths)
    names: defaultdict[int, Counter[Kind]] = defaultdict(Counter)
    for entry in index.entries:
        if entry.kind.has_content and not dangles(index, entry):
            names[entry.inode][entry.kind] += 1
        if not entry.kind.has_content:
            assert entry.size == 0
        assert entry.kind not in (Kind.FILE, Kind.DIRECTORY, Kind.FIFO) or not entry.link
    assert all(kinds[Kind.FILE] == 1 for kinds in names.values())
    files = [*(entry for entry in index.entries if entry.kind is Kind.FILE), *index.superseded]
    assert len({entry.inode for entry in files}) == len(files)
    kinds = {entry.path: entry.kind for entry in index.entries}
    for path in (*kinds, *index.opaques, *index.whiteouts):
        parents = [path[:at] for at, letter in enumerate(path) if letter == "/"]
        assert all(kinds.get(parent, Kind.DIRECTORY) is Kind.DIRECTORY for parent in parents)


def dangles(index: LayerIndex, entry: Entry) -> bool:
    """True if an entry is a hard link that names no file."""
    named = (other.inode for other in index.entries if other.kind is Kind.FILE)
    return entry.kind is Kind.HARDLINK and entry.size == 0 and entry.inode not in named


def kinds_of(index: LayerIndex) -> dict[str, Kind]:
    """Returns the kind of each path of the layer."""
    return {entry.path: entry.kind for entry in index.entries}


def sizes_of(index: LayerIndex) -> dict[str, int]:
    """Returns the sizes of the layer's files."""
    return {entry.path: entry.size for entry in index.entries if entry.kind.has_content}


def names_by_inode(index: LayerIndex) -> list[set[str]]:
    """Returns the names of each inode of the layer."""
    names: defaultdict[int, set[str]] = defaultdict(set)
    for entry in index.entries:
        if entry.kind.has_content:
            names[entry.inode].add(entry.path)
    return sorted(names.values(), key=sorted)
