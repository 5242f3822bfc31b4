"""The words that choose packages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_filter import package_test, usage_test
from explorer.analysis.packages.package_usage import LayerShare, PackageUsage
from explorer.text.filter_words import BadWord
from tests.images import MB


def used(kind: str, name: str, version: str, layers: tuple[int, int | None], **more: str) -> Package:
    """Returns a package that a layer installed, and maybe one removed."""
    architecture = "amd64" if kind == "deb" else ""
    package = Package(kind, name, version, architecture, "", "/db", *layers)
    return replace(package, **more)  # type: ignore[arg-type]


def usage(package: Package, megabytes: float, wasted: float = 0) -> PackageUsage:
    """Returns the usage of a package, in megabytes."""
    return PackageUsage(package, {package.installed_in: LayerShare(1, int(megabytes * MB), int(wasted * MB))})


USAGES = (
    usage(used("deb", "gcc", "12", (1, 2)), 0, 40),
    usage(used("deb", "libssl3", "3.0.2", (1, None), upgraded_from="3.0.1"), 2),
    usage(used("deb", "libssl3", "3.0.1", (0, 1), upgraded_to="3.0.2"), 0, 2),
    usage(used("deb", "bash", "5.2", (0, None)), 1),
    usage(used("pypi", "requests", "2.28", (1, None)), 0.5),
)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("ba", "bash"),
        ("lib*", "libssl3 libssl3"),
        ("ssl*", ""),
        ("kind:pypi", "requests"),
        ("!kind:deb", "requests"),
        ("is:removed", "gcc"),
        ("is:upgraded", "libssl3"),
        ("is:installed kind:deb", "libssl3 bash"),
        ("is:wasted !is:upgraded", "gcc"),
        ("layer:1 !is:installed", "gcc libssl3"),
        ("layer:2-5", "gcc"),
        ("size>900kB size<2MB", "bash"),
        ("wasted>=40MB", "gcc"),
        ("pkg:deb/libssl3@3.0.2", "libssl3"),
        ("pkg:deb/bash", "bash"),
        ("pkg:*arch=amd64", "gcc libssl3 libssl3 bash"),
    ],
)
def test_filters(words: str, names: str) -> None:
    """Words choose by name, URL, kind, state, layer and bytes."""
    passes = usage_test(words.split())
    assert [usage.package.name for usage in USAGES if usage.package and passes(usage)] == names.split()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("is:big", "is: installed, removed, upgraded or wasted"),
        ("kind:exe", "kind: deb, apk, rpm, pypi, conda, npm, gem, maven, golang or cargo"),
        ("layer:x", "layer: a number"),
        ("size>much", "size: a number of bytes"),
        ("name:x", "there is no key name: package:, kind:, is:, layer:, size> or wasted>"),
    ],
)
def test_wrong_filters(word: str, expected: str) -> None:
    """A word that is wrong is an error that says what is possible."""
    with pytest.raises(BadWord) as error:
        usage_test([word])
    assert expected in str(error.value)


def test_patterns_of_names_and_urls() -> None:
    """A pattern is a whole name with or without its namespace, or a package URL without its last parts."""
    package = used("npm", "node", "18.0.0", (0, None), namespace="@types")
    for pattern in ("node", "@types/node", "@types/*", "NODE", "pkg:npm/%40types/node", "pkg:npm/*@18*", package.purl):
        assert package_test(pattern)(package), pattern
    for pattern in ("nod", "types", "pkg:npm/node", "pkg:npm/*@17*", "*/node/*"):
        assert not package_test(pattern)(package), pattern


def test_a_pattern_takes_linear_time() -> None:
    """A pattern of many stars that nearly matches a long name ends at once."""
    assert not package_test("*a" * 100 + "b")(used("npm", "a" * 300, "1", (0, None)))
