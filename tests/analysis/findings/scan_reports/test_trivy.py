"""Tests for explorer/analysis/findings/scan_reports/trivy.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.scan_reports import trivy
from explorer.analysis.findings.scan_reports.scan_report import ReportedPackage, ScanReport
from tests.analysis.findings.scan_reports.made_reports import trivy_vulnerability

LAYER = "sha256:" + "a" * 64


def parsed(*results: dict[str, Any], **more: Any) -> ScanReport:
    """Returns the report of results."""
    return trivy.parse(json.dumps({"SchemaVersion": 2, "Results": list(results), **more}).encode())


def vulnerabilities(*items: dict[str, Any], type_name: str = "debian") -> dict[str, Any]:
    return {"Target": "made (debian 12)", "Class": "os-pkgs", "Type": type_name, "Vulnerabilities": list(items)}


def test_a_vulnerability() -> None:
    """Its names, severity, title, package and fixed version are read."""
    item = trivy_vulnerability("openssl", "3.0.11", VendorIDs=["DSA-1"], Severity="MEDIUM")
    (found,) = parsed(vulnerabilities(item)).vulnerabilities
    assert (found.id, found.other_ids, found.severity) == ("CVE-2024-3094", ("DSA-1",), Severity.MEDIUM)
    assert (found.title, found.fixed_in, found.is_refused) == ("a backdoor", "13", False)
    assert found.package == ReportedPackage("deb", "openssl", "3.0.11", LAYER, ("made (debian 12)",))


def test_the_image() -> None:
    """A report names its image by the digests of configuration, layers and repositories."""
    metadata = {
        "ImageID": "sha256:1",
        "DiffIDs": ["sha256:2"],
        "RepoDigests": ["docker.io/shop@sha256:3"],
        "ImageConfig": {"architecture": "arm64"},
    }
    image = parsed(Metadata=metadata).image
    assert (image.id, image.diff_ids, image.digests) == ("sha256:1", ("sha256:2",), ("sha256:3",))
    assert image.architecture == "arm64"


def test_schema_1() -> None:
    """A report of old versions is a list of results, without package URLs, and names no image."""
    item = {
        "VulnerabilityID": "CVE-2019-1549",
        "PkgName": "libssl1.1",
        "InstalledVersion": "1.1.1c-r0",
        "Layer": {"Digest": "sha256:1", "DiffID": LAYER},
        "Severity": "HIGH",
    }
    report = trivy.parse_results(json.dumps([vulnerabilities(item, type_name="alpine")]).encode())
    (found,) = report.vulnerabilities
    assert (found.package.kind, found.package.name, found.package.layer) == ("apk", "libssl1.1", LAYER)
    assert (report.image.id, report.layers, found.title) == ("", frozenset({LAYER}), "")


@pytest.mark.parametrize("results", [None, [], [{"Target": "x", "Vulnerabilities": None}]])
def test_nothing_found(results: object) -> None:
    """A report without results is one without vulnerabilities."""
    report = trivy.parse(json.dumps({"SchemaVersion": 2, "Results": results}).encode())
    assert (list(report.vulnerabilities), report.packages) == ([], None)


def test_secrets_without_their_texts() -> None:
    """A secret has its rule, file and line; no text of the report's match is kept."""
    secret = {
        "RuleID": "aws-access-key-id",
        "Category": "AWS",
        "Severity": "CRITICAL",
        "Title": "AWS Access Key ID",
        "StartLine": 3,
        "EndLine": 3,
        "Code": {"Lines": [{"Number": 3, "Content": "KEY=THE-SECRET"}]},
        "Match": "KEY=THE-SECRET",
        "Layer": {"DiffID": LAYER},
    }
    report = parsed({"Target": "/app/.env", "Class": "secret", "Secrets": [secret]})
    (found,) = report.secrets
    assert (found.id, found.path, found.line, found.layer) == ("aws-access-key-id", "app/.env", 3, LAYER)
    assert "THE-SECRET" not in repr(report)


@pytest.mark.parametrize("line", [0, -1, 10**30])
def test_impossible_lines(line: int) -> None:
    """A secret at an impossible line is in the whole file."""
    (found,) = parsed({"Target": "x", "Secrets": [{"RuleID": "x", "StartLine": line}]}).secrets
    assert found.line is None


def test_what_is_not_read_is_counted() -> None:
    """Misconfigurations that fail, and licenses, are counted as not read."""
    failed, passed = {"ID": "DS002", "Status": "FAIL"}, {"ID": "DS001", "Status": "PASS"}
    result = {"Target": "x", "Class": "config", "Misconfigurations": [failed, passed], "Licenses": [{}, {}]}
    assert parsed(result).ignored == "1 misconfiguration and 2 licenses"


def test_all_packages() -> None:
    """With --list-all-pkgs the packages have versions with epoch and release."""
    package = {"Name": "bash", "Version": "5.1", "Release": "2", "Epoch": 1, "Layer": {"DiffID": LAYER}}
    (found,) = parsed({"Target": "x", "Type": "redhat", "Packages": [package]}).packages or ()
    assert (found.kind, found.name, found.version, found.layer) == ("rpm", "bash", "1:5.1-2", LAYER)
