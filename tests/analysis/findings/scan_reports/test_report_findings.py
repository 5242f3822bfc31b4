"""Tests for explorer/analysis/findings/scan_reports/report_findings.py."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.findings.finding import Finding, FindingKind, PathPlace, Severity
from explorer.analysis.findings.scan_reports.read_report import read_report
from explorer.model import Watcher
from explorer.pipeline import Exploration
from tests.analysis.findings.scan_reports.made_reports import (
    artifact,
    diff_ids,
    grype,
    grype_match,
    trivy,
    trivy_vulnerability,
    written,
)
from tests.analysis.findings.secrets.made_secrets import WITH_TOKEN
from tests.analysis.packages.made_databases import dpkg_status
from tests.analysis.packages.packaged import packaged
from tests.images import explored_layers, file, layer


@pytest.fixture
def image(tmp_path: Path) -> Exploration:
    """An image whose layer 1 installs gcc and make, and whose layer 2 removes gcc."""
    return packaged(tmp_path)


def reported(folder: Path, exploration: Exploration, *reports: object) -> list[Finding]:
    """Returns the vulnerabilities of reports, as the exploration has them."""
    files = [written(folder, f"{number}.json", report) for number, report in enumerate(reports)]
    exploration = replace(exploration, scan_reports=tuple(map(read_report, files)))
    findings = exploration.read_findings(Watcher()).findings
    return [finding for finding in findings if finding.kind is FindingKind.VULNERABILITY]


def test_a_vulnerability_has_the_layer_and_the_bytes_of_its_package(tmp_path: Path, image: Exploration) -> None:
    """The layer, the bytes and the package are those of this analysis, and not of the report."""
    (finding,) = reported(tmp_path, image, trivy(image.image, trivy_vulnerability("make", "4")))
    assert (finding.id, finding.severity, finding.layer) == ("CVE-2024-3094", Severity.CRITICAL, 1)
    assert (finding.bytes // 1_000_000, finding.hidden_in, finding.is_base) == (2, None, False)
    assert finding.package is not None
    assert finding.package.name == "make"
    assert finding.title == "make 4: a backdoor"
    assert finding.why == "Trivy reports it. Layer 1 installs the package."
    assert finding.do == "Upgrade make to 13."


def test_a_deleted_package_can_still_be_downloaded(tmp_path: Path, image: Exploration) -> None:
    """A vulnerability in a package that a later layer removes names that layer."""
    (finding,) = reported(tmp_path, image, trivy(image.image, trivy_vulnerability("gcc", "12")))
    assert (finding.layer, finding.hidden_in, finding.bytes // 1_000_000) == (1, 2, 3)
    assert finding.do == "Delete gcc in the step that brings it, or do not install it."


def test_the_same_vulnerability_from_two_scanners_is_one_finding(tmp_path: Path, image: Exploration) -> None:
    """It names both scanners, and has the worse severity and all names."""
    match = grype_match(artifact("make", "4"), "GHSA-aaaa-bbbb-cccc")
    match["relatedVulnerabilities"] = [{"id": "CVE-2024-3094"}]
    reports = trivy(image.image, trivy_vulnerability("make", "4")), grype(image.image, match)
    (finding,) = reported(tmp_path, image, *reports)
    assert finding.why.startswith("Trivy and Grype report it.")
    assert (finding.severity, finding.other_ids) == (Severity.CRITICAL, ("GHSA-aaaa-bbbb-cccc",))


def test_the_vulnerabilities_of_the_base_are_not_blamed_on_the_image(tmp_path: Path, image: Exploration) -> None:
    """A package that the base installs is the base's, and the remedy is a newer base."""
    base = Base(2, "debian:12", "", Evidence.OPTION, exact=True, reason="")
    image = replace(image, find_given_base=lambda: base)
    (finding,) = reported(tmp_path, image, trivy(image.image, trivy_vulnerability("make", "4")))
    assert finding.is_base
    assert finding.do == "The base brings it: use a newer base, with make 13."


def test_an_unknown_package_has_the_layer_and_the_path_of_the_report(tmp_path: Path, image: Exploration) -> None:
    """A package that no database has is where the report says, with the fate that the tree tells."""
    layer = {"DiffID": diff_ids(image.image)[1]}
    purl = {"PURL": "pkg:nuget/Newtonsoft.Json@12.0.3"}
    more: dict[str, Any] = {
        "PkgIdentifier": purl,
        "PkgPath": "usr/bin/gcc/inside.dll",
        "Layer": layer,
        "FixedVersion": "",
    }
    (finding,) = reported(tmp_path, image, trivy(image.image, trivy_vulnerability("Newtonsoft.Json", "12.0.3", **more)))
    assert (finding.place, finding.layer, finding.hidden_in) == (PathPlace("usr/bin/gcc"), 1, 2)
    assert finding.bytes == 3_000_000
    assert finding.package is None
    assert "By the report, layer 1 brings it." in finding.why


def test_a_report_that_names_no_image(tmp_path: Path, image: Exploration) -> None:
    """Its findings say so, because they may be about another image."""
    report = trivy(image.image, trivy_vulnerability("make", "4", Layer={}))
    del report["Metadata"]
    (finding,) = reported(tmp_path, image, report)
    assert finding.why.endswith("The report does not prove that it is about this image.")


