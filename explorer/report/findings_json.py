"""The findings of an image as JSON, schema 1. Keys may be added; none changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from explorer import JSON_SCHEMA
from explorer.analysis.findings.finding import ConfigPlace, Finding, PathPlace, Place, Severity
from explorer.analysis.findings.image_findings import ImageFindings, severity_counts
from explorer.report.dockerfile_place import DockerfilePlace, PlaceOf
from explorer.report.json_text import dumps


def as_json(rows: Sequence[Finding], all_findings: ImageFindings, place_of: PlaceOf = lambda _: None) -> str:
    """Returns a JSON document, with a newline at the end.

    Args:
        rows: The findings to list, in order.
        all_findings: All findings of the image.
        place_of: Knows the lines of the Dockerfile.
    """
    document = {
        "schema": JSON_SCHEMA,
        "counts": severity_json(all_findings.own),
        "base_counts": severity_json(all_findings.of_base),
        "findings": [finding_json(each, place_of(each)) for each in rows],
        "problems": [{"layer": layer, "problem": problem} for layer, problem in all_findings.problems],
        "notes": list(all_findings.notes),
        "complete": not (all_findings.problems or all_findings.needs_fetch),
    }
    return f"{dumps(document, indent=2)}\n"


def severity_json(findings: Iterable[Finding]) -> dict[str, int]:
    """Returns the number of findings of each severity."""
    counts = severity_counts(findings)
    return {severity.value: counts.get(severity, 0) for severity in Severity}


def finding_json(finding: Finding, lines: DockerfilePlace | None) -> dict[str, Any]:
    """Returns one finding, with its lines of the Dockerfile if they are known."""
    return {
        "id": finding.id,
        "other_ids": list(finding.other_ids),
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "title": finding.title,
        "place": _place(finding.place),
        "layer": finding.layer,
        "hidden_in": finding.hidden_in,
        "bytes": finding.bytes,
        "package": None if finding.package is None else finding.package.purl,
        "dockerfile": None if lines is None else lines._asdict(),
        "why": finding.why,
        "do": finding.do,
        "base": finding.is_base,
    }


def _place(place: Place) -> dict[str, Any]:
    if isinstance(place, PathPlace):
        return {"path": f"/{place.path}", "line": place.line}
    if isinstance(place, ConfigPlace):
        return {"config": place.key}
    return {"step": place.step}
