"""Tests for explorer/analysis/findings/scan_reports/report_notes.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from explorer.analysis.findings.scan_reports.read_report import read_report
from explorer.model import Watcher
from explorer.pipeline import Exploration
from tests.analysis.findings.scan_reports.made_reports import artifact, syft, trivy, trivy_vulnerability, written
from tests.analysis.packages.packaged import packaged


def notes(folder: Path, exploration: Exploration, report: object) -> Sequence[str]:
    """Returns the notes on a report, without the place of its file."""
    read = replace(read_report(written(folder, "report.json", report)), name="report.json")
    return replace(exploration, scan_reports=(read,)).read_findings(Watcher()).notes


def test_a_report_of_vulnerabilities_needs_no_note(tmp_path: Path) -> None:
    """A report that names its image, and only vulnerabilities, has no notes."""
    image = packaged(tmp_path)
    assert notes(tmp_path, image, trivy(image.image, trivy_vulnerability("make", "4"))) == []


def test_packages_that_differ(tmp_path: Path) -> None:
    """Packages that only one side has are named; one that a layer removes need not be listed."""
    image = packaged(tmp_path)
    assert notes(tmp_path, image, syft(image.image, [artifact("make", "4")])) == [
        "report.json lists packages, and no vulnerabilities."
    ]
    others = [artifact(f"lib{letter}", "1") for letter in "fedcba"]
    assert notes(tmp_path, image, syft(image.image, others)) == [
        "report.json lists packages, and no vulnerabilities.",
        "report.json lists 6 packages (liba 1, libb 1, libc 1, libd 1, libe 1 and 1 other) that no package database of "
        "the image has.",
        "report.json does not list 1 package (make 4) that a container has.",
    ]


def test_doubts_and_parts_that_are_not_read(tmp_path: Path) -> None:
    """A report without an image has a doubt, and its misconfigurations are named."""
    image = packaged(tmp_path)
    report = [{"Target": "x", "Misconfigurations": [{"ID": "DS002", "Status": "FAIL"}]}]
    assert notes(tmp_path, image, report) == [
        "report.json does not name its image so that it can be compared; it may be about another one.",
        "report.json: 1 misconfiguration is not read.",
    ]
