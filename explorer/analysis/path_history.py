"""The history of a path: the layers that change it, and the differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.changes import differences
from explorer.analysis.directories import Directories
from explorer.analysis.sizes import DirectorySizes
from explorer.layers.tree import Node
from explorer.model import Change, Entry, Kind


class PathChange(NamedTuple):
    """The change of a path by one layer."""

    layer: int
    change: Change
    """UNCHANGED if the layer ships the same again, or if only the contents of a directory changed."""
    size: int
    """Bytes of the file at this layer, or visible bytes below the directory."""
    differs: tuple[str, ...] = ()
    """The attributes that differ if the change is MODIFIED; see ``differences``."""
    before: Entry | None = None
    """The entry that the layer replaces; None if it replaces none."""
    after: Entry | None = None
    """The entry that replaces it."""


def history(directories: Directories, sizes: DirectorySizes, node: Node) -> Iterator[PathChange]:
    """Yields the changes of a path, or of something below it, bottom layer first."""
    tree = directories.tree
    versions = {version.layer: version for version in node.history}
    layers: Sequence[int] = range(tree.top + 1) if node.children else sorted(versions)
    before = None
    for layer in layers:
        version = versions.get(layer)
        entry = version.entry if version else node.entry_at(layer)
        is_directory = entry is not None and entry.kind is Kind.DIRECTORY
        size = sizes.at(node, layer) if is_directory else entry.size if entry else 0
        if version is None:
            if is_directory and node in directories.touched[layer]:
                yield PathChange(layer, Change.UNCHANGED, size)
            continue
        if before is None or before.entry is None:
            if entry is not None:
                yield PathChange(layer, Change.ADDED, size)
        elif entry is None:
            yield PathChange(layer, Change.REMOVED, 0)
        else:
            differs = tuple(differences(tree, before, version))
            change = Change.MODIFIED if differs else Change.UNCHANGED
            yield PathChange(layer, change, size, differs, before.entry, entry)
        before = version