def test_a_package_without_a_place(tmp_path: Path, image: Exploration) -> None:
    """A package of which only the name is known is in no layer."""
    (finding,) = reported(tmp_path, image, trivy(image.image, trivy_vulnerability("xz", "5", Layer={})))
    assert (finding.place, finding.layer, finding.bytes) == (PathPlace(""), None, 0)
    assert finding.why == "Trivy reports it. No package database of the image has the package."


def test_a_package_at_several_places(tmp_path: Path) -> None:
    """The package at the path of the report counts, if several have one name and version."""
    places = [f"srv/{name}/node_modules/left-pad/package.json" for name in ("a", "b")]
    text = json.dumps({"name": "left-pad", "version": "1.0.0"}).encode()
    image = explored_layers(tmp_path, *(layer(file(place, text)) for place in places))
    more: dict[str, Any] = {"PkgIdentifier": {"PURL": "pkg:npm/left-pad@1.0.0"}, "Layer": {}}
    found = [
        reported(tmp_path, image, trivy(image.image, trivy_vulnerability("left-pad", "1.0.0", PkgPath=path, **more)))
        for path in places
    ]
    assert [(each.place, each.layer) for (each,) in found] == [(PathPlace(path), n) for n, path in enumerate(places)]


def test_an_upgraded_package(tmp_path: Path) -> None:
    """The old version of a package still ships; the remedy is to install the new one at once."""
    layers = [layer(dpkg_status({"make": version}), file(f"usr/{version}")) for version in ("4", "5")]
    image = explored_layers(tmp_path, *layers)
    (finding,) = reported(tmp_path, image, trivy(image.image, trivy_vulnerability("make", "4")))
    assert (finding.layer, finding.hidden_in) == (0, 1)
    assert finding.do == (
        "Install make 5 in the step that brings it: a later layer upgrades it, but the old version still ships."
    )


def test_secrets_of_a_report(tmp_path: Path) -> None:
    """A secret that only the report has is a finding; one at the place of an own finding is not listed twice."""
    key = b"-----BEGIN RSA PRIVATE KEY-----\n" + b"MIIEowIBAAKCAQEA" * 40 + b"\n-----END RSA PRIVATE KEY-----\n"
    image = explored_layers(tmp_path, layer(file("root/.ssh/id_rsa", key), file("app/.env", b"A=1\nB=hunter\n")))
    secret = {"RuleID": "private-key", "Severity": "HIGH", "Title": "Asymmetric Private Key", "StartLine": 1}
    report = trivy(image.image)
    report["Results"] = [
        {"Target": "/root/.ssh/id_rsa", "Class": "secret", "Secrets": [secret]},
        {"Target": "/app/.env", "Class": "secret", "Secrets": [{**secret, "RuleID": "mine", "StartLine": 2}]},
    ]
    path = written(tmp_path, "report.json", report)
    findings = replace(image, scan_reports=(read_report(path),)).read_findings(Watcher()).findings
    secrets = [each for each in findings if each.kind is FindingKind.SECRET]
    assert sorted(each.place.path for each in secrets if isinstance(each.place, PathPlace)) == [
        "app/.env",
        "root/.ssh/id_rsa",
    ]
    assert [each.why for each in secrets if each.id == "mine"] == ["Trivy reports a secret here."]


def test_a_secret_that_a_later_layer_ships_again_is_one(tmp_path: Path) -> None:
    """A scanner names the layer that a container sees; the finding here is of the first one."""
    layers = [
        layer(file("app/key", WITH_TOKEN)),
        layer(file("app/key", WITH_TOKEN, mode=0o600)),
        layer(file("a", b"b")),
    ]
    image = explored_layers(tmp_path, *layers)
    report = trivy(image.image)
    names = {"RuleID": "github-pat", "Severity": "CRITICAL", "Title": "GitHub PAT", "StartLine": 1}
    report["Results"] = [
        {"Target": "/app/key", "Secrets": [{**names, "Layer": {"DiffID": image.image.layers[1].diff_id}}]},
        {"Target": "/a", "Secrets": [{**names, "Layer": {"DiffID": image.image.layers[2].diff_id}}]},
    ]
    path = written(tmp_path, "report.json", report)
    findings = replace(image, scan_reports=(read_report(path),)).read_findings(Watcher()).findings
    secrets = [(each.id, each.layer) for each in findings if each.kind is FindingKind.SECRET]
    assert secrets == [("github-token", 0), ("github-pat", 2)]


def test_a_vulnerability_without_a_severity_may_be_severe(tmp_path: Path, image: Exploration) -> None:
    """It is shown as information, with a sentence; a report with a severity answers."""
    unknown = trivy(image.image, trivy_vulnerability("make", "4", Severity="UNKNOWN"))
    (finding,) = reported(tmp_path, image, unknown)
    assert (finding.severity, finding.has_severity) == (Severity.INFO, False)
    assert "It has no severity there, and may be severe." in finding.why
    (finding,) = reported(
        tmp_path, image, unknown, trivy(image.image, trivy_vulnerability("make", "4", Severity="LOW"))
    )
    assert (finding.severity, finding.has_severity) == (Severity.LOW, True)


def test_a_vulnerability_without_an_id_counts(tmp_path: Path, image: Exploration) -> None:
    """A report may leave the ID out, but not hide the vulnerability from a verdict."""
    report = trivy(image.image, trivy_vulnerability("make", "4", VulnerabilityID=""))
    (finding,) = reported(tmp_path, image, report)
    assert (finding.id, finding.severity) == ("vulnerability-without-id", Severity.CRITICAL)
