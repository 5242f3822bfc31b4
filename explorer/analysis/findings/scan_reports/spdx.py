"""SPDX 2 in JSON, as Syft, Trivy and BuildKit write it.

It lists packages, and has no vulnerabilities. BuildKit keeps it as an attestation: an in-toto statement whose subjects
are the manifests of images.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import field

from explorer.analysis.findings.scan_reports.decode import Struct, check_count, decode
from explorer.analysis.findings.scan_reports.reported_names import reported_package
from explorer.analysis.findings.scan_reports.scan_report import BadReport, ReportedImage, ReportedPackage, ScanReport

_FORM = "SPDX 2"
_LAYER_PREFIX = "layerID: "
_BUILDKIT = "Tool: buildkit-"
_NO_PACKAGES = ("", "oci")
"""Kinds of what is no package of the image: it has no package URL, or is the image."""
_ROOT_PURPOSES = ("CONTAINER", "OPERATING-SYSTEM")


class _Reference(Struct):
    type: str = field(name="referenceType", default="")
    locator: str = field(name="referenceLocator", default="")


class _Checksum(Struct):
    algorithm: str = ""
    value: str = field(name="checksumValue", default="")


class _Annotation(Struct):
    comment: str = ""


class _Package(Struct):
    name: str = ""
    version: str = field(name="versionInfo", default="")
    purpose: str = field(name="primaryPackagePurpose", default="")
    references: list[_Reference] | None = field(name="externalRefs", default=None)
    checksums: list[_Checksum] | None = None
    annotations: list[_Annotation] | None = None
    attributions: list[str] | None = field(name="attributionTexts", default=None)

    @property
    def purl(self) -> str:
        return next((each.locator for each in self.references or () if each.type == "purl"), "")


class _File(Struct):
    comment: str = ""


class _Creation(Struct):
    creators: list[str] | None = None


class _Document(Struct):
    version: str = field(name="spdxVersion")
    creation: _Creation = field(name="creationInfo", default_factory=_Creation)
    packages: list[_Package] | None = None
    files: list[_File] | None = None


class _Subject(Struct):
    digest: dict[str, str] | None = None


class _Statement(Struct):
    predicate: msgspec.Raw
    type: str = field(name="predicateType", default="")
    subjects: list[_Subject] | None = field(name="subject", default=None)


def parse(content: bytes | msgspec.Raw, digests: tuple[str, ...] = ()) -> ScanReport:
    """Reads a document; ``digests`` are known ones of its image. Raises BadReport."""
    document = decode(content, _Document, _FORM)
    packages = document.packages or ()
    check_count(len(packages), "package", "packages")
    layers = {each.comment.removeprefix(_LAYER_PREFIX) for each in document.files or () if _is_layer(each.comment)}
    return ScanReport(
        "SPDX",
        _image(packages, digests),
        packages=list(_packages(packages)),
        layers=frozenset(layers),
        names_blobs=any(each.startswith(_BUILDKIT) for each in document.creation.creators or ()),
    )


def parse_statement(content: bytes) -> ScanReport:
    """Reads an in-toto statement with a document. Raises BadReport."""
    statement = decode(content, _Statement, "an in-toto statement")
    if "spdx" not in statement.type.lower():
        raise BadReport("it is an attestation that has no SPDX")
    digests = [f"{name}:{digits}" for each in statement.subjects or () for name, digits in (each.digest or {}).items()]
    return parse(statement.predicate, tuple(digests))


def _is_layer(comment: str) -> bool:
    return comment.startswith(_LAYER_PREFIX)


def _image(packages: Sequence[_Package], digests: tuple[str, ...]) -> ReportedImage:
    """Returns the image that the package of the whole container names."""
    root = next((each for each in packages if each.purpose == "CONTAINER"), _Package())
    digests += tuple(
        f"{each.algorithm.lower().replace('-', '')}:{each.value}" for each in root.checksums or () if each.value
    )
    if not digests and root.version.startswith("sha256:"):
        digests = (root.version,)
    # Trivy's, first as attributions and later as annotations.
    stated = [*(root.attributions or ()), *(each.comment for each in root.annotations or ())]
    pairs = [text.partition(": ")[::2] for text in stated]
    return ReportedImage(
        next((value for name, value in pairs if name == "ImageID"), ""),
        digests,
        tuple(value for name, value in pairs if name == "DiffID"),
    )


def _packages(packages: Sequence[_Package]) -> Iterator[ReportedPackage]:
    for each in packages:
        package = reported_package(each.purl, "", each.name, each.version)
        if package.kind not in _NO_PACKAGES and each.purpose not in _ROOT_PURPOSES:
            yield package
