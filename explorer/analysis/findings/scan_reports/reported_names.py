"""Names of packages, vulnerabilities and severities in reports.

Scanners spell the same package in different ways: a kind has several names, a version may have an epoch of 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.scan_reports.scan_report import ReportedPackage
from explorer.analysis.packages.package import Package
from explorer.text.printable import printable

_MAX_NAME_CHARS = 200
_MAX_TITLE_CHARS = 120
_MAX_PURL_CHARS = 2000
_MAX_IDS = 20
_KINDS = {
    "deb": "deb debian ubuntu echo seal",
    "apk": "apk alpine wolfi chainguard minimos",
    "rpm": (
        "rpm redhat centos rocky alma oracle amazon fedora photon cbl-mariner azurelinux suse opensuse "
        "opensuse.leap opensuse.tumbleweed"
    ),
    "pypi": "pypi python python-pkg pip pipenv poetry uv pylock",
    "npm": "npm node-pkg yarn pnpm bun javascript",
    "gem": "gem gemspec bundler",
    "maven": "maven java-archive jar pom gradle sbt java jenkins-plugin",
    "golang": "golang gobinary gomod go-module go",
    "cargo": "cargo rustbinary rust-crate rust",
    "conda": "conda conda-pkg conda-environment",
}
_KIND_OF_TYPE = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_SEVERITIES = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "low": Severity.LOW,
    "negligible": Severity.INFO,
    "informational": Severity.INFO,
    "info": Severity.INFO,
    "none": Severity.INFO,
}
WITHOUT_ID = "vulnerability-without-id"
"""The name of a vulnerability to which a report gives none: it counts all the same."""
_NO_VERSIONS = ("(devel)", "UNKNOWN")
"""Words for no version: of Go for a program that is built from a working tree, and of Syft."""
_PYPI_SEPARATORS = re.compile("[-_.]+")
_UPSTREAM_PREFIX = re.compile(r"[\w.+/@-]+: +")

PackageKey = tuple[str, str, str]
"""Kind, name and version of a package, the same for all spellings."""


def kind_of(type_name: str) -> str:
    """Returns the kind of packages that a scanner's type means, or else the type."""
    name = type_name.lower()
    return _KIND_OF_TYPE.get(name, shown_name(name))


def severity_of(word: str) -> Severity | None:
    """Returns a severity; None if the word is none, such as ``UNKNOWN``."""
    return _SEVERITIES.get(word.strip().lower())


def shown_name(text: str) -> str:
    """Returns a name or a version, printable and not too long."""
    return printable(text[:_MAX_NAME_CHARS].strip())


def shown_title(text: str) -> str:
    """Returns the first line of a title, without the package before a colon."""
    line = text.strip().partition("\n")[0]
    line = _UPSTREAM_PREFIX.sub("", line[: _MAX_TITLE_CHARS * 4], count=1) if _UPSTREAM_PREFIX.match(line) else line
    return printable(line if len(line) <= _MAX_TITLE_CHARS else f"{line[: _MAX_TITLE_CHARS - 1].rstrip()}…")


def id_and_others(own_id: str, other_ids: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Returns the name of a vulnerability, and its other names.

    Scanners name the same one CVE-… or GHSA-…: the CVE counts if there is exactly one.
    """
    names = list(dict.fromkeys(shown_name(name) for name in (own_id, *other_ids) if name.strip()))[:_MAX_IDS]
    cves = [name for name in names if name.startswith("CVE-")]
    main = cves[0] if len(cves) == 1 else shown_name(own_id) or WITHOUT_ID
    return main, tuple(name for name in names if name != main)


@lru_cache(maxsize=1000)  # Because a package has many vulnerabilities, one after the other.
def purl_kind_and_name(purl: str) -> tuple[str, str]:
    """Returns the kind and the full name in a package URL; empty if it is none.

    Of a kind that the image's databases do not have, the name is empty: the report's own is the better one.
    """
    from packageurl import PackageURL

    if not purl or len(purl) > _MAX_PURL_CHARS:
        return "", ""
    try:
        parsed = PackageURL.from_string(purl)
    except ValueError:
        return "", ""
    kind = kind_of(parsed.type)
    if kind not in _KINDS:
        return kind, ""
    name = Package(kind, parsed.name, "", "", parsed.namespace or "", "", 0).full_name
    return kind, shown_name(name)


def reported_package(
    purl: str, type_name: str, name: str, version: str, layer: str = "", paths: tuple[str, ...] = ()
) -> ReportedPackage:
    """Returns a package; its package URL counts more than its type and its name.

    Args:
        purl: The package URL; may be empty.
        type_name: The type in the scanner's words; may be empty.
        name: The name in the scanner's words.
        version: Its version.
        layer: Digest or diff ID of its layer; empty if unknown.
        paths: The paths that it may be at.
    """
    kind, full_name = purl_kind_and_name(purl)
    return ReportedPackage(kind or kind_of(type_name), full_name or shown_name(name), shown_name(version), layer, paths)


def package_key(kind: str, name: str, version: str) -> PackageKey:
    """Returns a key that is the same for all spellings of a package."""
    name = name.lower()
    version = "" if version in _NO_VERSIONS else version
    if kind == "pypi":
        name = _PYPI_SEPARATORS.sub("-", name)
    if kind == "golang":
        version = version.removeprefix("go").removeprefix("v")
    elif kind in ("deb", "rpm"):
        version = version.removeprefix("0:")
    return kind, name, version
