"""The items of the history bar: a path's changes, or the waste in a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from explorer.analysis.path_history import PathChange, history
from explorer.layers.tree import Node
from explorer.model import Change, Entry, Kind, Waste
from explorer.pipeline import Exploration
from explorer.text.printable import printable, shortened
from explorer.text.units import counted, size
from explorer.text.words import CAUSES, hidden_by, owner, saved
from explorer.tui.widgets.marks import COLOURS, DISPOSABLE
from explorer.viewmodel.file_figures import DisposableShare
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_packages import package_title

if TYPE_CHECKING:
    from explorer.analysis.packages.package import Package

GAP = "   "
"""Stands between items."""
ARROW = " › "
"""Stands between the layers of a history; as wide as the gap."""
GAP_CELLS = len(GAP)
_VERBS = {
    Change.ADDED: "added",
    Change.MODIFIED: "changed",
    Change.REMOVED: "removed",
    Change.UNCHANGED: "shipped again",
}
_CONTENT_DIFFERENCES = ("type", "bytes")
"""Differences that need no words in a short item, because the mark and the size show them."""
_MAX_LINK_CHARS = 60

_VALUES: Mapping[str, Callable[[Entry], str]] = {
    "mode": lambda entry: f"{entry.mode:04o}",
    "owner": owner,
    "type": lambda entry: entry.kind.label,
    "link": lambda entry: printable(shortened(entry.link, _MAX_LINK_CHARS)),
}


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One item of the bar, long with all values, and short without them."""

    long: Content
    short: Content
    layer: int | None = None
    """The layer that the item leads to; None for a note, which leads nowhere."""


class PathHistory(NamedTuple):
    """A path and the items that the bar shows for it."""

    path: str
    """Not printable; empty for items without a path."""
    items: Sequence[HistoryItem]
    node: Node | None = None
    """The path to show at other layers; None if the items lead nowhere."""
    layer: int = 0
    is_there: bool = False
    """True if the path already shows at that layer, so that a click on its item does nothing."""


def path_history(
    exploration: Exploration,
    node: Node,
    entry: Entry | None,
    layer: int,
    *,
    is_there: bool,
    disposable: DisposableShare | None = None,
) -> PathHistory:
    """Returns the history of a path, which is ``entry`` at the selected layer."""
    changes = list(history(exploration.directories, exploration.sizes, node))
    is_directory = entry is not None and entry.kind is Kind.DIRECTORY
    items = history_items(changes, is_directory)
    if disposable is not None:
        items.append(_disposable_item(disposable))
    return PathHistory(node.path, items, node, layer, is_there)


def folded_history(path: str, bytes_: int, entries: str) -> PathHistory:
    """Returns a directory, and some of its entries that share a row, in words."""
    words = Content.assemble((size(bytes_), "bold"), f" in {entries}", ("   ⏎ shows them", "$muted"))
    return PathHistory(path or "/", [HistoryItem(words, words)])


def _disposable_item(share: DisposableShare) -> HistoryItem:
    """Returns a path's disposable bytes: their kind, and how to keep them out."""
    if share.is_all:
        short = Content.styled(f"{DISPOSABLE} {share.kind.name}", "$disposable")
        return HistoryItem(Content.assemble(short, (f": {share.kind.remedy.title}", "$muted")), short)
    words = f"{DISPOSABLE} {size(share.bytes)} of {size(share.total_bytes)} disposable"
    short = Content.styled(words, "$disposable")
    return HistoryItem(Content.assemble(short, (f", the largest part {share.kind.name}", "$muted")), short)


def owner_item(owner: Package | None) -> HistoryItem:
    """Returns the package that owns a path, or that none does."""
    if owner is None:
        return _note("unowned")
    return _note(f"{owner.name_and_version} ({owner.kind})", owner.full_name)


def facts_history(name: str, *facts: str) -> PathHistory:
    """Returns the facts of a row without a path, the most important first."""
    head = Content.styled(name, "bold")
    long, short = ([Content.styled(f"{GAP}{fact}", "$muted") for fact in shown] for shown in (facts, facts[:1]))
    return PathHistory("", [HistoryItem(Content.assemble(head, *long), Content.assemble(head, *short))])


