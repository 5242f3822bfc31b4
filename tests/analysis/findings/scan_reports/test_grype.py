"""Tests for explorer/analysis/findings/scan_reports/grype.py."""

from __future__ import annotations

import json
from typing import Any

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.scan_reports import grype
from explorer.analysis.findings.scan_reports.scan_report import ScanReport
from tests.analysis.findings.scan_reports.made_reports import artifact, grype_match

LAYER = "sha256:" + "a" * 64
TARGET = {"imageID": "sha256:1", "manifestDigest": "sha256:2", "layers": [{"digest": LAYER}], "repoDigests": []}


def parsed(*matches: dict[str, Any], source: object = None) -> ScanReport:
    """Returns the report of matches."""
    return grype.parse_grype(json.dumps({"matches": list(matches), "source": source}).encode())


def test_a_match() -> None:
    """Its severity, fixed version and package are read; the description is the title."""
    package = artifact("log4j-core", "2.14.1", "java-archive", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1")
    package["locations"] = [{"path": "/app.jar", "layerID": LAYER}]
    report = parsed(grype_match(package), source={"type": "image", "target": TARGET})
    (found,) = report.vulnerabilities
    assert (found.severity, found.fixed_in, found.title) == (Severity.HIGH, "13", "A backdoor in the library.")
    assert (found.package.kind, found.package.name) == ("maven", "org.apache.logging.log4j:log4j-core")
    assert (found.package.paths, report.layers) == (("/app.jar",), frozenset({LAYER}))
    assert (report.image.id, report.image.diff_ids) == ("sha256:1", (LAYER,))


def test_the_cve_of_an_advisory() -> None:
    """The one CVE that is related to an advisory names it; with several, the advisory does."""
    match = grype_match(artifact("left-pad", "1", "npm"), "GHSA-1", description="")
    match["relatedVulnerabilities"] = [{"id": "CVE-1", "description": "A flaw."}]
    (found,) = parsed(match).vulnerabilities
    assert (found.id, found.other_ids, found.title) == ("CVE-1", ("GHSA-1",), "A flaw.")
    match["relatedVulnerabilities"] = [{"id": "CVE-1"}, {"id": "CVE-2"}]
    assert parsed(match).vulnerabilities[0].id == "GHSA-1"


def test_the_suggested_fix() -> None:
    """The version that Grype suggests counts more than the list of all fixed ones."""
    match = grype_match(artifact("a", "1"), fix={"versions": ["2", "3"], "state": "fixed"})
    assert parsed(match).vulnerabilities[0].fixed_in == "2, 3"
    match["matchDetails"] = [{"type": "x", "fix": {"suggestedVersion": "3"}}]
    assert parsed(match).vulnerabilities[0].fixed_in == "3"


def test_a_refused_fix() -> None:
    """A vulnerability that the distribution will not fix is marked."""
    match = grype_match(artifact("a", "1"), severity="Negligible", fix={"versions": None, "state": "wont-fix"})
    (found,) = parsed(match).vulnerabilities
    assert (found.is_refused, found.fixed_in, found.severity) == (True, "", Severity.INFO)


def test_a_scan_of_a_directory_names_no_image() -> None:
    """The target of a directory is a text."""
    assert parsed(source={"type": "directory", "target": "/srv"}).image.id == ""


def test_syft() -> None:
    """A report of Syft lists packages; the image is in its metadata, or in the target of old versions."""
    for source in ({"type": "image", "metadata": TARGET}, {"type": "image", "target": TARGET}):
        document = {"artifacts": [artifact("zlib1g", "1:1.2", "deb", "")], "source": source}
        report = grype.parse_syft(json.dumps(document).encode())
        (package,) = report.packages or ()
        assert (package.kind, package.name, package.version) == ("deb", "zlib1g", "1:1.2")
        assert (report.image.id, report.image.digests) == ("sha256:1", ("sha256:2",))
