"""The words that choose findings."""

from __future__ import annotations

import pytest

from explorer.analysis.findings.finding import PathPlace
from explorer.analysis.findings.finding_filter import finding_test
from explorer.analysis.packages.package import Package
from explorer.text.filter_words import BadWord
from tests.analysis.findings.made_findings import made_finding, made_findings


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["kind:practice"], ["root-user"]),
        (["severity:CRITICAL"], ["aws-key", "aws-key"]),
        (["is:deleted"], ["private-key"]),
        (["is:base"], ["private-key"]),
        (["layer:2"], ["private-key"]),
        (["layer:0-1", "!is:base"], ["private-key", "private-key"]),
        (["AWS"], ["aws-key", "aws-key"]),
        (["dl30*"], ["root-user"]),
        (["/app/*"], ["private-key"]),
        (["env.token"], ["aws-key"]),
        (["runs as"], ["root-user"]),
        (["no:such"], []),
        ([], ["aws-key", "aws-key", "private-key", "private-key", "root-user", "private-key"]),
    ],
)
def test_words(words: list[str], names: list[str]) -> None:
    """Each word is about a name, a place, a kind, a severity, a state or a layer; all must match."""
    test = finding_test(words)
    assert [each.id for each in made_findings() if test(each)] == names


def test_packages() -> None:
    """A finding in a package is found by the name of the package, and by a pattern of it."""
    openssl = Package("deb", "openssl", "3", "", "", "/var/lib/dpkg/status", 0)
    finding = made_finding("CVE-2024-1", package=openssl, place=PathPlace("usr/lib/x"))
    assert [finding_test([word])(finding) for word in ("package:open*", "openssl", "package:bash")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("word", ["kind:x", "severity:", "is:x", "layer:x", "", "package:"])
def test_wrong_words(word: str) -> None:
    """A wrong word is an error that names the possible ones."""
    with pytest.raises(BadWord):
        finding_test([word])
