"""The words of the findings pane: the counts, a row, the reason for no rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from explorer.analysis.findings.finding import FindingKind, StepPlace
from explorer.analysis.findings.finding_words import layer_words, place_words, where_words
from explorer.analysis.findings.image_findings import severity_counts
from explorer.model import Progress
from explorer.text.printable import printable, shortened
from explorer.text.units import counted, percent, size
from explorer.tui.history.history_items import GAP, PathHistory, facts_history
from explorer.tui.widgets.box_text import first_lines, part
from explorer.tui.widgets.drawing import cut, cut_start
from explorer.tui.widgets.filter_bar import no_match_words
from explorer.tui.widgets.marks import SEVERITY_COLOURS
from explorer.viewmodel.finding_rows import (
    BASE_GROUP,
    FindingGroup,
    FindingItem,
    FindingRows,
    FindingsView,
    row_title,
)

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding, Severity
    from explorer.analysis.findings.image_findings import ImageFindings

_MAX_TEXT_CHARS = 3_000
_MIN_PLACE_CELLS = 12
"""Fewer cells say too little of a place, so the title has them."""
LOOKING = "Looking for findings…"
NONE_ABOVE = "No findings above the base."
_FETCH = "Files of the registry are not read, so findings may be missing. Press {findings.fetch} to fetch them."
STOPPED = "Not all files are read, so findings may be missing. Press {findings.fetch} to read on."


def counts_content(counts: Mapping[Severity, int]) -> Content:
    """Returns the number of findings of each severity in its colour."""
    return Content("  ").join(
        Content.assemble((f"{count:,} {severity.value}", SEVERITY_COLOURS.get(severity.value, "$muted")))
        for severity, count in counts.items()
    )


def summary(findings: ImageFindings, width: int) -> Content:
    """Returns the counts above the base and the number of the base's, if it fits."""
    base, own = len(findings.of_base), severity_counts(findings.own)
    if not own:
        head = Content(NONE_ABOVE[:-1])
        return Content.assemble(head, (f"; {base:,} in the base", "$muted")) if base else head
    counts = counts_content(own)
    wordings = (f"  above the base; {base:,} in the base", f"  base {base:,}", "") if base else ("",)
    return next(
        (line for words in wordings if (line := Content.assemble(counts, (words, "$muted"))).cell_length <= width),
        counts,
    )


def progress_words(progress: Progress) -> str:
    """Returns the progress of reading the files."""
    share = "" if progress.share is None else f" {percent(progress.share)}"
    return f"{printable(progress.step)}…{share}"


def no_rows_reason(findings: ImageFindings, view: FindingsView) -> str:
    """Returns why there are no rows, with the keys that lead out."""
    if view.query:
        return no_match_words("No finding", view.query.text)
    return f"{NONE_ABOVE}\n\n{missing_words(findings)}".rstrip()


def missing_words(findings: ImageFindings) -> str:
    """Returns why findings may be missing, and the key that helps; empty if none is."""
    if findings.needs_fetch:
        return _FETCH
    return STOPPED if findings.is_partial else ""


def remarks(findings: ImageFindings) -> str:
    """Returns the first reason why findings may be missing or wrong; maybe empty."""
    first, *others = [*findings.problem_words, *findings.notes] or [""]
    return f"(+{len(others):,}) {first}" if others else first


def found_words(rows: FindingRows) -> str:
    """Returns the number of the rows that pass the filter."""
    return counted(rows.matches, "finding") if rows.matches else "no match"


