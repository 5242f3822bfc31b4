"""Tests for explorer/analysis/findings/scan_reports/read_report.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.analysis.findings.scan_reports import decode, read_report
from explorer.errors import UsageError

TRIVY = b'{"SchemaVersion": 2, "Results": [{"Vulnerabilities": [{"VulnerabilityID": "CVE-1"}]}]}'


def tool(folder: Path, content: bytes) -> str:
    """Returns the scanner whose report some bytes are."""
    path = folder / "report.json"
    path.write_bytes(content)
    return read_report.read_report(str(path)).tool


def error(folder: Path, content: bytes) -> str:
    """Returns the reason why some bytes are no report."""
    with pytest.raises(UsageError) as caught:
        tool(folder, content)
    assert caught.value.hint == read_report.EXPECTED
    return caught.value.message.partition("report.json ")[2]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TRIVY, "Trivy"),
        (b'{"SchemaVersion": 2, "ArtifactName": "alpine:3.10"}', "Trivy"),
        (b'[{"Target": "alpine", "Vulnerabilities": null}]', "Trivy"),
        (b'{"matches": [], "source": null, "descriptor": {"name": "grype"}}', "Grype"),
        (b'{"artifacts": [], "files": [], "schema": {}}', "Syft"),
        (b'{"spdxVersion": "SPDX-2.3", "packages": []}', "SPDX"),
        (b'{"SPDX": {"spdxVersion": "SPDX-2.3"}}', "SPDX"),
        (b'{"predicateType": "https://spdx.dev/Document", "predicate": {"spdxVersion": "SPDX-2.2"}}', "SPDX"),
        (b'{"bomFormat": "CycloneDX", "components": []}', "CycloneDX"),
    ],
)
def test_formats(tmp_path: Path, content: bytes, expected: str) -> None:
    """The format is found from the keys of the document."""
    assert tool(tmp_path, content) == expected


def test_encodings(tmp_path: Path) -> None:
    """A byte order mark, and the UTF-16 of PowerShell, are read."""
    assert tool(tmp_path, b"\xef\xbb\xbf" + TRIVY) == "Trivy"
    assert tool(tmp_path, TRIVY.decode().encode("utf-16")) == "Trivy"
    assert error(tmp_path, b"\xff\xfe{").endswith("neither UTF-8 nor UTF-16")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"PK\x03\x04", "it is not JSON"),
        (b"{}", "its format is unknown"),
        (b'{"image": {}, "layers": []}', "its format is unknown"),
        (b'{"version": "2.1.0", "runs": []}', "it is SARIF, which does not name packages"),
        (b'{"@context": "x", "@graph": []}', "it is SPDX 3, which is not read"),
        (TRIVY[:-9], "it is not JSON: input data was truncated"),
        (b'{"Results": [], "x": NaN}', "it is not JSON: invalid character (byte 21)"),
        (b'{"Results": []} x', "trailing characters"),
        (b'{"matches": 3}', "it is not a report of Grype: expected `array | null`, got `int` - at `$.matches`"),
        (b'{"Results": [{"Target": 3}]}', "expected `str`, got `int` - at `$.Results[0].Target`"),
        (b'[{"Vulnerabilities": "x"}]', "it is not a report of Trivy"),
        (b'[{"Target": "\xff"}]', "it is not JSON"),
        (b'{"Results": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too many objects or lists inside each other"),
        (b'{"x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, "too many objects or lists inside each other"),
    ],
)
def test_wrong_reports(tmp_path: Path, content: bytes, words: str) -> None:
    """An error names what is wrong, and which formats are read."""
    assert words in error(tmp_path, content)


def test_the_last_of_equal_keys_counts(tmp_path: Path) -> None:
    """An object that has a key twice is not an error."""
    assert tool(tmp_path, b'{"Results": null, "Results": []}') == "Trivy"


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports that would take too much memory are refused with the limit."""
    many = {"Results": [{"Vulnerabilities": [{"VulnerabilityID": "CVE-1"}] * 4}]}
    monkeypatch.setattr(decode, "MAX_ITEMS", 3)
    assert error(tmp_path, json.dumps(many).encode()).endswith("it has 4 vulnerabilities, expected at most 3")
    monkeypatch.setattr(read_report, "_MAX_VALUES", 2)
    assert error(tmp_path, json.dumps(many).encode()).endswith("it has 3 values, expected at most 2")
    monkeypatch.setattr(read_report, "_MAX_REPORT_BYTES", 20)
    assert "it is larger than" in error(tmp_path, TRIVY)


@pytest.mark.parametrize("name", ["nope.json", ".", "\x1b[31m\n.json"])
def test_files_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    """A missing file, a directory and a name with escapes are errors on one line."""
    with pytest.raises(UsageError) as caught:
        read_report.read_report(str(tmp_path / name))
    assert "cannot be read" in caught.value.message
    assert caught.value.message.isprintable()


def test_hostile_texts(tmp_path: Path) -> None:
    """Names with escapes and line breaks are printable, and long ones are cut."""
    item = {"VulnerabilityID": "CVE\x1b[31m", "PkgName": "a\nb" * 1000, "Title": "x\r\n::error::" + "y" * 9999}
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"Results": [{"Vulnerabilities": [item]}]}))
    (found,) = read_report.read_report(str(path)).vulnerabilities
    texts = (found.id, found.title, found.package.name)
    assert all(text.isprintable() and len(text) <= 300 for text in texts)
    assert found.title == "x\\r"
