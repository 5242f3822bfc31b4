"""Grype and Syft: ``grype --output json`` and ``syft --output syft-json``.

Both describe the image and the packages in the same way. Their layers are diff IDs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import field

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
    ReportedVulnerability,
    ScanReport,
)


class _Layer(Struct):
    digest: str = ""


class _Target(Struct):
    image_id: str = field(name="imageID", default="")
    manifest_digest: str = field(name="manifestDigest", default="")
    repo_digests: list[str] | None = field(name="repoDigests", default=None)
    layers: list[_Layer] | None = None
    architecture: str = ""


class _Source(Struct):
    target: _Target | str | None = None
    """The image in Grype, and in Syft before schema 9."""
    metadata: _Target | str | None = None
    """The image in Syft."""


class _Location(Struct):
    path: str = ""
    layer: str = field(name="layerID", default="")


class _Artifact(Struct):
    name: str = ""
    version: str = ""
    type: str = ""
    purl: str = ""
    locations: list[_Location] | None = None


class _Fix(Struct):
    versions: list[str] | None = None
    state: str = ""


class _Vulnerability(Struct):
    id: str = ""
    severity: str = ""
    description: str = ""
    fix: _Fix | None = None


class _SuggestedFix(Struct):
    version: str = field(name="suggestedVersion", default="")


class _Details(Struct):
    fix: _SuggestedFix | None = None


class _Match(Struct):
    vulnerability: _Vulnerability
    artifact: _Artifact
    related: list[_Vulnerability] | None = field(name="relatedVulnerabilities", default=None)
    details: list[_Details] | None = field(name="matchDetails", default=None)


class _GrypeReport(Struct):
    matches: list[_Match] | None
    source: _Source | None = None


class _SyftReport(Struct):
    artifacts: list[_Artifact] | None
    source: _Source | None = None


def parse_grype(content: bytes | msgspec.Raw) -> ScanReport:
    """Reads a report of Grype. Raises BadReport."""
    report = decode(content, _GrypeReport, "a report of Grype")
    matches = report.matches or ()
    check_count(len(matches), "match", "matches")
    vulnerabilities = [_vulnerability(match) for match in matches]
    layers = _layers(match.artifact for match in matches)
    return ScanReport("Grype", _image(report.source), vulnerabilities, layers=layers)


def parse_syft(content: bytes | msgspec.Raw) -> ScanReport:
    """Reads a report of Syft. Raises BadReport."""
    report = decode(content, _SyftReport, "a report of Syft")
    artifacts = report.artifacts or ()
    check_count(len(artifacts), "package", "packages")
    packages = [_package(artifact) for artifact in artifacts]
    return ScanReport("Syft", _image(report.source), packages=packages, layers=_layers(artifacts))


def _image(source: _Source | None) -> ReportedImage:
    target = (source.metadata or source.target) if source else None
    if not isinstance(target, _Target):
        return ReportedImage()
    digests = (target.manifest_digest, *(name.rpartition("@")[2] for name in target.repo_digests or ()))
    diff_ids = tuple(layer.digest for layer in target.layers or ())
    return ReportedImage(target.image_id, tuple(filter(None, digests)), diff_ids, shown_name(target.architecture))


def _layers(artifacts: Iterable[_Artifact]) -> frozenset[str]:
    return frozenset(
        location.layer for artifact in artifacts for location in artifact.locations or () if location.layer
    )


def _package(artifact: _Artifact) -> ReportedPackage:
    locations: Sequence[_Location] = artifact.locations or ()
    layer = next((location.layer for location in locations if location.layer), "")
    paths = tuple(location.path for location in locations)
    return reported_package(artifact.purl, artifact.type, artifact.name, artifact.version, layer, paths)


def _vulnerability(match: _Match) -> ReportedVulnerability:
    own, related = match.vulnerability, match.related or ()
    own_id, other_ids = id_and_others(own.id, (each.id for each in related))
    descriptions = (own.description, *(each.description for each in related))
    fix = own.fix or _Fix()
    suggested = (details.fix.version for details in match.details or () if details.fix and details.fix.version)
    return ReportedVulnerability(
        own_id,
        other_ids,
        severity_of(own.severity),
        shown_title(next(filter(None, descriptions), "")),
        _package(match.artifact),
        shown_name(next(suggested, ", ".join(fix.versions or ()))),
        fix.state == "wont-fix",
    )
