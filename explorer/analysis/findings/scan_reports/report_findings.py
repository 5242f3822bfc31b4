"""Lays reports of scanners over the layers and the packages of an image.

A report says which package has which vulnerability. The layer, the bytes and the fate of the package are those of this
analysis; the report's own layer counts only for a package that no database of the image has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, PathPlace, Severity
from explorer.analysis.findings.scan_reports.reported_names import PackageKey, package_key
from explorer.analysis.findings.scan_reports.reported_places import ReportedFile, ReportedPlaces
from explorer.analysis.findings.scan_reports.same_image import require_same_image
from explorer.analysis.findings.scan_reports.scan_report import ReportedPackage, ReportedVulnerability, ScanReport
from explorer.analysis.packages.package_usage import PackageUsage
from explorer.layers.tree import Tree
from explorer.model import Cause, Image, Waste
from explorer.text.words import enumerated

_CONFIGURATION = "config.json"
"""The name that Trivy gives to the configuration of an image."""
_Identity = int | tuple[PackageKey, str]
"""The number of a package of the image, or the key and the path of another one."""


@dataclass(slots=True)
class _Group:
    """The reports of one vulnerability in one package."""

    first: ReportedVulnerability
    usage: PackageUsage | None
    location: ReportedFile
    tools: dict[str, None] = field(default_factory=dict)
    severity: Severity | None = None
    title: str = ""
    fixed_in: str = ""
    other_ids: dict[str, None] = field(default_factory=dict)
    is_refused: bool = False
    is_certain: bool = False
    """True if a report proves that it is about this image."""

    def add(self, tool: str, reported: ReportedVulnerability, *, is_certain: bool) -> None:
        self.tools[tool] = None
        self.is_certain |= is_certain
        known = [each for each in (self.severity, reported.severity) if each is not None]
        self.severity = min(known, key=lambda each: each.rank, default=None)
        self.title = self.title or reported.title
        self.fixed_in = self.fixed_in or reported.fixed_in
        self.other_ids.update(dict.fromkeys(reported.other_ids))
        self.is_refused |= reported.is_refused


def report_findings(
    reports: Iterable[ScanReport], image: Image, tree: Tree, usages: Sequence[PackageUsage], base_layers: int
) -> list[Finding]:
    """Returns the findings of reports, each vulnerability of a package once.

    Args:
        reports: Reports that are about the image.
        image: The image.
        tree: Its merged tree.
        usages: Its packages.
        base_layers: The number of lowest layers that are the base's.
    """
    places = ReportedPlaces(image, tree)
    packages = ReportedPackages(usages, places)
    groups: dict[tuple[str, _Identity], _Group] = {}
    findings: list[Finding] = []
    for report in reports:
        is_certain = not require_same_image(report, image)
        for reported in report.vulnerabilities:
            number = packages.number(reported.package)
            usage = None if number is None else usages[number]
            location = _location(reported.package, usage, places)
            identity = (_key(reported.package), location.path) if number is None else number
            group = groups.setdefault((reported.id, identity), _Group(reported, usage, location))
            group.add(report.tool, reported, is_certain=is_certain)
        findings += _secret_findings(report, places, base_layers)
    return [_finding(group, base_layers) for group in groups.values()] + list(dict.fromkeys(findings))


class ReportedPackages:
    """Finds the packages of the image that reports name."""

    def __init__(self, usages: Sequence[PackageUsage], places: ReportedPlaces) -> None:
        self._usages = usages
        self._places = places
        self._numbers: dict[PackageKey, list[int]] = {}
        for number, usage in enumerate(usages):
            package = usage.package
            self._numbers.setdefault(package_key(package.kind, package.full_name, package.version), []).append(number)

    def number(self, reported: ReportedPackage) -> int | None:
        """Returns the index of a package among the usages; None if there is none.

        Of several ones, that at the report's path counts, then that of its layer, then one that a container has.
        """
        numbers = self._numbers.get(_key(reported), ())
        if len(numbers) < 2:
            return next(iter(numbers), None)
        paths = {f"/{path.strip('/')}" for path in reported.paths}
        layer = self._places.layer(reported.layer)

        def rank(number: int) -> tuple[bool, bool, bool, int]:
            package = self._usages[number].package
            is_gone = package.removed_in is not None
            return package.place not in paths, package.installed_in != layer, is_gone, package.installed_in

        return min(numbers, key=rank)


def _key(reported: ReportedPackage) -> PackageKey:
    return package_key(reported.kind, reported.name, reported.version)


def _location(reported: ReportedPackage, usage: PackageUsage | None, places: ReportedPlaces) -> ReportedFile:
    if usage is not None:
        package, count = usage.package, usage.bytes or usage.wasted_bytes
        return ReportedFile(package.place.lstrip("/"), package.installed_in, package.removed_in, count)
    file = places.first_file(reported.paths, reported.layer)
    return file or ReportedFile("", places.layer(reported.layer), None, 0)


def _finding(group: _Group, base_layers: int) -> Finding:
    first, location = group.first, group.location
    name = f"{first.package.name} {first.package.version}".strip() or "a package without a name"
    is_base = location.layer is not None and location.layer < base_layers
    return Finding(
        first.id,
        FindingKind.VULNERABILITY,
        group.severity or Severity.INFO,
        f"{name}: {group.title}" if group.title else name,
        PathPlace(location.path),
        location.layer,
        _why(group),
        _do(group, is_base),
        hidden_in=location.hidden_in,
        bytes=location.bytes,
        is_base=is_base,
        package=group.usage.package if group.usage else None,
        other_ids=tuple(group.other_ids),
        has_severity=group.severity is not None,
    )


def _why(group: _Group) -> str:
    location = group.location
    verb = "reports" if len(group.tools) == 1 else "report"
    sentences = [f"{enumerated(group.tools, 'and')} {verb} it."]
    if group.usage is not None:
        sentences.append(f"Layer {location.layer} installs the package.")
    else:
        sentences.append("No package database of the image has the package.")
        if location.layer is not None:
            sentences.append(f"By the report, layer {location.layer} brings it.")
    if group.severity is None:
        sentences.append("It has no severity there, and may be severe.")
    if not group.is_certain:
        sentences.append("The report does not prove that it is about this image.")
    return " ".join(sentences)


def _do(group: _Group, is_base: bool) -> str:
    name = group.first.package.name
    upgrade = group.usage.package.upgraded_to if group.usage else ""
    if upgrade:
        owner = "Use a newer base" if is_base else f"Install {name} {upgrade} in the step that brings it"
        return f"{owner}: a later layer upgrades it, but the old version still ships."
    if group.location.hidden_in is not None:
        if is_base:
            return f"Use a base without {name}: a later layer cannot take it out."
        return f"Delete {name} in the step that brings it, or do not install it."
    if group.fixed_in:
        if is_base:
            return f"The base brings it: use a newer base, with {name} {group.fixed_in}."
        return f"Upgrade {name} to {group.fixed_in}."
    reason = "The distribution will not fix it" if group.is_refused else "The report names no fixed version"
    remedy = f"Use a base without {name}, if there is one" if is_base else f"Remove {name} if nothing needs it"
    return f"{reason}. {remedy}."


def _secret_findings(report: ScanReport, places: ReportedPlaces, base_layers: int) -> list[Finding]:
    """Returns the secrets of a report. Their texts are in none of the fields."""
    findings = []
    for secret in report.secrets:
        found = places.first_file((secret.path,), secret.layer)
        layer = found.layer if found else places.layer(secret.layer)
        is_base = layer is not None and layer < base_layers
        is_setting = layer is None and secret.path == _CONFIGURATION
        findings.append(
            Finding(
                secret.id,
                FindingKind.SECRET,
                secret.severity,
                secret.title,
                ConfigPlace(_CONFIGURATION) if is_setting else PathPlace(secret.path, secret.line),
                layer,
                f"{report.tool} reports a secret here.",
                "Revoke the secret, and mount it for the step that needs it: RUN --mount=type=secret.",
                hidden_in=found.hidden_in if found else None,
                bytes=found.bytes if found else 0,
                is_base=is_base,
            )
        )
    return findings


def without_known_secrets(
    reported: Iterable[Finding], own: Iterable[Finding], wasted: Iterable[Waste]
) -> list[Finding]:
    """Leaves out the reported secrets at places where a secret is already found.

    Args:
        reported: The findings of reports.
        own: The findings of this analysis.
        wasted: The wasted files of the image: a later layer may ship a file again.
    """
    places: set[object] = {(each.place, each.layer) for each in own if each.kind is FindingKind.SECRET}
    if not places:
        return list(reported)
    shipped_before = {
        (each.path, each.hidden_in): each.shipped_in
        for each in wasted
        if each.cause is Cause.RECOPIED and each.shipped_in < each.hidden_in
    }

    def is_known(each: Finding) -> bool:
        layer = each.layer
        while isinstance(each.place, PathPlace) and layer is not None and (each.place, layer) not in places:
            layer = shipped_before.get((each.place.path, layer))
        return (each.place, layer) in places

    return [each for each in reported if each.kind is not FindingKind.SECRET or not is_known(each)]
