"""Lists the files of an image at one layer, as lines of text or JSON."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.changes import Changes, change, changes
from explorer.analysis.filter.query import EVERYTHING, Query
from explorer.layers.tree import Node
from explorer.model import Change, Entry, Kind
from explorer.pipeline import Exploration
from explorer.report.json_text import dumps
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import DISPOSABLE_MARK, mode, owner, target

if TYPE_CHECKING:
    from explorer.analysis.packages.image_packages import ImagePackages

MARKS = {Change.ADDED: "+", Change.MODIFIED: "~", Change.REMOVED: "-", Change.UNCHANGED: " "}
_MIN_OWNER_CHARS = 11
_DIRECTORY = Kind.DIRECTORY
_CHANGE_ORDER = (Change.REMOVED, Change.MODIFIED, Change.ADDED, Change.UNCHANGED)


class Order(enum.Enum):
    """The orders of a listing."""

    PATH = "path"
    SIZE = "size"
    LAYER = "layer"
    CHANGE = "change"


class ListedPath(NamedTuple):
    """One path of a listing."""

    path: str
    entry: Entry
    """The entry at this path; of a removed path its last entry."""
    layer: int
    """The layer that ships the entry."""
    change: Change
    """The change against the layer below."""
    total_bytes: int
    """Visible bytes below a directory; bytes of anything else."""
    is_disposable: bool
    """True if it is a file that a container of the whole image sees and is not expected to need."""
    package: str | None = None
    """The name of the package that owns it; None if none does, or if packages are not listed."""


def listing(
    exploration: Exploration,
    layer: int,
    *,
    changes_only: bool = False,
    query: Query = EVERYTHING,
    with_packages: bool = False,
) -> Iterator[ListedPath]:
    """Lists the paths that exist at a layer or that it removed, in path order.

    With packages, files have the name of the package that owns them. Directories have none, because packages share
    them.

    Raises BadQuery if the pattern of the query takes too long.
    """
    tree, sizes, disposable = exploration.tree, exploration.sizes, exploration.disposable_nodes
    wanted = _matches(exploration, layer, query) if query else None
    for node in tree.walk():
        if node is tree.root or (wanted is not None and node not in wanted):
            continue
        point, version = layer, node.version_at(layer)
        path_change = change(tree, node, layer - 1, layer)
        if path_change is Change.REMOVED:
            point, version = layer - 1, node.version_at(layer - 1)
        if version is None or version.entry is None or (changes_only and path_change is Change.UNCHANGED):
            continue
        entry = version.entry
        total_bytes = sizes.at(node, point) if entry.kind is _DIRECTORY else entry.size
        is_disposable = node in disposable and version is node.history[-1]
        has_owner = with_packages and entry.kind is not _DIRECTORY
        owning = exploration.packages.owner(node, point) if has_owner else None
        package = owning.full_name if owning is not None else None
        yield ListedPath(node.path, entry, version.layer, path_change, total_bytes, is_disposable, package)


def ordered(
    lines: Iterable[ListedPath], order: Order, top: int | None = None, *, directories_last: bool = True
) -> Iterable[ListedPath]:
    """Returns the lines in an order, at most ``top`` of them. They come in path order.

    By size the largest comes first, then what has no size, such as links; directories come last. Otherwise the
    directories above a large file would come before it.
    """
    if order is Order.SIZE:
        lines = sorted(lines, key=lambda line: _size_order(line, directories_last))
    elif order is Order.LAYER:
        lines = sorted(lines, key=lambda line: line.layer)
    elif order is Order.CHANGE:
        lines = sorted(lines, key=lambda line: _CHANGE_ORDER.index(line.change))
    return lines if top is None else islice(lines, min(top, sys.maxsize))


def owner_chars(exploration: Exploration) -> int:
    """Returns the characters of the longest owner in any layer."""
    owners = {(entry.uid, entry.gid) for index in exploration.tree.layers for entry in index.entries}
    return max((len(f"{uid}:{gid}") for uid, gid in owners), default=0)


def as_text(line: ListedPath, max_owner_chars: int = _MIN_OWNER_CHARS) -> str:
    """Marks, mode, owner, size, path, link target and package, without a newline."""
    entry = line.entry
    shown = size(line.total_bytes) if _has_size(line) else "-"
    marks = f"{MARKS[line.change]}{DISPOSABLE_MARK if line.is_disposable else ' '}"
    owner_text = owner(entry).rjust(max(max_owner_chars, _MIN_OWNER_CHARS))
    text = f"{marks} {mode(entry)} {owner_text} {shown:>8} /{printable(line.path)}"
    link = target(entry)
    package = f" [{printable(line.package)}]" if line.package is not None else ""
    return f"{text} {link}{package}" if link else f"{text}{package}"


def as_json(line: ListedPath) -> str:
    """A JSON object on one line, without a newline."""
    entry = line.entry
    return dumps(
        {
            "path": f"/{line.path}",
            "type": entry.kind.label,
            "bytes": entry.size,
            "total_bytes": line.total_bytes,
            "mode": f"{entry.mode:04o}",
            "uid": entry.uid,
            "gid": entry.gid,
            "link": entry.link,
            "layer": line.layer,
            "change": line.change.value,
            "disposable": line.is_disposable,
            "package": line.package,
        }
    )


class _LayerFacts:
    """The facts that the terms of a query ask for. Satisfies VisibleFacts."""

    def __init__(self, exploration: Exploration, layer: int) -> None:
        self._exploration = exploration
        self._sizes = exploration.sizes
        self.changes: Changes = changes(exploration.tree, layer - 1, layer)

    @property
    def packages(self) -> ImagePackages:
        """The packages of the image, read at the first request."""
        return self._exploration.packages

    def entry(self, node: Node) -> Entry | None:
        """Returns the entry at the layer; of a removed node, its last entry."""
        return node.entry_at(self.changes.layer) or node.entry_at(self.changes.base)

    def entries(self, nodes: Sequence[Node]) -> Sequence[Entry | None]:
        return list(map(self.entry, nodes))

    def size(self, node: Node) -> int:
        entry = self.entry(node)
        if entry is None or entry.kind is not _DIRECTORY:
            return entry.size if entry else 0
        is_there = node.entry_at(self.changes.layer) is not None
        return self._sizes.at(node, self.changes.layer if is_there else self.changes.base)


def _matches(exploration: Exploration, layer: int, query: Query) -> Set[Node]:
    """Returns the nodes that pass a query, as the screen finds them at a layer."""
    nodes: Sequence[Node] = exploration.path_filter.nodes(query)
    if query.view_terms:
        facts = _LayerFacts(exploration, layer)
        # A node that the layer does not know passes no term, not even a negated one.
        nodes = [node for node in nodes if facts.entry(node) is not None]
        for term in query.view_terms:
            nodes = term.test.filter_visible(nodes, facts, term.negated)
    return set(nodes)


def _size_order(line: ListedPath, directories_last: bool) -> tuple[bool, bool, int]:
    return directories_last and _is_directory(line), not _has_size(line), -line.total_bytes


def _has_size(line: ListedPath) -> bool:
    return line.entry.kind.has_content or _is_directory(line)


def _is_directory(line: ListedPath) -> bool:
    return line.entry.kind is _DIRECTORY
