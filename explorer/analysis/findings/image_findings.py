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

    @property
    def own_counts(self) -> Mapping[Severity, int]:
        """The number of findings of each severity above the base."""
        return Counter(finding.severity for finding in self.findings if not finding.is_base)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Returns findings with the most severe first, and those of the base last."""
    return sorted(findings, key=lambda each: (each.is_base, each.severity.rank))
