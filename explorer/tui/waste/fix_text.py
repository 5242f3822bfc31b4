"""A fix in the box: why, what to do, changed lines, and the saved bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rich.cells import cell_len
from textual.content import Content

from explorer.analysis.advice.sentences import Spans, plain_text
from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.analysis.fixes.fix import Fix
from explorer.text.units import fine_size, size
from explorer.text.words import saved
from explorer.tui.waste.waste_columns import layer_ranges
from explorer.tui.widgets.box_text import first_lines, part, share_height, styled
from explorer.tui.widgets.drawing import cut, cut_middle, cut_start
from explorer.tui.widgets.marks import DISPOSABLE
from explorer.tui.widgets.prose import hanging_lines, more_text
from explorer.viewmodel.waste_groups import Group

_COLOURS = {"-": "$change-removed", "+": "$change-added", "#": "$muted"}
_DO_STYLE = "bold $change-added"
_MIN_CODE_CELLS = 16
"""Cells of code that say what to do when its beginning is cut."""
_MIN_HEIGHT_WITH_DIFF = 3
_MAX_LINES_OF_ONE_CHANGE = 2
_MIN_OLD_CELLS = 5
"""Cells before the new part of a changed line: its instruction."""


@dataclass(frozen=True, slots=True)
class FixText:
    """One fix."""

    fix: Fix
    place: str
    """Its place among the fixes: ``2 of 5``; empty for the base's."""
    image_bytes: int
    """Size of the image after the fix alone."""
    shown_bytes: int
    """Bytes of the fix that the layer and the filter leave in the row."""
    note: str = ""
    """The advice on making several fixes; empty if none share a step."""
    packages: str = ""
    """The names of the packages that the fix removes; empty if they are not known."""

    @property
    def title(self) -> str:
        """The title of the box, with IDs of keys."""
        layers = layer_ranges(self.fix.layers)
        where = "The base image" if self.fix.is_base else f"Fix {self.place} · layer{'s'[len(layers) == 1 :]} {layers}"
        copied = "the advice" if self.fix.is_base else "it"
        return f" {where} · {{waste.copy-fix}} copies {copied}, {{waste.copy-fixes}} all "

    def lines(self, width: int) -> Sequence[Content]:
        """Returns the whole text in lines of ``width`` cells."""
        why, do, saves = self._parts(width)
        note = Content.styled(self.note, "$muted").wrap(width) if self.note and self.fix.diff else ()
        return [*why, *do, *self._diff_lines(width), *saves, *note]

    def cut(self, width: int, height: int) -> Sequence[Content]:
        """Returns the lines that fit; the changed lines have precedence over the reason."""
        why, do, saves = self._parts(width)
        if not self.fix.diff or height < _MIN_HEIGHT_WITH_DIFF:
            return share_height(why, do, saves, width, height)
        diff = self._cut_diff(width, height - 2)
        room = height - 1 - len(diff)
        do = _cut_sentence("Do", _DO_STYLE, self.fix.do, width, max(1, room - min(len(why), room // 2)))
        why = first_lines(why, room - len(do), width)
        saves = first_lines(saves, 1 + room - len(why) - len(do), width)
        if len(diff) == len(self.fix.diff):
            diff = self._widened(diff, width, height - len(why) - len(do) - len(diff) - len(saves))
        return [*why, *do, *diff, *saves]

    def _widened(self, diff: Sequence[Content], width: int, room: int) -> Sequence[Content]:
        """Returns the changed lines, the first ones whole while there is room."""
        shown: list[Content] = []
        for line, short in zip(self.fix.diff, diff, strict=True):
            whole = _wrapped(line, len(line.text), width)
            is_whole = len(whole) - 1 <= room
            room -= len(whole) - 1 if is_whole else 0
            shown += whole if is_whole else [short]
        return shown

    def _cut_diff(self, width: int, count: int) -> Sequence[Content]:
        """Returns the changed lines, one line for each, with a note if there are more."""
        diff = [_diff_line(line, known, width) for line, known in _with_known_chars(self.fix.diff)]
        if count <= _MAX_LINES_OF_ONE_CHANGE:
            # The line after the first change says most.
            after = next((place for place, line in enumerate(self.fix.diff) if line.sign == "+"), 0)
            return diff[max(0, after - count + 1) :][:count]
        if len(diff) <= count:
            return diff
        # Long runs of old lines leave room for the first new line.
        first = next((place for place, line in enumerate(self.fix.diff) if line.sign == "+"), 0)
        start = max(0, first - (count - 2))
        layers = layer_ranges(self.fix.layers)
        changes = f"layer {layers} changes" if len(self.fix.layers) == 1 else f"layers {layers} change"
        more = f"{more_text(len(diff) - (count - 1))} lines; {changes}"
        return [*diff[start : start + count - 1], Content.styled(more, "$muted").truncate(width, ellipsis=True)]

    def _parts(self, width: int) -> tuple[Sequence[Content], Sequence[Content], Sequence[Content]]:
        fix = self.fix
        return (
            _spans("Why", "$muted", fix.why, width),
            _spans("Do", _DO_STYLE, fix.do, width),
            part("Saves", "$muted", self._savings(), width),
        )

    def _savings(self) -> Content:
        fix = self.fix
        total = f"{size(fix.bytes)}: " if fix.wasted_bytes and fix.disposable_bytes else ""
        words = saved(fix.wasted_bytes, fix.disposable_bytes, f"{DISPOSABLE} ")
        before, after = fine_size(self.image_bytes + fix.bytes), fine_size(self.image_bytes)
        packages = f" Packages: {self.packages}." if self.packages else ""
        row = f" The row shows {size(self.shown_bytes)} of it." if self.shown_bytes < fix.bytes else ""
        return Content(f"{total}{words} ({before} → {after}).{packages}{row}")

    def _diff_lines(self, width: int) -> Iterator[Content]:
        """Yields the lines of the Dockerfile; what a line adds to the one before is bold."""
        for line, known in _with_known_chars(self.fix.diff):
            yield from _wrapped(line, known, width)


@dataclass(frozen=True, slots=True)
class SmallFixesText:
    """The small fixes that share a row."""

    group: Group
    unfold_key: str = "Enter"

    @property
    def title(self) -> str:
        """The title of the box."""
        return f" {len(self.group.smaller):,} smaller fixes "

    def lines(self, width: int) -> Sequence[Content]:
        """Returns a line for each fix."""
        fixes = [item for item in self.group.smaller if isinstance(item, Group) and item.fix is not None]
        return [
            Content.assemble((size(each.bytes).rjust(7), "$muted"), f"  {each.fix.title}").truncate(
                width, ellipsis=True
            )
            for each in fixes
            if each.fix is not None
        ]

    def cut(self, width: int, height: int) -> Sequence[Content]:
        """Returns the first fixes, and how many more there are."""
        return [
            *self.lines(width)[: height - 1],
            Content(f"Press {self.unfold_key} to see all of them.").truncate(width),
        ]


def _spans(head: str, style: str, spans: Spans, width: int) -> Sequence[Content]:
    return part(head, style, styled(spans), width) if spans else ()


def _cut_sentence(head: str, style: str, spans: Spans, width: int, count: int) -> Sequence[Content]:
    """Returns ``count`` lines of a part whose first code keeps its end."""
    lines = _spans(head, style, spans, width)
    first = next((place for place, span in enumerate(spans) if span.is_code), None)
    if len(lines) <= count or first is None:
        return first_lines(lines, count, width)
    code, more = spans[first], "…" if plain_text(spans[first + 1 :]).strip(".") else ""
    for cells in range(min(cell_len(code.text), count * width), _MIN_CODE_CELLS, -1):
        short = (*spans[:first], code._replace(text=cut_start(code.text, cells) + more))
        cut_to_count = _spans(head, style, short, width)
        if len(cut_to_count) <= count:
            return cut_to_count
    return first_lines(lines, count, width)


def _common_chars(one: str, other: str) -> int:
    """Returns the number of characters that two texts have in common at their start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _with_known_chars(diff: Sequence[DiffLine]) -> Iterator[tuple[DiffLine, int]]:
    """Yields each line, and the number of its first characters that are not new."""
    before: list[str] = []
    for place, line in enumerate(diff):
        if line.sign == "-":
            if place and diff[place - 1].sign != "-":
                before = []
            before.append(line.text)
        is_changed = line.sign == "+" and bool(before)
        yield line, _known_chars(before, line.text) if is_changed else len(line.text)


def _known_chars(before: Sequence[str], after: str) -> int:
    """Returns the number of characters up to the last command of before."""
    commands = (text.partition(" ")[2] for text in before)
    ends = [after.find(command) + len(command) for command in commands if command and command in after]
    return max([_common_chars(before[-1], after), *ends])


def _diff_line(line: DiffLine, known: int, width: int) -> Content:
    """Returns a line that is cut where nothing is new."""
    room, new = width - 2, line.text[known:]
    old_cells = room - cell_len(new)
    if cell_len(line.text) <= room or not new:
        text = cut_middle(line.text, room)
    else:
        old_cells = max(old_cells, _MIN_OLD_CELLS)
        text = cut(line.text[:known], old_cells) + cut(new, room - old_cells)
    text = f"{line.sign} {text}"[: max(1, width)]
    return Content.styled(text, _COLOURS.get(line.sign, "$muted"))


def _wrapped(line: DiffLine, known: int, width: int) -> Sequence[Content]:
    colour = _COLOURS.get(line.sign, "$muted")
    words = Content.assemble((line.text[:known], colour), (line.text[known:], f"bold {colour}"))
    return hanging_lines(Content.styled(line.sign, colour), 2, words, width) if width > 4 else words.wrap(width)
