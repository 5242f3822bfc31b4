"""Notes on reports: doubts, parts that are not read, and packages that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.analysis.findings.scan_reports.reported_names import package_key
from explorer.analysis.findings.scan_reports.same_image import require_same_image
from explorer.analysis.findings.scan_reports.scan_report import ScanReport
from explorer.analysis.packages.package_usage import PackageUsage
from explorer.model import Image
from explorer.text.units import counted
from explorer.text.words import enumerated

_MAX_NAMES = 5


def report_notes(report: ScanReport, image: Image, usages: Sequence[PackageUsage]) -> Iterator[str]:
    """Yields sentences about a report; printable."""
    doubt = require_same_image(report, image)
    if doubt:
        yield f"{report.name} {doubt}."
    if report.ignored:
        yield f"{report.name}: {report.ignored} {'is' if report.ignored.startswith('1 ') else 'are'} not read."
    if report.packages is not None:
        if not report.vulnerabilities:
            yield f"{report.name} lists packages, and no vulnerabilities."
        yield from _differences(report, usages)


def _differences(report: ScanReport, usages: Sequence[PackageUsage]) -> Iterator[str]:
    """Yields the packages that only the report has, and those that it lacks."""
    theirs = {package_key(each.kind, each.name, each.version): each for each in report.packages or ()}
    packages = [usage.package for usage in usages]
    ours = {package_key(each.kind, each.full_name, each.version): each for each in packages}
    unknown = [f"{each.name} {each.version}".rstrip() for key, each in theirs.items() if key not in ours]
    if unknown:
        yield f"{report.name} lists {_names(unknown)} that no package database of the image has."
    missing = [each.name_and_version for key, each in ours.items() if each.removed_in is None and key not in theirs]
    if missing:
        yield f"{report.name} does not list {_names(missing)} that a container has."


def _names(names: Sequence[str]) -> str:
    """Returns the number of packages, and the names of the first ones."""
    shown = sorted(names)[:_MAX_NAMES]
    more = len(names) - len(shown)
    words = [*shown, counted(more, "other")] if more else shown
    return f"{counted(len(names), 'package')} ({enumerated(words, 'and')})"
