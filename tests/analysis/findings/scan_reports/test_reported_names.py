"""Tests for explorer/analysis/findings/scan_reports/reported_names.py."""

from __future__ import annotations

import pytest

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.scan_reports.reported_names import (
    id_and_others,
    kind_of,
    package_key,
    purl_kind_and_name,
    severity_of,
    shown_title,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("pypi", "Flask_Login", "1"), ("pypi", "flask-login", "1")),
        (("golang", "stdlib", "go1.21.3"), ("golang", "stdlib", "v1.21.3")),
        (("golang", "golang.org/x/net", "v0.7.0"), ("golang", "golang.org/x/net", "0.7.0")),
        (("golang", "cmd/go", "(devel)"), ("golang", "cmd/go", "")),
        (("rpm", "bash", "0:5.1-2"), ("rpm", "bash", "5.1-2")),
        (("maven", "pax:pax", "UNKNOWN"), ("maven", "pax:pax", "")),
    ],
)
def test_spellings_of_one_package(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """The key of a package is the same for all spellings of scanners."""
    assert package_key(*one) == package_key(*other)


def test_different_versions() -> None:
    """An epoch that is not 0 is a part of the version."""
    assert package_key("deb", "zlib1g", "1:1.2") != package_key("deb", "zlib1g", "1.2")


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        ("pkg:deb/debian/bash@5?arch=amd64", ("deb", "bash")),
        ("pkg:npm/%40babel/core@7", ("npm", "@babel/core")),
        ("pkg:maven/org.slf4j/slf4j-api@2", ("maven", "org.slf4j:slf4j-api")),
        ("pkg:golang/golang.org/x/net@v0.7.0", ("golang", "golang.org/x/net")),
        ("pkg:alpine/busybox@1", ("apk", "busybox")),
        ("pkg:nuget/Newtonsoft.Json@12", ("nuget", "")),
        ("no purl", ("", "")),
        ("", ("", "")),
    ],
)
def test_package_urls(purl: str, expected: tuple[str, str]) -> None:
    """The name in a package URL has its group as the databases of the image have it."""
    assert purl_kind_and_name(purl) == expected


def test_words() -> None:
    """Types, severities and titles of all scanners have one meaning."""
    assert [kind_of(word) for word in ("ubuntu", "node-pkg", "java-archive", "gobinary")] == [
        "deb",
        "npm",
        "maven",
        "golang",
    ]
    words = ("CRITICAL ", "High", "Negligible", "Unknown", "")
    assert [severity_of(word) for word in words] == [
        Severity.CRITICAL,
        Severity.HIGH,
        Severity.INFO,
        None,
        None,
    ]
    assert shown_title("openssl: information disclosure\nmore") == "information disclosure"
    assert len(shown_title("long " * 99)) <= 120
    assert id_and_others("GHSA-1", ["CVE-1", "GHSA-1", " "]) == ("CVE-1", ("GHSA-1",))
