"""A path's way through the layers: which of them brought, changed or hid it, and what that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.changes import differences
from explorer.analysis.directories import Directories
from explorer.analysis.sizes import DirectorySizes
from explorer.layers.tree import Node
from explorer.model import Change, Entry, Kind


class PathChange(NamedTuple):
    """What one layer made of a path."""

    layer: int
    change: Change
    """UNCHANGED: the same again, or for a directory that only what is below it changed."""
    size: int
    """Bytes from then on; of a directory those visible below it."""
    differs: tuple[str, ...] = ()
    """For MODIFIED what differs, in the words of ``differences``."""
    before: Entry | None = None
    """What the layer found and replaced; None where it found nothing, or replaced nothing."""
    after: Entry | None = None
    """What it put in the place of that."""


def history(directories: Directories, sizes: DirectorySizes, node: Node) -> Iterator[PathChange]:
    """A path's way through the layers, bottom first: those that brought, changed or hid it, or something below it."""
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
            became = Change.MODIFIED if differs else Change.UNCHANGED
            yield PathChange(layer, became, size, differs, before.entry, entry)
        before = version
