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
_MAX_REPORT_BYTES = 250_000_000
"""Limit for a file. A report that lists the 140,000 files of an image of 3 GB has 60 MB."""
_MAX_VALUES = 8_000_000
"""Limit for the values in a file, because each takes up to 200 bytes. That report has 1,600,000."""
_STARTS = (b"{", b"[", b" ", b"\n", b"\r", b"\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""The first bytes of JSON, which a large file of another kind does not have."""
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Start(Struct):
    """The keys that only one format has; their values are not decoded."""

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
    path = Path(file)
    # A shell hands over the output of a scanner as a pipe: --scan <(trivy …).
    with open(path, "rb") if path.is_fifo() else regular_file(path) as opened:
        return _limited(opened)


def _limited(opened: BinaryIO) -> bytes:
    content = opened.read(_MAX_REPORT_BYTES + 1)
    if not content.strip():
        raise BadReport("it is empty")
    if not content.startswith(_STARTS):
        raise BadReport("it is not JSON")
    if len(content) > _MAX_REPORT_BYTES:
        raise BadReport(f"it is larger than {_MAX_REPORT_BYTES // 1_000_000} MB; leave out its list of files")
    if content.startswith(_WIDE_MARKS):
        # Because > of Windows PowerShell writes UTF-16.
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            raise BadReport("it is not JSON: it is neither UTF-8 nor UTF-16") from None
    # All but the first value of an object or a list stand after a comma.
    count = content.count(b",")
    if count > _MAX_VALUES:
        raise BadReport(f"it has {count:,} values, expected at most {_MAX_VALUES:,}")
    return content.removeprefix(codecs.BOM_UTF8)


def _parsed(content: bytes) -> ScanReport:
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
