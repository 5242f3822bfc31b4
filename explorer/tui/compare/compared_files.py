"""The files pane of two images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from textual.content import Content

from explorer.analysis.image_diff.file_changes import UNKNOWN
from explorer.layers.tree import Node
from explorer.model import Change, Entry, Kind
from explorer.text.printable import printable, shortened
from explorer.text.units import counted, size, utc_time
from explorer.text.words import enumerated, mode, owner, target
from explorer.tui.availability import Availability
from explorer.tui.compare.compared_tree import ComparedTree
from explorer.tui.compare.words import growth, growth_colour
from explorer.tui.files.file_tree import FileTree
from explorer.tui.files.files_pane import FilesPane, filter_part, hidden_part, with_order
from explorer.tui.history.history_items import HistoryItem, PathHistory, folded_history
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.marks import COLOURS
from explorer.viewmodel.cause_rows import CausePlace, cause_sentence, causes_of
from explorer.viewmodel.compared_views import NEW, OLD, ComparedViews
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.visible_tree import VisibleTree

if TYPE_CHECKING:
    from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause

_MAX_QUERY_CELLS = 200
_MAX_DETAIL_CHARS = 200
_NOT_IN_LAYERS = "No file that containers see differs because of these layers."
_WORDS = {UNKNOWN: "contents not read"}
"""Name of a difference to its words, where they differ."""


class ComparedFiles(FilesPane):
    """The filter, the column headers, and the files of both images."""

    TREE = ComparedTree
    time_count = 0
    """Number of paths that differ only in their times."""
    is_narrowed = False
    """True if only paths of some layers count as changed."""
    differences: Mapping[str, Set[str]] = {}
    """Path to the attributes that differ."""
    causes: Sequence[DifferenceCause] = ()
    """The causes why two builds differ, once they are read."""

    def _use(self, views: ViewCache) -> None:
        super()._use(views)
        self.ignored = views.hidden if isinstance(views, ComparedViews) else frozenset()

    def no_rows(self, views: ViewCache, listing: VisibleTree) -> str:  # noqa: ARG002 - of the base
        view = listing.view
        times = f"{counted(self.time_count, 'path')} {'differs' if self.time_count == 1 else 'differ'} only in time"
        if view.query:
            query = cut(printable(view.query.text), _MAX_QUERY_CELLS)
            all_files = ", {explore.changes} to see all files" if view.changes_only else ""
            what = "Nothing that differs matches" if view.changes_only else "Nothing in the two images matches"
            return f"{what}\n\n{query}\n\nPress {{explore.clear-filter}} to clear the filter{all_files}."
        if view.changes_only and not listing.nodes.changes.by_node and self.is_narrowed:
            return f"{_NOT_IN_LAYERS}\n\nPress {{explore.all-steps}} to see the files of all layers."
        if view.changes_only and not listing.nodes.changes.by_node:
            if self.ignored:
                return f"Nothing else differs: {times}.\n\nPress {{explore.times}} to show them."
            return "The files of both images are the same.\n\nPress {explore.changes} to see all files."
        if view.hidden:
            kinds = ", ".join(change.value for change in Change if change in view.hidden)
            return f"Everything is hidden: {kinds}.\n\nPress {{explore.show-all}} to show it."
        return "There are no files in the two images."

    def path_history(self) -> PathHistory | None:
        """Returns the selected path in both images, and what differs."""
        tree = self.query_one(FileTree)
        row, visible = tree.selected, tree.visible_tree
        if row is None or visible is None or self.exploration is None:
            return None
        nodes, node = visible.nodes, row.node
        if row.folded and node.parent is not None:
            return folded_history(node.parent.path, sum(map(nodes.size, row.folded)), row.name)
        old, new = node.entry_at(OLD), node.entry_at(NEW)
        items = [
            *_sides(node, old, new, nodes.bytes_at(node, OLD), nodes.bytes_at(node, NEW)),
            *_differs(self.differences.get(node.path, frozenset())),
            *_causes(causes_of(self.causes, node.path)),
        ]
        return PathHistory(node.path, items)

    def known_of(self, node: Node) -> Sequence[str]:
        """Returns the causes of the difference of a path, and what to do."""
        return [cause_sentence(each) for each in causes_of(self.causes, node.path)]

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """A path of two images has no command of a layer."""
        if action == "copy_command":
            return "Select a layer first: this copies its command."
        return super().availability(action, parameters)


def _sides(node: Node, old: Entry | None, new: Entry | None, old_bytes: int, new_bytes: int) -> Iterator[HistoryItem]:
    """Yields the path in both images."""
    is_same = old is not None and node.version_at(OLD) is node.version_at(NEW) and old_bytes == new_bytes
    sides = (("both", new, new_bytes),) if is_same else (("old", old, old_bytes), ("new", new, new_bytes))
    for name, entry, bytes_ in sides:
        if entry is None:
            change = Change.REMOVED if name == "new" else Change.ADDED
            words = "removed" if name == "new" else "not there"
            yield _item((f"{name}: ", "$muted"), (words, COLOURS[change]))
            continue
        link = target(entry) if entry.kind is Kind.SYMLINK else ""
        facts = ", ".join(filter(None, (link, mode(entry), owner(entry), utc_time(entry.mtime_ns))))
        head = Content.assemble((f"{name}: ", "$muted"), size(bytes_))
        yield HistoryItem(Content.assemble(head, (f", {facts}", "$muted")), head)
    if old is not None and new is not None and old_bytes != new_bytes:
        difference = new_bytes - old_bytes
        yield _item((growth(difference), growth_colour(difference)))


def _differs(names: Set[str]) -> Iterator[HistoryItem]:
    if names:
        words = enumerated([_WORDS.get(name, name) for name in sorted(names)], "and")
        yield _item(("differs in ", "$muted"), (words, COLOURS[Change.MODIFIED]))


def _causes(places: Sequence[CausePlace]) -> Iterator[HistoryItem]:
    shown = {cause.cause: (cause, place) for cause, place in reversed(places)}
    for cause, place in reversed(shown.values()):
        short = Content.styled(cause.title, "$key")
        detail = f" ({shortened(place.detail, _MAX_DETAIL_CHARS)})" if place.detail else ""
        yield HistoryItem(Content.assemble(short, (detail, "$muted")), short)


def _item(*parts: tuple[str, str]) -> HistoryItem:
    words = Content.assemble(*parts)
    return HistoryItem(words, words)


def files_description(view: View, hides_times: bool, time_count: int, step: str, width: int) -> Content:
    """Returns what shows and the order, as much as fits.

    Args:
        view: The view.
        hides_times: True if what differs only in its time is hidden.
        time_count: The number of paths that differ only in their times.
        step: The layers that the files are narrowed to; empty if they are not.
        width: The cells that there are.
    """
    parts = [Content.styled(f"of {step.lower()}", "$key")] if step else []
    parts += [Content.styled("changes only", "$key") if view.changes_only else Content("all files")]
    parts += hidden_part(view)
    if time_count and hides_times:
        parts.append(Content.styled(f"{time_count:,} only in time hidden", "$key"))
    elif time_count:
        parts.append(Content(f"{time_count:,} only in time"))
    return with_order([*parts, *filter_part(view)], view, width)
