"""The text about a pair of layers: its steps, its sizes, and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from textual.content import Content

from explorer.analysis.image_diff.first_break import FirstBreak
from explorer.analysis.image_diff.layer_difference import LayerDifference
from explorer.analysis.image_diff.layer_pair import PairStatus
from explorer.model import Change
from explorer.text.printable import printable, shortened
from explorer.text.units import counted
from explorer.text.words import capitalized
from explorer.tui.compare.head import BREAK_MARK
from explorer.tui.compare.words import change_of_bytes
from explorer.tui.widgets.marks import COLOURS, MARKS
from explorer.tui.widgets.prose import hanging_lines
from explorer.viewmodel.pair_rows import STATUS_MARKS, LayerSide, PairRow

_MAX_PATHS = 200
_MAX_PATH_CHARS = 300
_MEANINGS = {
    PairStatus.SAME: "The same layer in both images.",
    PairStatus.SAME_BUT_TIMES: "The same but for times: contents, modes, owners and links are equal.",
    PairStatus.CHANGED: "The layers differ.",
    PairStatus.MOVED: "The same layer, in another order.",
    PairStatus.ADDED: "Only the new image has this layer.",
    PairStatus.REMOVED: "Only the old image has this layer.",
}
_OLD, _NEW = COLOURS[Change.REMOVED], COLOURS[Change.ADDED]


def pair_title(row: PairRow) -> str:
    """Returns the numbers of the layers: ``Layers 2 and 3``."""
    if row.old is None or row.new is None:
        side = row.old or row.new
        return f"Layer {side.number}" if side is not None else "Layer"
    return (
        f"Layer {row.new.number}" if row.old.number == row.new.number else f"Layers {row.old.number} → {row.new.number}"
    )


def pair_lines(row: PairRow, broken: FirstBreak | None, is_downloaded: bool, width: int) -> Iterator[Content]:
    """Yields the lines of the text, at most ``width`` cells wide.

    Args:
        row: The pair.
        broken: The first break, if it is at this pair.
        is_downloaded: True if an update downloads the layer of the new image.
        width: The cells of a line.
    """
    yield from _steps(row.old, row.new, width)
    if broken is not None:
        reason = f"{broken.reason[:1].lower()}{broken.reason[1:]}"
        words = f"{reason}. {capitalized(broken.consequence)}."
        yield from _part(f"{BREAK_MARK} First break: ", "bold $waste", words, width)
        if broken.advice:
            yield from _part("→ ", "$key", f"{broken.advice}.", width)
    status = row.pair.status
    yield from _part(f"{STATUS_MARKS[status]} ", "bold", _MEANINGS[status], width)
    old, new = (side.bytes if side is not None else 0 for side in (row.old, row.new))
    sizes = change_of_bytes("size", old, new)
    yield from (sizes + (", downloaded by an update" if is_downloaded else "")).wrap(width)
    if row.pair.difference is not None:
        yield from _difference(row.pair.difference, width)


def _steps(old: LayerSide | None, new: LayerSide | None, width: int) -> Iterator[Content]:
    """Yields the step, or both if they differ."""
    if old is None or new is None or old.command == new.command:
        side = new or old
        if side is not None:
            yield from Content.styled(side.command, "bold").wrap(width)
        return
    yield from _part(f"{MARKS[Change.REMOVED]} ", _OLD, old.command, width)
    yield from _part(f"{MARKS[Change.ADDED]} ", _NEW, new.command, width)


def _difference(found: LayerDifference, width: int) -> Iterator[Content]:
    """Yields the counts of the paths that differ, and then their names."""
    groups: Sequence[tuple[str, str, Sequence[str], str]] = (
        (MARKS[Change.ADDED], COLOURS[Change.ADDED], found.added, "added"),
        (MARKS[Change.MODIFIED], COLOURS[Change.MODIFIED], found.contents, "changed"),
        (
            MARKS[Change.MODIFIED],
            COLOURS[Change.MODIFIED],
            found.attributes,
            "changed only in mode, owner or attributes",
        ),
        (MARKS[Change.REMOVED], COLOURS[Change.REMOVED], found.removed, "removed"),
        ("?", "$muted", found.unknown, "of the same size, contents not read"),
        ("≈", "$muted", found.times, "changed only in time"),
    )
    shown = [group for group in groups if group[2]]
    for mark, colour, paths, words in shown:
        yield from _part(f"{mark} ", colour, f"{counted(len(paths), 'path')} {words}", width)
    rows = chain.from_iterable(_paths(mark, colour, paths) for mark, colour, paths, _ in shown if mark != "≈")
    count = sum(len(paths) for mark, _, paths, _ in shown if mark != "≈")
    for index, row in enumerate(rows):
        if index == _MAX_PATHS:
            yield Content.styled(f"… and {count - _MAX_PATHS:,} more", "$muted")
            return
        yield row.truncate(width, ellipsis=True)


def _paths(mark: str, colour: str, paths: Iterable[str]) -> Iterator[Content]:
    return (
        Content.assemble((f"  {mark} ", colour), f"/{printable(shortened(path, _MAX_PATH_CHARS))}") for path in paths
    )


def _part(head: str, style: str, words: str, width: int) -> Iterable[Content]:
    return (
        hanging_lines(Content.styled(head, style), 2, Content(words), width)
        if len(head) == 2
        else Content.assemble((head, style), words).wrap(width)
    )
