"""Tests for explorer/analysis/findings/scan_reports/cyclonedx.py."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.scan_reports import cyclonedx
from explorer.analysis.findings.scan_reports.scan_report import BadReport, ScanReport
from explorer.model import Watcher
from explorer.report.cyclonedx import as_cyclonedx
from tests.analysis.packages.packaged import packaged


def parsed(*vulnerabilities: dict[str, Any]) -> ScanReport:
    """Returns a report with one package, as Trivy writes it."""
    properties = [{"name": f"aquasecurity:trivy:{name}", "value": "sha256:1"} for name in ("ImageID", "DiffID")]
    layer = {"name": "aquasecurity:trivy:LayerDiffID", "value": "sha256:1"}
    component = {"bom-ref": "p", "type": "library", "name": "bash", "version": "5", "purl": "pkg:deb/debian/bash@5"}
    document = {
        "bomFormat": "CycloneDX",
        "metadata": {"component": {"type": "container", "name": "shop", "properties": properties}},
        "components": [{"type": "operating-system", "components": [{**component, "properties": [layer]}]}],
        "vulnerabilities": list(vulnerabilities),
    }
    return cyclonedx.parse(json.dumps(document).encode())


def vulnerability(**more: Any) -> dict[str, Any]:
    ratings = [{"source": {"name": "nvd"}, "severity": "critical"}, {"source": {"name": "debian"}, "severity": "low"}]
    return {"id": "CVE-1", "ratings": ratings, "description": "A flaw.", "affects": [{"ref": "p"}], **more}


def test_vulnerabilities() -> None:
    """A vulnerability is in the package that it refers to; the image and its layers are named."""
    report = parsed(vulnerability())
    (found,) = report.vulnerabilities
    assert (found.id, found.severity, found.package.name) == ("CVE-1", Severity.CRITICAL, "bash")
    assert (report.image.id, report.image.diff_ids, report.layers) == (
        "sha256:1",
        ("sha256:1",),
        frozenset({"sha256:1"}),
    )


def test_the_severity_of_the_source() -> None:
    """The severity is that of the source that the vulnerability names."""
    (found,) = parsed(vulnerability(source={"name": "debian"})).vulnerabilities
    assert found.severity is Severity.LOW


def test_unaffected_packages() -> None:
    """A vulnerability that does not affect the image, by its analysis, is left out."""
    assert not parsed(vulnerability(analysis={"state": "not_affected"})).vulnerabilities


def test_components_without_a_package_url() -> None:
    """A component that only Syft's type describes has vulnerabilities, but is no package of the list."""
    kind = {"name": "syft:package:type", "value": "deb"}
    component = {"bom-ref": "p", "name": "bash", "version": "5", "properties": [kind]}
    report = cyclonedx.parse(json.dumps({"components": [component], "vulnerabilities": [vulnerability()]}).encode())
    (found,) = report.vulnerabilities
    assert (found.package.kind, found.package.name, report.packages) == ("deb", "bash", [])


def test_an_unknown_package() -> None:
    """Vulnerabilities of components that the document does not have are counted as not read."""
    report = parsed(vulnerability(affects=[{"ref": "urn:cdx:other#p"}]))
    assert (list(report.vulnerabilities), report.ignored) == ([], "1 vulnerability without a package")


@pytest.mark.parametrize("depth", [100, 100_000])
def test_deep_components(depth: int) -> None:
    """Components inside each other end in no traceback."""
    start, end = b'{"name": "a", "components": [' * depth, b"]}" * depth
    with suppress(BadReport):
        assert cyclonedx.parse(b'{"components": [' + start + end + b"]}").packages == []


def test_own_bill_of_materials(tmp_path: Path) -> None:
    """The document that ``lx packages`` writes names its image."""
    made = packaged(tmp_path)
    text = as_cyclonedx(made.image, made.read_packages(Watcher()).usages)
    report = cyclonedx.parse(text.encode())
    assert report.image.id == made.image.id
    assert report.image.diff_ids == tuple(layer.diff_id for layer in made.image.layers)
    assert [each.name for each in report.packages or ()] == ["make"]
