"""The option ``--scan``: reports of other scanners about IMAGE."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from explorer.cli.help_pages import Heading, headed_option
from explorer.cli.output_options import Decorator
from explorer.errors import UsageError

if TYPE_CHECKING:
    from explorer.analysis.findings.scan_reports.scan_report import ScanReport

STANDARD_INPUT = "-"

with_scan_option: Decorator = headed_option(
    Heading.IMAGE,
    "--scan",
    "scan_files",
    multiple=True,
    type=click.Path(path_type=str, allow_dash=True),
    metavar="FILE",
    help="Add the findings of a scan of IMAGE: JSON of Trivy, Grype, Syft, SPDX or CycloneDX; - for stdin; repeatable.",
)
"""The option ``--scan``; commands get the reports with the image that is requested."""


def read_scan_reports(files: Sequence[str], image: str) -> tuple[ScanReport, ...]:
    """Returns the reports in files. Raises UsageError."""
    if not files:
        return ()
    if [*files, image].count(STANDARD_INPUT) > 1:
        raise UsageError("standard input holds one thing: an image or a report", "Save the others to files.")
    if STANDARD_INPUT in files and sys.stdin.isatty():
        raise UsageError(
            "standard input is a terminal, expected a report of a scanner",
            "For example: trivy image --format json IMAGE | lx findings --scan - IMAGE",
        )
    # The libraries are loaded only for those who have a report.
    from explorer.analysis.findings.scan_reports.read_report import read_report

    return tuple(map(read_report, dict.fromkeys(files)))
