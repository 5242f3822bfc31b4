"""Reads reports of scanners from files, and finds out their formats."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from msgspec import UNSET, Raw, UnsetType, field

from explorer.analysis.findings.scan_reports import cyclonedx, grype, spdx, trivy
from explorer.analysis.findings.scan_reports.decode import Struct, decode
from explorer.analysis.findings.scan_reports.scan_report import BadReport, ScanReport
from explorer.errors import UsageError
from explorer.files import regular_file
from explorer.text.printable import printable

STANDARD_INPUT = "-"
EXPECTED = "Expected JSON of Trivy, Grype or Syft, or a bill of materials in SPDX 2 or CycloneDX JSON."
_MAX_REPORT_BYTES = 500_000_000
"""Limit for a file. The report of an image of 3 GB with 140,000 files has 60 MB."""
_MAX_OBJECTS = 6_000_000
"""Limit for the objects in a file. The report of that image has 600,000."""
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Start(Struct):
    """The keys by which formats are told apart; their values are not decoded."""

    results: Raw | UnsetType = field(name="Results", default=UNSET)
    artifact: Raw | UnsetType = field(name="ArtifactName", default=UNSET)
    matches: Raw | UnsetType = UNSET
    artifacts: Raw | UnsetType = UNSET
    spdx: Raw | UnsetType = field(name="spdxVersion", default=UNSET)
    spdx3: Raw | UnsetType = field(name="@graph", default=UNSET)
    bom: Raw | UnsetType = field(name="bomFormat", default=UNSET)
    predicate: Raw | UnsetType = UNSET
    wrapped: Raw | UnsetType = field(name="SPDX", default=UNSET)
    runs: Raw | UnsetType = UNSET


def read_report(file: str) -> ScanReport:
    """Returns the report in a file, or on standard input for ``-``. Raises UsageError."""
    name = "the report on standard input" if file == STANDARD_INPUT else printable(file)
    try:
        content = _content(file)
        report = _parsed(content)
    except BadReport as error:
        raise UsageError(f"{name} is no report of a scanner: {error}", EXPECTED) from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", EXPECTED) from None
    return replace(report, name=name, file=file)


def _content(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return _limited(sys.stdin.buffer)
    with regular_file(Path(file)) as opened:
        return _limited(opened)


def _limited(opened: BinaryIO) -> bytes:
    content = opened.read(_MAX_REPORT_BYTES + 1)
    if len(content) > _MAX_REPORT_BYTES:
        raise BadReport(f"it is larger than {_MAX_REPORT_BYTES // 1_000_000} MB")
    if content.startswith(_WIDE_MARKS):
        # Because > of Windows PowerShell writes UTF-16.
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            raise BadReport("it is not JSON: it is neither UTF-8 nor UTF-16") from None
    count = content.count(b"{")
    if count > _MAX_OBJECTS:
        raise BadReport(f"it has {count:,} objects, expected at most {_MAX_OBJECTS:,}")
    return content.removeprefix(codecs.BOM_UTF8)


def _parsed(content: bytes) -> ScanReport:
    if not content.strip():
        raise BadReport("it is empty")
    if content.lstrip().startswith(b"["):
        return trivy.parse_results(content)
    start = decode(content, _Start, "a JSON object")
    for key, parse in _FORMATS.items():
        if getattr(start, key) is not UNSET:
            return parse(content)
    if start.wrapped is not UNSET:
        return spdx.parse(start.wrapped)
    if start.predicate is not UNSET:
        return spdx.parse_statement(content)
    if start.spdx3 is not UNSET:
        raise BadReport("it is SPDX 3, which is not read")
    if start.runs is not UNSET:
        raise BadReport("it is SARIF, which does not name packages")
    raise BadReport("its format is unknown")


_FORMATS: dict[str, Callable[[bytes], ScanReport]] = {
    "results": trivy.parse,
    "matches": grype.parse_grype,
    "spdx": spdx.parse,
    "bom": cyclonedx.parse,
    "artifacts": grype.parse_syft,
    "artifact": trivy.parse,
}
"""A key that only one format has, and the function that reads the format."""
