"""Tests for explorer/cli/scan_options.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.cli.image_options import RequestedImage
from explorer.sources.request import LayerAccess
from tests.analysis.findings.scan_reports.made_reports import trivy, trivy_vulnerability, written
from tests.analysis.packages.packaged import packaged
from tests.cli.running import run, run_process


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """An archive; beside it are a report about it, and one about another image."""
    image = packaged(tmp_path).image
    written(tmp_path, "scan.json", trivy(image, trivy_vulnerability("make", "4")))
    other = trivy(image)
    other["Metadata"].update(ImageID="sha256:" + "9" * 64, DiffIDs=["sha256:" + "8" * 64])
    written(tmp_path, "other.json", other)
    return str(tmp_path / "image.tar")


def test_vulnerabilities_are_findings(tmp_path: Path, shop: str) -> None:
    """The findings of a report are listed with the others."""
    result = run("findings", "--format", "json", "--scan", str(tmp_path / "scan.json"), shop, "kind:vulnerability")
    (found,) = json.loads(result.stdout)["findings"]
    assert (found["id"], found["layer"], found["severity"]) == ("CVE-2024-3094", 1, "critical")


@pytest.mark.end_to_end
@pytest.mark.parametrize("command", ["findings", "check"])
def test_a_report_about_another_image(tmp_path: Path, shop: str, command: str) -> None:
    """It is an error of usage that has both IDs."""
    result = run(command, "--scan", str(tmp_path / "other.json"), shop)
    assert result.exit_code == 2
    assert f"is a scan of another image: of sha256:{'9' * 64}, not of sha256:" in result.stderr


def test_a_wrong_file_is_an_error_before_the_image_is_opened(tmp_path: Path) -> None:
    """A report that cannot be read costs no time."""
    result = run("check", "--scan", str(tmp_path / "nope.json"), "no-image")
    assert (result.exit_code, "nope.json cannot be read" in result.stderr) == (2, True)


@pytest.mark.end_to_end
def test_standard_input(tmp_path: Path, shop: str) -> None:
    """A report may come from a scanner's output, but not together with the image."""
    text = (tmp_path / "scan.json").read_text()
    result = run_process("findings", "--scan", "-", shop, "kind:vulnerability", input=text)
    assert "CVE-2024-3094" in result.stdout
    assert "holds one thing" in run_process("findings", "--scan", "-", "-", input=text).stderr


def test_a_served_screen_gets_the_reports(tmp_path: Path, shop: str) -> None:
    """The process that shows the screen in a browser reads the same files."""
    from explorer.analysis.findings.scan_reports.read_report import read_report

    report = read_report(str(tmp_path / "scan.json"))
    requested = RequestedImage(shop, None, LayerAccess.AUTO, None, scan_reports=(report,))
    assert requested.arguments[-4:-2] == ["--scan", str(tmp_path / "scan.json")]
