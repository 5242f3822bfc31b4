"""The findings of an image as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from explorer.analysis.findings.finding import Finding, Severity
from explorer.analysis.findings.finding_words import layer_words, place_words
from explorer.analysis.findings.image_findings import ImageFindings, severity_counts
from explorer.report.dockerfile_place import DockerfilePlace, PlaceOf
from explorer.report.page import Page, Style
from explorer.text.units import counted, size
from explorer.text.words import capitalized

_MAX_PLACES = 10
"""Places of one finding that a text lists; the number of the others follows."""
_NOT_FETCHED = "files of a registry were not fetched"
_MARGIN = " " * 10
"""The width of the longest severity and a gap."""
_STYLES = {
    Severity.CRITICAL: Style.SEVERE,
    Severity.HIGH: Style.SEVERE,
    Severity.MEDIUM: Style.DISPOSABLE,
    Severity.LOW: Style.HEADING,
    Severity.INFO: Style.MUTED,
}


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of one rule with one remedy."""

    findings: Sequence[Finding]

    @property
    def first(self) -> Finding:
        """A finding whose name, severity and remedy are those of all."""
        return self.findings[0]

    @property
    def why(self) -> str:
        """The evidence, if it is the same for all; else empty."""
        return self.first.why if all(each.why == self.first.why for each in self.findings) else ""


def groups(findings: Iterable[Finding]) -> Sequence[FindingGroup]:
    """Returns the findings by rule and remedy, in the order of their first ones."""
    by_rule: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        key = (each.is_base, each.severity, each.id, each.title, each.do, each.package)
        by_rule.setdefault(key, []).append(each)
    return [FindingGroup(members) for members in by_rule.values()]


def counts_words(findings: Sequence[Finding]) -> str:
    """Returns the numbers in words: ``3 findings: 1 critical, 2 low``."""
    if not findings:
        return "no findings"
    parts = (f"{count:,} {severity.value}" for severity, count in severity_counts(findings).items())
    return f"{counted(len(findings), 'finding')}: {', '.join(parts)}"


def as_text(
    rows: Sequence[Finding],
    all_findings: ImageFindings,
    page: Page,
    place_of: PlaceOf = lambda _: None,
    searched: str = "",
) -> Iterator[str]:
    """Yields the lines of a list for people.

    Args:
        rows: The findings to list, in order.
        all_findings: All findings of the image.
        page: The page to write for.
        place_of: Knows the lines of the Dockerfile.
        searched: A sentence about what was searched; maybe empty.
    """
    yield page.styled(f"{headline(all_findings)}{_listed_words(rows, all_findings)}", Style.HEADING)
    for group in groups(rows):
        yield ""
        yield from _group_lines(group, page, place_of)
    for rest in filter(None, (base_line(rows, all_findings), searched)):
        yield ""
        yield from (page.styled(line, Style.MUTED) for line in page.wrapped(rest))


def _listed_words(rows: Sequence[Finding], all_findings: ImageFindings) -> str:
    """Returns the number of listed findings, if options leave out some."""
    listed = sum(not each.is_base for each in rows)
    return "" if listed == len(all_findings.own) else f"; {listed:,} of them listed"


def headline(all_findings: ImageFindings) -> str:
    """Returns the numbers above the base: ``3 findings: 1 critical, 2 low``."""
    return capitalized(counts_words(all_findings.own))


def base_line(rows: Sequence[Finding], all_findings: ImageFindings) -> str:
    """Returns the line about the findings of the base, unless they are listed."""
    base = all_findings.of_base
    if not base or any(each.is_base for each in rows):
        return ""
    return f"The base has {counts_words(base)}. --with-base lists them."


def _group_lines(group: FindingGroup, page: Page, place_of: PlaceOf) -> Iterator[str]:
    first = group.first
    severity = f"{first.severity.value.upper():<8}  "
    names = ", ".join((first.id, *first.other_ids))
    base = ", of the base" if first.is_base else ""
    start, *others = page.wrapped(f"{first.title} ({names}){base}", severity)
    style = _STYLES[first.severity]
    yield f"{page.styled(start[:8], style)}{page.styled(start[8:], Style.HEADING)}"
    yield from (page.styled(line, Style.HEADING) for line in others)
    why = group.why
    for each in group.findings[:_MAX_PLACES]:
        yield from page.wrapped(_place_line(each, place_of(each)), _MARGIN, f"{_MARGIN}  ")
        if not why:
            yield from page.wrapped(each.why, f"{_MARGIN}  ")
    more = len(group.findings) - _MAX_PLACES
    if more > 0:
        yield f"{_MARGIN}and {more:,} more"
    yield from page.wrapped(why, _MARGIN) if why else ()
    yield from page.wrapped(f"Do: {first.do}", _MARGIN) if first.do else ()


def _place_line(finding: Finding, lines: DockerfilePlace | None) -> str:
    details = place_details(finding, lines)
    place = place_words(finding)
    return f"{place}  ({details})" if details else place


def place_details(finding: Finding, lines: DockerfilePlace | None = None) -> str:
    """Returns the package, the lines, the layer, the fate and the bytes, if any."""
    package = finding.package.name_and_version if finding.package else ""
    bytes_ = size(finding.bytes) if finding.bytes else ""
    return ", ".join(filter(None, (package, str(lines or ""), layer_words(finding), bytes_)))


def missing_words(all_findings: ImageFindings) -> Sequence[str]:
    """Returns the reasons why findings may be missing."""
    return [*all_findings.problem_words, *([_NOT_FETCHED] if all_findings.needs_fetch else [])]