def title_item(title: str) -> HistoryItem:
    """Returns a title, printable, as the last item of a line."""
    return _note(title)


def history_items(changes: Sequence[PathChange], is_directory: bool) -> list[HistoryItem]:
    """Returns the history of a path, one item for each layer that touched it."""
    before = [None, *(change.size for change in changes)]
    verbs = [
        _directory_verb(change, size_before) if is_directory else _VERBS[change.change]
        for change, size_before in zip(changes, before, strict=False)
    ]
    return [
        HistoryItem(_change(change, verb, True), _change(change, verb, False), change.layer)
        for change, verb in zip(changes, verbs, strict=True)
    ]


def _directory_verb(change: PathChange, size_before: int | None) -> str:
    """Returns no verb if the size alone tells that something inside changed."""
    if change.change is not Change.UNCHANGED:
        return _VERBS[change.change]
    return "touched" if change.size == size_before else ""


def _change(change: PathChange, verb: str, is_long: bool) -> Content:
    parts = [Content.styled(verb, COLOURS[change.change])] if verb else []
    if change.change is not Change.REMOVED:
        parts.append(Content(size(change.size)))
    if change.differs and (is_long or not set(change.differs).intersection(_CONTENT_DIFFERENCES)):
        words = [_difference(change, difference) if is_long else difference for difference in change.differs]
        parts.append(Content.styled(", ".join(words), "$muted"))
    return Content.assemble((f"{change.layer}: ", "$muted"), Content(", ").join(parts))


def _difference(change: PathChange, difference: str) -> str:
    """Returns one difference with its values, if people can read them."""
    value = _VALUES.get(difference)
    if value is None or change.before is None or change.after is None:
        return difference
    before, after = value(change.before), value(change.after)
    return f"{difference} {before} → {after}" if before or after else difference


def waste_items(item: Group | Waste, together: str = "") -> list[HistoryItem]:
    """Returns the cause, bytes and layers of a wasted file or of a group.

    ``together`` are the words about the packages that the same layers ship and hide.
    """
    if isinstance(item, Waste):
        words = Content.assemble(
            (size(item.bytes), "bold $waste"),
            (" shipped by ", "$muted"),
            f"layer {item.shipped_in}",
            (", ", "$muted"),
            hidden_by(item.hidden_in, item.cause),
        )
        return [_note(item.cause.value), HistoryItem(words, words)]
    items: list[HistoryItem] = []
    if item.reason is not None:
        items.append(_note(item.reason.cause.value))
    elif item.cause is not None:
        items.append(_note(f"{item.cause.value}: {CAUSES[item.cause]}", item.cause.value))
    files = counted(item.files, "file")
    if item.disposable_bytes:
        saved_bytes = saved(item.wasted_bytes, item.disposable_bytes, f"{DISPOSABLE} ")
        items.append(_note(f"{saved_bytes}, {files}", size(item.bytes)))
    else:
        bytes_ = Content.styled(size(item.bytes), "bold $waste")
        words = Content.assemble(bytes_, (" in ", "$muted"), files)
        # The title of a fix needs the room.
        items.append(HistoryItem(words, bytes_ if item.fix is not None else words))
    if item.shipped_in is not None:
        shipped, hidden = item.shipped_in, item.hidden_in
        items.append(_note(f"shipped by layer {shipped}, hidden by layer {hidden}", f"{shipped} → {hidden}"))
    if item.packages is not None:
        items += [_note(together)] if together else []
        items.append(_note(package_title(item.packages)))
    if item.fix is not None:
        # Last, because the last item stays on a narrow screen, and the row cuts it.
        items.append(_note(item.fix.title))
    return items


def _note(words: str, short: str = "") -> HistoryItem:
    return HistoryItem(Content.styled(words, "$muted"), Content.styled(short or words, "$muted"))
