"""A report of a scanner, in terms that all formats share.

All texts are printable, but for paths and digests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from explorer.analysis.findings.finding import Severity


class BadReport(Exception):
    """A report cannot be read; the text says why and is printable."""


@dataclass(frozen=True, slots=True)
class ReportedImage:
    """The image that a report is about, as far as the report names it."""

    id: str = ""
    """Digest of its configuration."""
    digests: tuple[str, ...] = ()
    """Digests of its manifest."""
    diff_ids: tuple[str, ...] = ()
    """Digests of all its layers; in any order."""
    architecture: str = ""
    """The architecture in the words of OCI: ``arm64``; printable."""


@dataclass(frozen=True, slots=True)
class ReportedPackage:
    """A package as a report names it."""

    kind: str
    """The type in package URLs; empty if unknown."""
    name: str
    """The full name, with its group."""
    version: str
    layer: str = ""
    """Digest or diff ID of the layer that brings it; empty if unknown."""
    paths: tuple[str, ...] = ()
    """Paths that it may be at, relative to the root."""


@dataclass(frozen=True, slots=True)
class ReportedVulnerability:
    """A vulnerability in one package."""

    id: str
    """The CVE if there is exactly one, else the scanner's own."""
    other_ids: tuple[str, ...]
    severity: Severity | None
    """None if the report has none."""
    title: str
    """A few words; empty if the report has none."""
    package: ReportedPackage
    fixed_in: str = ""
    """The version without it; empty if there is none."""
    is_refused: bool = False
    """True if the distribution will not fix it."""


@dataclass(frozen=True, slots=True)
class ReportedSecret:
    """A secret in a file. The report's text of it is not kept."""

    id: str
    severity: Severity
    title: str
    path: str
    line: int | None
    layer: str
    """Digest or diff ID of the layer that brings it; empty if unknown."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """A report of a scanner."""

    tool: str
    """The name of the scanner: ``Trivy``."""
    image: ReportedImage
    vulnerabilities: Sequence[ReportedVulnerability] = ()
    secrets: Sequence[ReportedSecret] = ()
    packages: Sequence[ReportedPackage] | None = None
    """The packages that the scanner found; None if the report does not list them."""
    layers: frozenset[str] = field(default=frozenset())
    """Digests or diff IDs of layers that anything in the report names."""
    names_blobs: bool = False
    """True if these are digests of compressed layers, and not diff IDs."""
    ignored: str = ""
    """The parts that are not read: ``3 misconfigurations``; empty if all are."""
    name: str = ""
    """The file, for people."""
    file: str = ""
    """The file as the user named it; not printable."""
