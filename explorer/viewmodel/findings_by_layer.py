"""The findings above the base by the layers that ship them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.findings.image_findings import ImageFindings, severity_counts

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding, Severity

_MARKED = ("critical", "high", "medium")
"""Severities with a mark in the list of the layers."""
_MAX_COUNT = 99


class SeverityMark(NamedTuple):
    """The most severe findings of a layer."""

    severity: Severity
    number: int
    """The number of findings of this severity."""

    @property
    def text(self) -> str:
        """The first letter of the severity and the number: ``H2``, not ``2H``."""
        count = f"{self.number}" if self.number <= _MAX_COUNT else f"{_MAX_COUNT}+"
        return f"{self.severity.value[0].upper()}{count}"


def findings_by_layer(findings: ImageFindings) -> Mapping[int, Sequence[Finding]]:
    """Returns the findings above the base of each layer that ships any."""
    by_layer: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in findings.own:
        if finding.layer is not None:
            by_layer[finding.layer].append(finding)
    return by_layer


def severity_mark(findings: Sequence[Finding]) -> SeverityMark | None:
    """Returns the mark of a layer; None if its findings are not severe."""
    severity, number = next(iter(severity_counts(findings).items()), (None, 0))
    return SeverityMark(severity, number) if severity is not None and severity.value in _MARKED else None
