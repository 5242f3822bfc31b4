"""The findings of an image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from explorer.analysis.findings.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class LayerFindings:
    """The number of findings of each severity in one layer."""

    visible: Counter[Severity]
    """Findings in what a container sees."""
    deleted: Counter[Severity]
    """Findings in what a later layer deletes; it can still be downloaded."""


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
    def own_counts(self) -> Mapping[Severity, int]:
        """The number of findings of each severity above the base."""
        return Counter(finding.severity for finding in self.findings if not finding.is_base)

    @property
    def counts_by_layer(self) -> Mapping[int, LayerFindings]:
        """The number of findings of each severity in each layer that ships any."""
        layers: dict[int, LayerFindings] = {}
        for finding in self.findings:
            if finding.layer is not None:
                layer = layers.setdefault(finding.layer, LayerFindings(Counter(), Counter()))
                counts = layer.visible if finding.hidden_in is None else layer.deleted
                counts[finding.severity] += 1
        return layers


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Returns findings with the most severe first, and those of the base last."""
    return sorted(findings, key=lambda each: (each.is_base, each.severity.rank))
