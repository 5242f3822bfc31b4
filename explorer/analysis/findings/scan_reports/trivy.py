"""Trivy: ``trivy image --format json``.

Since schema 2 a report names its image. Before, it was only the list of results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import field

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.scan_reports.decode import Struct, check_count, decode
from explorer.analysis.findings.scan_reports.reported_names import (
    id_and_others,
    reported_package,
    severity_of,
    shown_name,
    shown_title,
)
from explorer.analysis.findings.scan_reports.scan_report import (
    ReportedImage,
    ReportedPackage,
    ReportedSecret,
    ReportedVulnerability,
    ScanReport,
)
from explorer.text.units import counted
from explorer.text.words import enumerated

_FORM = "a report of Trivy"
_MAX_LINE = 1_000_000_000


class _Object(Struct, rename="pascal"):
    """An object whose keys begin with capitals."""


class _Layer(_Object):
    digest: str = ""
    diff_id: str = field(name="DiffID", default="")

    @property
    def name(self) -> str:
        return self.diff_id or self.digest


class _Identifier(_Object):
    purl: str = field(name="PURL", default="")


class _Vulnerability(_Object):
    id: str = field(name="VulnerabilityID", default="")
    vendor_ids: list[str] | None = field(name="VendorIDs", default=None)
    package: str = field(name="PkgName", default="")
    path: str = field(name="PkgPath", default="")
    identifier: _Identifier = field(name="PkgIdentifier", default_factory=_Identifier)
    installed: str = field(name="InstalledVersion", default="")
    fixed: str = field(name="FixedVersion", default="")
    status: str = ""
    layer: _Layer = field(default_factory=_Layer)
    title: str = ""
    description: str = ""
    severity: str = ""


class _Secret(_Object):
    rule: str = field(name="RuleID", default="")
    severity: str = ""
    title: str = ""
    line: int = field(name="StartLine", default=0)
    layer: _Layer = field(default_factory=_Layer)


class _Package(_Object):
    name: str = ""
    version: str = ""
    release: str = ""
    epoch: int = 0
    identifier: _Identifier = field(default_factory=_Identifier)
    layer: _Layer = field(default_factory=_Layer)
    path: str = field(name="FilePath", default="")

    @property
    def full_version(self) -> str:
        epoch = f"{self.epoch}:" if self.epoch else ""
        return f"{epoch}{self.version}{'-' if self.release else ''}{self.release}"


class _Misconfiguration(_Object):
    status: str = ""


class _Result(_Object):
    target: str = ""
    type: str = ""
    packages: list[_Package] | None = None
    vulnerabilities: list[_Vulnerability] | None = None
    secrets: list[_Secret] | None = None
    misconfigurations: list[_Misconfiguration] | None = None
    licenses: list[_Misconfiguration] | None = None


class _Configuration(Struct):
    architecture: str = ""


class _Metadata(_Object):
    image_id: str = field(name="ImageID", default="")
    diff_ids: list[str] | None = field(name="DiffIDs", default=None)
    repo_digests: list[str] | None = None
    configuration: _Configuration = field(name="ImageConfig", default_factory=_Configuration)


class _Report(_Object):
    metadata: _Metadata = field(default_factory=_Metadata)
    results: list[_Result] | None = None


def parse(content: bytes | msgspec.Raw) -> ScanReport:
    """Reads a report of schema 2. Raises BadReport."""
    report = decode(content, _Report, _FORM)
    metadata = report.metadata
    image = ReportedImage(
        metadata.image_id,
        tuple(name.rpartition("@")[2] for name in metadata.repo_digests or ()),
        tuple(metadata.diff_ids or ()),
        shown_name(metadata.configuration.architecture),
    )
    return _report(report.results or (), image)


def parse_results(content: bytes | msgspec.Raw) -> ScanReport:
    """Reads a report of schema 1, which is a list of results. Raises BadReport."""
    return _report(decode(content, list[_Result], _FORM), ReportedImage())


def _report(results: Sequence[_Result], image: ReportedImage) -> ScanReport:
    check_count(sum(len(each.vulnerabilities or ()) for each in results), "vulnerability", "vulnerabilities")
    check_count(sum(len(each.secrets or ()) for each in results), "secret", "secrets")
    check_count(sum(len(each.packages or ()) for each in results), "package", "packages")
    vulnerabilities = [each for result in results for each in _vulnerabilities(result)]
    secrets = [each for result in results for each in _secrets(result)]
    packages = [each for result in results for each in _packages(result)]
    layers = {each.package.layer for each in vulnerabilities}
    layers |= {each.layer for each in secrets} | {each.layer for each in packages}
    return ScanReport(
        "Trivy",
        image,
        vulnerabilities,
        secrets,
        packages or None,
        layers=frozenset(filter(None, layers)),
        ignored=_ignored(results),
    )


def _vulnerabilities(result: _Result) -> Iterator[ReportedVulnerability]:
    for each in result.vulnerabilities or ():
        own_id, other_ids = id_and_others(each.id, each.vendor_ids or ())
        paths = tuple(filter(None, (each.path, result.target)))
        package = reported_package(
            each.identifier.purl, result.type, each.package, each.installed, each.layer.name, paths
        )
        yield ReportedVulnerability(
            own_id,
            other_ids,
            severity_of(each.severity),
            shown_title(each.title or each.description),
            package,
            shown_name(each.fixed),
            each.status == "will_not_fix",
        )


def _secrets(result: _Result) -> Iterator[ReportedSecret]:
    for each in result.secrets or ():
        yield ReportedSecret(
            shown_name(each.rule) or "secret",
            severity_of(each.severity) or Severity.HIGH,
            shown_title(each.title) or "Secret",
            result.target.lstrip("/"),
            each.line if 0 < each.line <= _MAX_LINE else None,
            each.layer.name,
        )


def _packages(result: _Result) -> Iterator[ReportedPackage]:
    for each in result.packages or ():
        paths = tuple(filter(None, (each.path, result.target)))
        yield reported_package(each.identifier.purl, result.type, each.name, each.full_version, each.layer.name, paths)


def _ignored(results: Sequence[_Result]) -> str:
    """Returns the parts of the report that are not read."""
    failed = sum(each.status in ("FAIL", "") for result in results for each in result.misconfigurations or ())
    licenses = sum(len(result.licenses or ()) for result in results)
    parts = ((failed, "misconfiguration"), (licenses, "license"))
    words = [counted(count, one) for count, one in parts if count]
    return enumerated(words, "and") if words else ""
