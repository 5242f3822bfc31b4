"""Trivy: ``trivy image --format json``.

Since schema 2 a report names its image. Before, it was only the list of results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import field

from explorer.analysis.findings.scan_reports.decode import Struct, check_count, decode
from explorer.analysis.findings.scan_reports.reported_names import (
    id_and_others,
    kind_of,
    purl_kind_and_name,
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


class _Layer(Struct):
    digest: str = field(name="Digest", default="")
    diff_id: str = field(name="DiffID", default="")

    @property
    def name(self) -> str:
        return self.diff_id or self.digest


class _Identifier(Struct):
    purl: str = field(name="PURL", default="")


class _Vulnerability(Struct):
    id: str = field(name="VulnerabilityID", default="")
    vendor_ids: list[str] | None = field(name="VendorIDs", default=None)
    package: str = field(name="PkgName", default="")
    path: str = field(name="PkgPath", default="")
    identifier: _Identifier = field(name="PkgIdentifier", default_factory=_Identifier)
    installed: str = field(name="InstalledVersion", default="")
    fixed: str = field(name="FixedVersion", default="")
    status: str = field(name="Status", default="")
    layer: _Layer = field(name="Layer", default_factory=_Layer)
    title: str = field(name="Title", default="")
    description: str = field(name="Description", default="")
    severity: str = field(name="Severity", default="")


class _Secret(Struct):
    rule: str = field(name="RuleID", default="")
    severity: str = field(name="Severity", default="")
    title: str = field(name="Title", default="")
    line: int = field(name="StartLine", default=0)
    layer: _Layer = field(name="Layer", default_factory=_Layer)


class _Package(Struct):
    name: str = field(name="Name", default="")
    version: str = field(name="Version", default="")
    release: str = field(name="Release", default="")
    epoch: int = field(name="Epoch", default=0)
    identifier: _Identifier = field(name="Identifier", default_factory=_Identifier)
    layer: _Layer = field(name="Layer", default_factory=_Layer)
    path: str = field(name="FilePath", default="")

    @property
    def full_version(self) -> str:
        epoch = f"{self.epoch}:" if self.epoch else ""
        return f"{epoch}{self.version}{'-' if self.release else ''}{self.release}"


class _Misconfiguration(Struct):
    status: str = field(name="Status", default="")


class _Result(Struct):
    target: str = field(name="Target", default="")
    type: str = field(name="Type", default="")
    packages: list[_Package] | None = field(name="Packages", default=None)
    vulnerabilities: list[_Vulnerability] | None = field(name="Vulnerabilities", default=None)
    secrets: list[_Secret] | None = field(name="Secrets", default=None)
    misconfigurations: list[_Misconfiguration] | None = field(name="Misconfigurations", default=None)
    licenses: list[_Misconfiguration] | None = field(name="Licenses", default=None)


class _Configuration(Struct):
    architecture: str = ""


class _Metadata(Struct):
    image_id: str = field(name="ImageID", default="")
    diff_ids: list[str] | None = field(name="DiffIDs", default=None)
    repo_digests: list[str] | None = field(name="RepoDigests", default=None)
    configuration: _Configuration = field(name="ImageConfig", default_factory=_Configuration)


class _Tool(Struct):
    version: str = field(name="Version", default="")


class _Report(Struct):
    tool: _Tool = field(name="Trivy", default_factory=_Tool)
    metadata: _Metadata = field(name="Metadata", default_factory=_Metadata)
    results: list[_Result] | None = field(name="Results", default=None)


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
    return _report(report.results or (), image, shown_name(report.tool.version))


def parse_results(content: bytes | msgspec.Raw) -> ScanReport:
    """Reads a report of schema 1, which is a list of results. Raises BadReport."""
    return _report(decode(content, list[_Result], _FORM), ReportedImage(), "")


def _report(results: Sequence[_Result], image: ReportedImage, version: str) -> ScanReport:
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
        version=version,
    )


def _vulnerabilities(result: _Result) -> Iterator[ReportedVulnerability]:
    for each in result.vulnerabilities or ():
        if not each.id:
            continue
        kind, name = purl_kind_and_name(each.identifier.purl)
        own_id, other_ids = id_and_others(each.id, each.vendor_ids or ())
        package = ReportedPackage(
            kind or kind_of(result.type),
            name or shown_name(each.package),
            shown_name(each.installed),
            each.layer.name,
            tuple(path for path in (each.path, result.target) if path),
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
            severity_of(each.severity),
            shown_title(each.title) or "Secret",
            result.target.lstrip("/"),
            each.line if 0 < each.line <= _MAX_LINE else None,
            each.layer.name,
        )


def _packages(result: _Result) -> Iterator[ReportedPackage]:
    for each in result.packages or ():
        kind, name = purl_kind_and_name(each.identifier.purl)
        yield ReportedPackage(
            kind or kind_of(result.type),
            name or shown_name(each.name),
            shown_name(each.full_version),
            each.layer.name,
            tuple(path for path in (each.path, result.target) if path),
        )


def _ignored(results: Sequence[_Result]) -> str:
    """Returns the parts of the report that are not read."""
    failed = sum(each.status in ("FAIL", "") for result in results for each in result.misconfigurations or ())
    licenses = sum(len(result.licenses or ()) for result in results)
    parts = ((failed, "misconfiguration"), (licenses, "license"))
    words = [counted(count, one) for count, one in parts if count]
    return enumerated(words, "and") if words else ""
