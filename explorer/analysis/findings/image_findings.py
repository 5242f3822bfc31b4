"""The findings of an image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from explorer.analysis.findings.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class ImageFindings:
    """The findings of an image, from every source."""

    findings: Sequence[Finding]
    """The most severe first; those of the base are last."""
    problems: Sequence[tuple[int | None, str]] = ()
    """Layer, if it is about one, and the reason why findings may be missing; printable."""
    needs_fetch: bool = False
    """True if findings may be missing because files of a registry were not fetched, and may be."""
    is_partial: bool = False
    """True while files are still searched for secrets: all other findings are known."""
    notes: Sequence[str] = ()
    """Remarks for people, printable: doubts about the image of a scanner's report, packages that differ, and files that
    are never searched."""

    @property
    def own(self) -> Sequence[Finding]:
        """The findings above the base."""
        return [finding for finding in self.findings if not finding.is_base]

    @property
    def of_base(self) -> Sequence[Finding]:
        """The findings that the base brings."""
        return [finding for finding in self.findings if finding.is_base]

    @property
    def problem_words(self) -> Sequence[str]:
        """The problems, each with its layer."""
        return [text if layer is None else f"layer {layer}: {text}" for layer, text in self.problems]


def severity_counts(findings: Iterable[Finding]) -> Mapping[Severity, int]:
    """Returns the number of findings of each severity; no number is 0."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in Severity if counts[severity]}


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Returns findings with the most severe first, and those of the base last."""
    return sorted(findings, key=lambda each: (each.is_base, each.severity.rank))
