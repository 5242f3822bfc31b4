"""The files of two images in one tree: the columns, and the facts of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from explorer.config.settings import Sort
from explorer.layers.tree import Node
from explorer.model import Change, Entry
from explorer.text.units import size
from explorer.tui.compare.words import short_growth
from explorer.tui.files.file_tree import FileTree
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.marks import INSIDE, MARKS
from explorer.viewmodel.compared_views import NEW, OLD
from explorer.viewmodel.small_entries import is_changed
from explorer.viewmodel.visible_tree import VisibleTree


class ComparedFacts(NamedTuple):
    """Facts about a path of two images that the cells of its row show."""

    change: Change
    contains_changes: bool
    old_bytes: int | None
    """None if the old image does not have the path."""
    new_bytes: int | None
    """None if the new image does not have the path."""

    @property
    def growth(self) -> int:
        """The bytes that the new image has more; negative if it has fewer."""
        return (self.new_bytes or 0) - (self.old_bytes or 0)


def _mark(facts: ComparedFacts, cells: int) -> tuple[str, str]:  # noqa: ARG001 - it always fits
    if facts.change is Change.UNCHANGED and facts.contains_changes:
        return INSIDE, "file--inside"
    return MARKS[facts.change], f"file--{facts.change.value}"


def _old(facts: ComparedFacts, cells: int) -> tuple[str, str]:
    return ("·" if facts.old_bytes is None else size(facts.old_bytes)).rjust(cells), "file--muted"


def _new(facts: ComparedFacts, cells: int) -> tuple[str, str]:
    words = "·" if facts.new_bytes is None else size(facts.new_bytes)
    return words.rjust(cells), "" if facts.new_bytes and facts.new_bytes != facts.old_bytes else "file--muted"


def _growth(facts: ComparedFacts, cells: int) -> tuple[str, str]:
    style = "file--added" if facts.growth > 0 else "file--removed" if facts.growth else "file--muted"
    return short_growth(facts.growth).rjust(cells), style


class ComparedTree(FileTree):
    """The list of the files of two images."""

    HELP = """\
    # Files of both images

    One tree of what containers of both images see: the size in the old image, in the new one, and what the new one has
    more or less. The mark tells the change:

    - `+` only in the new image, `−` only in the old one, `~` modified
    - `·` a directory that contains changes

    At first only changes show, those that grew most first. **{explore.changes}** shows all files, or only changes.
    **{explore.times}** shows or hides what differs only in its time: rebuilt files often do. **{explore.sort}** sorts
    by growth, size or name, **{explore.reverse}** reverses the order. The size of a directory is that of all that
    containers see below it; with a filter, that of the matches below it.

    The line below the panes says what differs. **{files.diff}** shows the differences between both versions,
    **{files.view}** the file of the new image, or of the old one if the new one does not have it. **{files.save}**
    saves that.

    **{explore.filter}** filters as on the screen of one image: `is:added`, `is:modified` and `is:removed` are from the
    old image to the new one; `layer:0` is what the old image has, `layer:1` what differs in the new one.
    """
    CELLS: ClassVar[CellTable[ComparedFacts]] = {
        Column("mark", "±", ((0, 1),), key=Sort.CHANGE.value): _mark,
        Column("old", "old", ((40, 7),), right=True): _old,
        Column("new", "new", ((32, 7),), right=True, key=Sort.SIZE.value): _new,
        Column("growth", "growth", ((0, 8),), right=True, key=Sort.GROWTH.value): _growth,
    }
    COLUMNS = (*CELLS, Column("name", "name", key=Sort.NAME.value))

    def facts(self, tree: VisibleTree, node: Node, entry: Entry) -> ComparedFacts:  # noqa: ARG002 - of the base
        nodes = tree.nodes
        old, new = (nodes.bytes_at(node, point) if node.entry_at(point) is not None else None for point in (OLD, NEW))
        return ComparedFacts(nodes.change(node), nodes.contains_changes(node), old, new)

    def folded_facts(self, tree: VisibleTree, entries: Sequence[Node]) -> ComparedFacts:
        contains_changes = any(is_changed(tree, node) for node in entries)
        old, new = (sum(tree.nodes.bytes_at(node, point) for node in entries) for point in (OLD, NEW))
        return ComparedFacts(Change.UNCHANGED, contains_changes, old, new)
