"""CycloneDX in JSON, as Trivy, Grype and Syft write it.

It lists packages, and may have vulnerabilities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import field

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.scan_reports.decode import Struct, check_count, decode
from explorer.analysis.findings.scan_reports.reported_names import (
    id_and_others,
    reported_package,
    severity_of,
    shown_title,
)
from explorer.analysis.findings.scan_reports.scan_report import (
    ReportedImage,
    ReportedPackage,
    ReportedVulnerability,
    ScanReport,
)
from explorer.text.units import counted

_TRIVY_PREFIX = "aquasecurity:trivy:"
_OWN_PREFIX = "layer-explorer:"
_LAYER_NAMES = (f"{_TRIVY_PREFIX}LayerDiffID", f"{_TRIVY_PREFIX}LayerDigest", "syft:location:0:layerID")
_PATH_NAMES = (f"{_TRIVY_PREFIX}FilePath", "syft:location:0:path")
_TYPE_NAMES = (f"{_TRIVY_PREFIX}PkgType", "syft:package:type")
_UNAFFECTED_STATES = ("not_affected", "false_positive", "resolved", "resolved_with_pedigree")


class _Property(Struct):
    name: str = ""
    value: str = ""


class _Component(Struct):
    ref: str = field(name="bom-ref", default="")
    type: str = ""
    group: str = ""
    name: str = ""
    version: str = ""
    purl: str = ""
    properties: list[_Property] | None = None
    components: list[_Component] | None = None


class _Source(Struct):
    name: str = ""


class _Rating(Struct):
    source: _Source = field(default_factory=_Source)
    severity: str = ""


class _Affected(Struct):
    ref: str = ""


class _Analysis(Struct):
    state: str = ""


class _Vulnerability(Struct):
    id: str = ""
    source: _Source = field(default_factory=_Source)
    ratings: list[_Rating] | None = None
    description: str = ""
    affects: list[_Affected] | None = None
    analysis: _Analysis = field(default_factory=_Analysis)


class _Metadata(Struct):
    component: _Component = field(default_factory=_Component)


class _Document(Struct):
    metadata: _Metadata = field(default_factory=_Metadata)
    components: list[_Component] | None = None
    vulnerabilities: list[_Vulnerability] | None = None


def parse(content: bytes | msgspec.Raw) -> ScanReport:
    """Reads a document. Raises BadReport."""
    document = decode(content, _Document, "CycloneDX")
    components = list(_all(document.components or ()))
    check_count(len(components), "component", "components")
    stated = [each for each in document.vulnerabilities or () if each.analysis.state not in _UNAFFECTED_STATES]
    affected_count = sum(len(each.affects or ()) for each in stated)
    check_count(affected_count, "vulnerability", "vulnerabilities")
    packages = {each.ref: _package(each) for each in components}
    vulnerabilities = [found for each in stated for found in _vulnerabilities(each, packages)]
    missing = affected_count - len(vulnerabilities)
    return ScanReport(
        "CycloneDX",
        _image(document.metadata.component),
        vulnerabilities,
        packages=[packages[each.ref] for each in components if each.purl],
        layers=frozenset(each.layer for each in packages.values() if each.layer),
        ignored=counted(missing, "vulnerability without a package", "vulnerabilities without a package")
        if missing
        else "",
    )


def _all(components: Iterable[_Component]) -> Iterator[_Component]:
    """Yields components and those inside them."""
    waiting = list(components)[::-1]
    while waiting:
        component = waiting.pop()
        yield component
        waiting += reversed(component.components or ())


def _image(component: _Component) -> ReportedImage:
    if component.type != "container":
        return ReportedImage()
    values = [
        (each.name.removeprefix(_TRIVY_PREFIX).removeprefix(_OWN_PREFIX), each.value)
        for each in component.properties or ()
    ]
    digests = [value.rpartition("@")[2] for name, value in values if name == "RepoDigest"]
    if component.version.startswith("sha256:"):
        digests.append(component.version)
    return ReportedImage(
        next((value for name, value in values if name == "ImageID"), ""),
        tuple(digests),
        tuple(value for name, value in values if name == "DiffID"),
    )


def _package(component: _Component) -> ReportedPackage:
    values = {each.name: each.value for each in component.properties or ()}

    def of(names: Sequence[str]) -> list[str]:
        return [values[name] for name in names if name in values]

    type_name, layer = (next(iter(of(names)), "") for names in (_TYPE_NAMES, _LAYER_NAMES))
    paths = tuple(of(_PATH_NAMES))
    return reported_package(component.purl, type_name, component.name, component.version, layer, paths)


def _vulnerabilities(
    vulnerability: _Vulnerability, packages: Mapping[str, ReportedPackage]
) -> Iterator[ReportedVulnerability]:
    own_id, other_ids = id_and_others(vulnerability.id, ())
    severity = _severity(vulnerability.ratings or (), vulnerability.source.name)
    title = shown_title(vulnerability.description)
    for affected in vulnerability.affects or ():
        package = packages.get(affected.ref)
        if package is not None:
            yield ReportedVulnerability(own_id, other_ids, severity, title, package)


def _severity(ratings: Sequence[_Rating], source: str) -> Severity | None:
    """Returns the severity of the source that is named, or else the worst one.

    None if there is none.
    """
    named = [each for each in ratings if each.source.name == source]
    for group in (named, ratings):
        found = [severity for each in group if (severity := severity_of(each.severity)) is not None]
        if found:
            return min(found, key=lambda severity: severity.rank)
    return None
