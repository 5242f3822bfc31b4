"""Two points of an image's history compared, in one line: what came, changed and went from one to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from explorer.analysis.changes import count_leaves
from explorer.model import Change, Kind
from explorer.text import size
from explorer.tui.marks import COLOURS, MARKS

if TYPE_CHECKING:
    from explorer.analysis.changes import Changes
    from explorer.layers.tree import Tree, Version

_DIRECTORY = Kind.DIRECTORY
_Inode = tuple[int, int]
"""Layer, and the inode's number in it."""
_COUNTED = (Change.ADDED, Change.MODIFIED, Change.REMOVED)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a container of one layer sees that one of the other does not."""

    base: int
    layer: int
    counts: Mapping[Change, int]
    """Numbers of non-directories."""
    more: int
    """Bytes of the files that came, and by which others grew."""
    less: int
    """Bytes of the files that went, and by which others shrank. An inode with several names counts once."""

    @classmethod
    def of(cls, tree: Tree, changes: Changes) -> Comparison:
        """The sums of all that changed."""
        base, layer = changes.base, changes.layer
        # What has one version, and that between the points, came with it or went. It is most of what there is.
        single = [history[0] for node in changes.by_node if len(history := node.history) == 1]
        contested = {node: became for node, became in changes.by_node.items() if len(node.history) > 1}
        counts = count_leaves(contested, base, layer)
        appeared = Change.ADDED if base < layer else Change.REMOVED
        counts[appeared] += len([1 for _, entry in single if entry is not None and entry.kind is not _DIRECTORY])
        linked: set[_Inode] = set()
        came = _unlinked_bytes(single, tree, linked)
        more, less = (came, 0) if base < layer else (0, came)
        for node in contested:
            before, after = (
                _unlinked_bytes([version], tree, linked) if version else 0
                for version in (node.version_at(base), node.version_at(layer))
            )
            more += max(after - before, 0)
            less += max(before - after, 0)
        for inode in linked:
            there, here = (_is_seen(inode, tree, point) for point in (base, layer))
            count = tree.linked[inode][0].entry.size
            more += count if here and not there else 0
            less += count if there and not here else 0
        return cls(base, layer, counts, more, less)


def _unlinked_bytes(versions: Sequence[Version], tree: Tree, linked: set[_Inode]) -> int:
    """Bytes of files with one name; the inodes of the others are noted."""
    known = tree.linked
    total = 0
    for layer, entry in versions:
        if entry is not None and entry.size:
            if known and (layer, entry.inode) in known:
                linked.add((layer, entry.inode))
            else:
                total += entry.size
    return total


def _is_seen(inode: _Inode, tree: Tree, point: int) -> bool:
    """Whether an inode is visible at a point under any of its names."""
    return any(node.version_at(point) == (inode[0], entry) for node, entry in tree.linked[inode])


def sentence(found: Comparison) -> Content:
    """The comparison in words."""
    points = [Content.assemble(("layer ", "$muted"), (str(point), "bold $key")) for point in (found.base, found.layer)]
    parts = [Content(" → ").join(points)]
    if found.layer == found.base:
        return Content.assemble("compared with ", points[0], (": select another one", "$muted"))
    if found.layer < found.base:
        parts.append(Content.styled("back in time", "$key"))
    counts = [
        Content.styled(f"{MARKS[change]} {found.counts[change]:,}", COLOURS[change])
        for change in _COUNTED
        if found.counts[change]
    ]
    if counts:
        word = "file" if sum(found.counts[change] for change in _COUNTED) == 1 else "files"
        parts.append(Content(" ").join([*counts, Content.styled(word, "$muted")]))
    else:
        parts.append(Content.styled("no file differs", "$muted"))
    for mark, count, change in (("+", found.more, Change.ADDED), ("−", found.less, Change.REMOVED)):
        if count:
            parts.append(Content.styled(f"{mark}{size(count)}", f"bold {COLOURS[change]}"))
    return Content("  ").join(parts)
