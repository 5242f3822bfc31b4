"""The report as text: a verdict, the fixes, where the bytes are, and the layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from explorer.analysis.advice.sentences import plain_text
from explorer.analysis.fixes.fix import Fix, remaining_bytes
from explorer.analysis.fixes.savings import merge_advice
from explorer.pipeline import Exploration
from explorer.report import dockerfile, summary, words
from explorer.report.page import Page, Style
from explorer.text.printable import printable
from explorer.text.units import counted, percent, size, timestamp
from explorer.text.words import NOT_NEEDED

_BAR_CELLS = 10
_MIN_WIDTH_FOR_COUNTS = 100
"""In a narrower layer table, the command is worth more than the counts of files."""


def report_text(exploration: Exploration, now: datetime, page: Page | None = None) -> str:
    """The whole report as text; the image's age refers to ``now``."""
    return "\n".join(_Text(exploration, page or Page()).lines(now))


class _Text:
    """Writes the parts of the report."""

    def __init__(self, exploration: Exploration, page: Page) -> None:
        self.exploration, self.page = exploration, page

    def lines(self, now: datetime) -> Iterator[str]:
        """Yields all lines, with an empty one before each part but the first."""
        yield from self._image()
        yield from self._figures(now)
        parts = [self._fixes(), self._disposables(), self._directories(), self._wasted(), self._layers()]
        if dockerfile.title(self.exploration):
            parts.append(self._dockerfile())
        for part in parts:
            yield ""
            yield from part
        yield ""

    def _heading(self, text: str) -> str:
        return self.page.styled(text, Style.HEADING)

    def _image(self) -> Iterator[str]:
        image = self.exploration.image
        name = f"{printable(image.reference)}  {printable(image.platform)}".rstrip()
        yield from map(self._heading, self.page.wrapped(name))
        for damage in self.exploration.damage:
            yield from self.page.wrapped(damage, "  DAMAGED: ")
        yield ""
        for sentence in summary.verdict(self.exploration):
            yield from self.page.wrapped(f"{sentence}.", "  ", "    ")
        yield ""

    def _figures(self, now: datetime) -> Iterator[str]:
        image, usage = self.exploration.image, self.exploration.usage
        facts = [
            ("tags", ", ".join(map(printable, image.tags))),
            ("id", printable(image.id)),
            ("created", timestamp(image.created, now)),
            ("source", printable(image.source)),
        ]
        for name, text in facts:
            if text:
                yield from self.page.wrapped(text, f"  {name:<10}  ")
        savings = self.exploration.savings
        in_base = (
            f", {size(savings.base_disposable_bytes)} of them in the base" if savings.base_disposable_bytes else ""
        )
        yield from self._figure("shipped", usage.shipped_bytes, words.without(self.exploration))
        for each in words.base_figures(self.exploration):
            if each.bytes is None:
                yield from self.page.wrapped(each.remark, f"  {each.name:<10}  ")
            else:
                yield from self._figure(each.name, each.bytes, f", {each.remark}")
        yield from self._figure("visible", usage.visible_bytes)
        yield from (self.page.styled(line, Style.WASTED) for line in self._figure("wasted", usage.wasted_bytes))
        yield from (
            self.page.styled(line, Style.DISPOSABLE)
            for line in self._figure("disposable", savings.all_disposable_bytes, in_base)
        )
        if self.exploration.download_bytes is not None:
            yield from self._figure("download", self.exploration.download_bytes)
        yield f"  efficiency  {percent(usage.efficiency):>8}"
        for problem in image.problems:
            yield from self.page.wrapped(problem, "  problem: ")

    def _figure(self, name: str, count: int, remark: str = "") -> list[str]:
        return self.page.wrapped(f"{count:,} bytes{remark}", f"  {name:<10}  {size(count):>8}  ")

    def _fixes(self) -> Iterator[str]:
        yield self._heading("Fixes")
        fixes = self.exploration.fixes
        if advice := merge_advice(fixes):
            yield from self.page.wrapped(advice, "  ")
        remaining = remaining_bytes(fixes, self.exploration.usage.shipped_bytes)
        for rank, (fix, left) in enumerate(zip(fixes, remaining, strict=True), 1):
            yield from self._fix(fix, f"{rank:>3}", left)
        if not fixes:
            yield f"  {summary.NO_FIXES}"

    def _fix(self, fix: Fix, rank: str, left: int) -> Iterator[str]:
        biggest = max(each.bytes for each in self.exploration.fixes)
        bar = self.page.bar(fix.bytes / biggest if biggest else 0, _BAR_CELLS)
        start = f"{'   ' if fix.is_base else rank}  {size(fix.bytes):>7}  "
        below = " " * len(start)
        title, *more = self.page.wrapped(fix.title, " " * (len(start) + (_BAR_CELLS + 1 if bar else 0)))
        yield f"{start}{bar}{self._heading(title.lstrip())}"
        yield from map(self._heading, more)
        if summary.is_small(fix, self.exploration):
            return
        after = "" if fix.is_base else f"; the image is then {size(left)}"
        lines = "" if fix.is_base else dockerfile.lines_of_layers(self.exploration, fix.layers)
        figures = f"{summary.savings_of(fix)}; {summary.layers_of(fix)}{lines}{after}"
        yield from (self.page.styled(line, Style.MUTED) for line in self.page.wrapped(figures, below))
        yield from self.page.wrapped(plain_text(fix.do), below)
        yield from self.page.diff(fix.diff, below)

    def _disposables(self) -> Iterator[str]:
        kinds = self.exploration.savings.kinds
        yield from map(self._heading, self.page.wrapped(f"Disposable: visible files {NOT_NEEDED}"))
        if not kinds:
            yield "  No file is disposable."
            return
        yield from self.page.wrapped(words.CERTAINTIES, "  ")
        rows = [
            (
                "",
                *(size(count) if count else "" for count in (kind.own_bytes, kind.base_bytes)),
                f"{kind.files:,}",
                f"{kind.name} ({kind.certainty})",
            )
            for kind in kinds
        ]
        yield from self._rows(("", "Yours", "Base", "Files", "Kind"), rows)

    def _rows(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
        for lines in replace(self.page, width=self.page.width - 2).table(heads, rows):
            yield from (f"  {line}" for line in lines)

    def _directories(self) -> Iterator[str]:
        visible = self.exploration.usage.visible_bytes
        yield self._heading("Biggest directories")
        for count, path in summary.biggest_directories(self.exploration):
            share = count / visible if visible else 0
            start = f"  {size(count):>7}  {percent(share):>5}  "
            bar = self.page.bar(share, _BAR_CELLS)
            yield f"{start}{bar}{self.page.fitted(path or summary.ELSEWHERE, len(start) + _BAR_CELLS + 1)}"

    def _wasted(self) -> Iterator[str]:
        usage = self.exploration.usage
        if not usage.wasted:
            yield "Nothing is wasted."
            return
        yield self._heading("Wasted, by cause")
        for count, cause, meaning in words.cause_cells(usage):
            yield from self.page.wrapped(meaning, f"  {count:>7}  {cause:<11}  ")
        yield ""
        yield self._heading("Wasted, by directory")
        for directory in summary.wasted_directories(usage.wasted):
            start = f"  {size(directory.bytes):>7}  "
            bar = self.page.bar(directory.bytes / usage.wasted_bytes, _BAR_CELLS)
            yield f"{start}{bar}{self.page.fitted(directory.path or summary.ELSEWHERE, len(start) + _BAR_CELLS + 1)}"
            reason = f"{counted(directory.files, 'file')}, {directory.reason}"
            yield from (self.page.styled(line, Style.MUTED) for line in self.page.wrapped(reason, " " * len(start)))

    def _layers(self) -> Iterator[str]:
        heads: Sequence[str] = ("Layer", "Size", "Wasted", "Undoes", "Added", "Modified", "Removed", "Command")
        rows: Sequence[Sequence[str]] = [words.layer_cells(figures) for figures in self.exploration.layers]
        if not rows:
            yield "The image has no layers."
            return
        if self.page.width < _MIN_WIDTH_FOR_COUNTS:
            heads, rows = (*heads[:4], heads[-1]), [(*row[:4], row[-1]) for row in rows]
        head, *tabled = self.page.table(heads, rows)
        yield from map(self._heading, head)
        for figures, lines in zip(self.exploration.layers, tabled, strict=True):
            yield from lines
            for note in words.notes(figures):
                yield from self.page.wrapped(note, "       ")
            for problem in figures.problems:
                yield from self.page.wrapped(problem, "       problem: ", "       ")
        yield from self.page.wrapped(words.UNDOES)

    def _dockerfile(self) -> Iterator[str]:
        yield from map(self._heading, self.page.wrapped(dockerfile.title(self.exploration)))
        head, *tabled = self.page.table(dockerfile.HEADS, list(dockerfile.rows(self.exploration)))
        yield from map(self._heading, head)
        for lines in tabled:
            yield from lines
        yield from self.page.wrapped(dockerfile.remark(self.exploration))
