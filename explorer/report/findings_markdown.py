"""The findings of an image as a comment on a pull request: Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.findings.finding import Finding
from explorer.analysis.findings.finding_words import place_words
from explorer.analysis.findings.image_findings import ImageFindings
from explorer.report.dockerfile_place import DockerfilePlace, PlaceOf
from explorer.report.findings import FindingGroup, base_line, groups, headline, missing_words, place_details
from explorer.report.markdown import code, running_text, table
from explorer.text.printable import printable, shortened
from explorer.text.units import counted

_MAX_PLACES = 3
_MAX_TEXT_CHARS = 400
_MAX_TABLE_CHARS = 50_000
"""A comment on GitHub has at most 65,536 characters."""
_HEADS = ("Severity", "Finding", "Where", "Why", "What to do")


def as_markdown(
    rows: Sequence[Finding], all_findings: ImageFindings, reference: str, place_of: PlaceOf = lambda _: None
) -> str:
    """Returns a comment with a newline at the end.

    Args:
        rows: The findings to list, in order.
        all_findings: All findings of the image.
        reference: The reference of the image.
        place_of: Knows the lines of the Dockerfile.
    """
    lines = [f"## {headline(all_findings)}", "", f"In {code(printable(shortened(reference, _MAX_TEXT_CHARS)))}"]
    lines += findings_table(rows, place_of)
    rest = base_line(rows, all_findings)
    if rest:
        lines += ["", running_text(rest)]
    problems = [*map(code, missing_words(all_findings)[:_MAX_PLACES])]
    if problems:
        lines += ["", "Findings may be missing:", "", *(f"- {problem}" for problem in problems)]
    return "\n".join([*lines, ""])


def findings_table(
    findings: Sequence[Finding], place_of: PlaceOf = lambda _: None, max_findings: int | None = None
) -> Sequence[str]:
    """Returns an empty line, the lines of a table, and the number of the others."""
    if not findings:
        return []
    lines: list[str] = ["", *table(_HEADS, ())]
    left, listed = _MAX_TABLE_CHARS, 0
    for group in groups(findings[:max_findings]):
        *_, line = table(_HEADS, [_cells(group, place_of)])
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
        listed += len(group.findings)
    others = len(findings) - listed
    return [*lines, "", f"And {counted(others, 'more finding')}."] if others else lines


def _cells(group: FindingGroup, place_of: PlaceOf) -> Sequence[str]:
    first = group.first
    places = "; ".join(_place(each, place_of(each)) for each in group.findings[:_MAX_PLACES])
    more = len(group.findings) - _MAX_PLACES
    if more > 0:
        places += f"; and {more:,} more"
    severity = f"**{first.severity.value}**" if first.severity.rank < 2 else first.severity.value
    why, do = (running_text(shortened(text, _MAX_TEXT_CHARS)) for text in (first.why, first.do))
    return severity, f"{running_text(first.title)} ({code(first.id)})", places, why, do


def _place(finding: Finding, lines: DockerfilePlace | None) -> str:
    details = running_text(place_details(finding, lines))
    return f"{code(place_words(finding))} ({details})" if details else code(place_words(finding))
