"""The findings of an image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from explorer.analysis.findings.finding import Finding


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
    """Remarks on reports of scanners, for people: doubts about their image, and packages that differ; printable."""

    @property
    def own_count(self) -> int:
        """The number of findings above the base."""
        return sum(not finding.is_base for finding in self.findings)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Returns findings with the most severe first, and those of the base last."""
    return sorted(findings, key=lambda each: (each.is_base, each.severity.rank))
