"""The differences between two images as text: what they come to, then tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from explorer.analysis.image_diff.break_words import difference_words
from explorer.analysis.image_diff.config_changes import ConfigChange
from explorer.analysis.image_diff.layer_pair import PairStatus
from explorer.model import Cause
from explorer.pipeline import ImageDiff
from explorer.report import words
from explorer.report.compare import summary
from explorer.report.compare.rows import beyond_times, file_cells, layer_cells, package_cells
from explorer.report.page import Page, Style
from explorer.text.printable import shortened
from explorer.text.units import counted, signed_size, size
from explorer.text.words import CAUSES

_BAR_CELLS = 10
_MAX_VALUE_CHARS = 400
_MAX_PLACES = 5
_MIN_WIDTH_FOR_COLUMNS = 70
"""In a narrower terminal, figures have no columns, and a directory has a line of its own."""


def comparison_text(diff: ImageDiff, page: Page, max_rows: int | None, *, with_times: bool = False) -> str:
    """Returns the differences as text, with a newline at the end.

    Args:
        diff: The two images.
        page: The page to write for.
        max_rows: The most paths, packages and settings to list; None: all.
        with_times: True if paths are listed that differ only in their time.
    """
    return "\n".join([*_Text(diff, page, max_rows, with_times=with_times).lines(), ""])


class _Text:
    """Writes the parts of a comparison."""

    def __init__(self, diff: ImageDiff, page: Page, max_rows: int | None, *, with_times: bool) -> None:
        self.diff, self.page, self.max_rows, self.with_times = diff, page, max_rows, with_times

    def lines(self) -> Iterator[str]:
        """Yields all lines, with an empty one before each part but the first."""
        yield from self._images()
        for figure in summary.figures(self.diff):
            lines = self._figure(figure)
            is_waste = figure.name == "wasted"
            yield from (self.page.styled(line, Style.WASTED) for line in lines) if is_waste else lines
        for fact in summary.facts(self.diff):
            yield from self.page.wrapped(fact.text, f"  {fact.name:<11}  ")
        for problem in summary.problems(self.diff):
            yield from self.page.wrapped(problem, "  problem: ")
        tables = (self._directories(), self._files(), self._packages(), self._settings(), self._waste())
        for part in (self._causes(), self._layers(), *tables):
            lines = list(part)
            if lines:
                yield ""
                yield from lines

    def _heading(self, text: str) -> str:
        return self.page.styled(text, Style.HEADING)

    def _images(self) -> Iterator[str]:
        for name, each in (("old", self.diff.old), ("new", self.diff.new)):
            text = f"{summary.image_name(each)}  {each.image.platform}".rstrip()
            yield from map(self._heading, self.page.wrapped(text, f"{name}  "))
        for damage in summary.damage(self.diff):
            yield from self.page.wrapped(damage, "  DAMAGED: ")
        yield ""

    def _figure(self, figure: summary.Figure) -> list[str]:
        old, new = size(figure.old), size(figure.new)
        if self.page.width < _MIN_WIDTH_FOR_COLUMNS:
            return self.page.wrapped(f"{old} → {new}, {figure.growth}", f"  {figure.name:<11}  ")
        return [f"  {figure.name:<11}  {old:>8} → {new:>7}  {figure.growth}"]

    def _rows(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[list[str]]:
        """Yields the lines of each row, after those of the heads."""
        head, *tabled = replace(self.page, width=self.page.width - 2).table(heads, rows)
        yield [self._heading(f"  {line}") for line in head]
        yield from ([f"  {line}" for line in lines] for lines in tabled)

    def _causes(self) -> Iterator[str]:
        causes = summary.causes(self.diff)
        if not causes:
            return
        yield self._heading("Why two builds of the same steps differ")
        for cause in causes:
            yield from map(
                self._heading, self.page.wrapped(f"{cause.title}: {counted(len(cause.places), 'place')}", "  ")
            )
            yield from self.page.wrapped(" ".join(filter(None, (cause.why, cause.do))), "    ")
            places = () if cause.cause == summary.TIMES and not self.with_times else cause.places[: self._max_places]
            for place in places:
                yield from self.page.wrapped(summary.place_words(place), "      ", max_lines=2)
            if places:
                yield from self._more(len(cause.places) - len(places), "place")

    @property
    def _max_places(self) -> int | None:
        return None if self.max_rows is None else min(self.max_rows, _MAX_PLACES)

    def _layers(self) -> Iterator[str]:
        pairs = self.diff.layer_pairs
        if all(pair.status is PairStatus.SAME for pair in pairs):
            return
        yield self._heading("Layers")
        head, *tabled = self._rows(
            ("Old", "New", "Old size", "New size", "", "Command"), [layer_cells(self.diff, pair) for pair in pairs]
        )
        yield from head
        for pair, lines in zip(pairs, tabled, strict=True):
            is_same = pair.status is PairStatus.SAME
            yield from (self.page.styled(line, Style.MUTED) for line in lines) if is_same else lines
            if pair.difference is not None and pair.status is PairStatus.CHANGED:
                yield from self.page.wrapped(difference_words(pair.difference), "         ")

    def _directories(self) -> Iterator[str]:
        rows = summary.directories(self.diff)
        if not rows:
            return
        yield self._heading("Directories whose sizes differ most")
        biggest = max(abs(each.growth) for each in rows)
        for each in rows:
            start = f"  {signed_size(each.growth):>8}  {size(each.old_bytes):>7} → {size(each.new_bytes):>7}  "
            if self.page.width < _MIN_WIDTH_FOR_COLUMNS:
                yield start.rstrip()
                yield f"      {self.page.fitted(words.path(each.path), 6)}"
                continue
            bar = self.page.bar(abs(each.growth) / biggest, _BAR_CELLS)
            yield f"{start}{bar}{self.page.fitted(words.path(each.path), len(start) + (_BAR_CELLS + 1 if bar else 0))}"

    def _files(self) -> Iterator[str]:
        changes = beyond_times(self.diff)
        if self.with_times:
            changes += [change for change in self.diff.file_changes if change.is_time_only]
        if not changes:
            return
        yield self._heading("Files")
        rows = list(map(file_cells, changes[: self.max_rows]))
        page = replace(self.page, width=self.page.width - 2)
        head, *listed = page.listing(("Growth", "Old", "New", "Differs in", "Path"), rows)
        yield self._heading(f"  {head}")
        yield from (f"  {line}" for line in listed)
        yield from self._more(len(changes) - len(rows), "path")

    def _packages(self) -> Iterator[str]:
        changes = self.diff.package_changes.changes
        if not changes:
            return
        yield self._heading("Packages")
        rows = list(map(package_cells, changes[: self.max_rows]))
        for lines in self._rows(("Growth", "Old", "New", "Kind", "", "Package"), rows):
            yield from lines
        yield from self._more(len(changes) - len(rows), "package")

    def _settings(self) -> Iterator[str]:
        changes = self.diff.config_changes
        if not changes:
            return
        yield self._heading("Settings")
        for change in changes[: self.max_rows]:
            yield from self._setting(change)
        yield from self._more(len(changes[self.max_rows :]) if self.max_rows else 0, "setting")

    def _setting(self, change: ConfigChange) -> Iterator[str]:
        yield from self.page.wrapped(change.name, "  ")
        if change.old == change.new:
            yield from self.page.wrapped(f"{change.old} (the secret differs)", "    ")
            return
        for sign, value, style in (("-", change.old, Style.WASTED), ("+", change.new, Style.ADDED)):
            if value is not None:
                lines = self.page.wrapped(shortened(value, _MAX_VALUE_CHARS), f"    {sign} ")
                yield from (self.page.styled(line, style) for line in lines)

    def _waste(self) -> Iterator[str]:
        figures = list(summary.waste_by_cause(self.diff))
        if not figures:
            return
        yield self._heading("Wasted, by cause")
        rows = [
            (signed_size(each.new - each.old), size(each.old), size(each.new), each.name, CAUSES[Cause(each.name)])
            for each in figures
        ]
        for lines in self._rows(("Growth", "Old", "New", "", "Meaning"), rows):
            yield from lines

    def _more(self, count: int, noun: str) -> Iterator[str]:
        if count > 0:
            yield f"  and {counted(count, f'more {noun}')}; --all lists all"