def row_words(item: FindingItem, room: int) -> Iterator[tuple[str, str]]:
    """Yields the title of a row in ``room`` cells, and its place or the numbers in it."""
    if isinstance(item, FindingGroup):
        name = cut(item.name, room)
        yield name, "finding--group"
        left = room - cell_len(name)
        for severity, count in severity_counts(item.findings).items():
            words = cut(f"  {count:,} {severity.value}", left)
            left -= cell_len(words)
            yield words, f"severity--{severity.value}"
        return
    place, title = place_words(item), row_title(item)
    # The file of a secret says more than its title; the end of a path says most, so it loses its beginning.
    least = _MIN_PLACE_CELLS if item.kind is FindingKind.SECRET and room >= 2 * _MIN_PLACE_CELLS else 0
    shown = cut(title, room - min(cell_len(place) + 2, max(least, room - cell_len(title))))
    yield shown, ""
    left = room - cell_len(shown) - 2
    if left >= min(cell_len(place), _MIN_PLACE_CELLS - 2):
        shown_place = cut(place, left) if isinstance(item.place, StepPlace) else cut_start(place, left)
        yield f"  {shown_place}", "finding--muted"


def item_facts(item: FindingItem) -> PathHistory:
    """Returns the facts of a row without a path for the line below the panes."""
    if isinstance(item, FindingGroup):
        return facts_history(item.name, counted(len(item.findings), "finding"))
    facts = (place_words(item), layer_words(item), size(item.bytes) if item.bytes else "")
    return facts_history(row_title(item), *filter(None, facts))


def finding_as_text(finding: Finding) -> str:
    """Returns a finding as plain text: its name, title, place and layer."""
    return f"{finding.id}: {finding.title}: {where_words(finding)}"


@dataclass(frozen=True, slots=True)
class GroupText:
    """A group of findings in the box below the list."""

    group: FindingGroup

    @property
    def title(self) -> str:
        """The title of the box."""
        return f" {self.group.name} "

    def lines(self, width: int) -> Sequence[Content]:
        """Returns the whole text in lines of ``width`` cells."""
        words = counted(len(self.group.findings), "finding")
        if self.group.key != BASE_GROUP:
            return list(Content(f"{words}. Enter shows or folds them.").wrap(width))
        return [
            *part("Why", "$muted", Content(f"The base brings {words}; this image is not to blame for them."), width),
            *part("Do", "bold $change-added", Content("Take a newer base, or ask its authors."), width),
        ]

    def cut(self, width: int, height: int) -> Sequence[Content]:
        """Returns the first lines."""
        return first_lines(self.lines(width), height, width)


@dataclass(frozen=True, slots=True)
class FindingText:
    """A finding in the box below the list."""

    finding: Finding

    @property
    def title(self) -> str:
        """The title of the box."""
        names = ", ".join((self.finding.id, *self.finding.other_ids))
        return f" {shortened(names, 60)} "

    def lines(self, width: int) -> Sequence[Content]:
        """Returns the whole text in lines of ``width`` cells."""
        return [line for lines in self._parts(width) for line in lines]

    def cut(self, width: int, height: int) -> Sequence[Content]:
        """Returns the lines that fit; place and remedy have precedence."""
        where, why, do = self._parts(width)
        place = first_lines(where, max(1, height // 3), width)
        room = height - len(place)
        remedy = first_lines(do, max(min(1, room), room - min(len(why), room // 2)), width)
        return [*place, *first_lines(why, room - len(remedy), width), *remedy]

    def _parts(self, width: int) -> tuple[list[Content], list[Content], list[Content]]:
        finding = self.finding
        details = [
            layer_words(finding),
            finding.package.name_and_version if finding.package else "",
            size(finding.bytes) if finding.bytes else "",
        ]
        words = Content.assemble(
            place_words(finding),
            *((f"{GAP}{detail}", "$muted") for detail in filter(None, details)),
            (f"{GAP}{finding.severity.value}", SEVERITY_COLOURS.get(finding.severity.value, "$muted")),
        )
        return (
            part("Where", "$muted", words, width),
            part("Why", "$muted", Content(shortened(finding.why, _MAX_TEXT_CHARS)), width),
            part("Do", "bold $change-added", Content(shortened(finding.do, _MAX_TEXT_CHARS)), width),
        )
