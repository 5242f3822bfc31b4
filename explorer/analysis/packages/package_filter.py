"""The words that choose packages: parts of names, patterns, layers and states."""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping, Sequence

from explorer.analysis.packages.formats import PACKAGE_KINDS, SYSTEM_KINDS
from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_usage import PackageUsage
from explorer.text.units import parse_size
from explorer.text.words import enumerated

UsageTest = Callable[[PackageUsage], bool]
PackageTest = Callable[[Package], bool]

_PURL = "pkg:"
_GLOB = re.compile(r"[*?\[]")
_LAYERS = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)
_COMPARED = re.compile(r"(size|wasted)(>=|<=|[<>=])(.*)", re.IGNORECASE)
_COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}
_STATES: Mapping[str, PackageTest] = {
    "installed": lambda package: package.removed_in is None,
    "removed": lambda package: package.removed_in is not None and not package.upgraded_to,
    "upgraded": lambda package: bool(package.upgraded_to),
}
_USAGE_STATES: Mapping[str, UsageTest] = {"wasted": lambda usage: usage.wasted_bytes > 0}


class BadPackageWord(ValueError):
    """A word is not valid; the message explains a valid one."""


def usage_test(words: Sequence[str]) -> UsageTest:
    """Returns a test of packages that pass all words. Raises BadPackageWord."""
    tests = [_negated(_test(word[1:])) if word.startswith("!") and word[1:] else _test(word) for word in words]
    return lambda usage: all(test(usage) for test in tests)


def package_test(pattern: str) -> PackageTest:
    """Returns a test of packages by a pattern of names, or of package URLs.

    A name counts with and without its namespace. A package URL counts as a whole, and also without its qualifiers,
    without its version and without a distribution.
    """
    matches = _glob(pattern)
    if not pattern.startswith(_PURL):
        return lambda package: matches(package.name) or matches(package.full_name)

    def test(package: Package) -> bool:
        purl = package.purl
        plain = purl.partition("?")[0]
        forms = [purl, plain, plain.rpartition("@")[0]]
        if package.kind in SYSTEM_KINDS and package.namespace:
            # Most people leave out the distribution.
            kind, _, rest = plain.partition("/")
            short = f"{kind}/{rest.partition('/')[2]}"
            forms += [short, short.rpartition("@")[0]]
        return any(map(matches, forms))

    return test


def _glob(pattern: str) -> Callable[[str], bool]:
    match = re.compile(fnmatch.translate(pattern), re.IGNORECASE).match
    return lambda text: match(text) is not None


def _negated(test: UsageTest) -> UsageTest:
    return lambda usage: not test(usage)


def _of_package(test: PackageTest) -> UsageTest:
    return lambda usage: test(usage.package)


def _test(word: str) -> UsageTest:
    compared = _COMPARED.fullmatch(word)
    if compared:
        return _compared(compared[1].lower(), compared[2], compared[3])
    key, colon, value = word.partition(":")
    if colon and not word.startswith(_PURL):
        return _keyed(key.lower(), value.lower())
    if word.startswith(_PURL) or _GLOB.search(word):
        return _of_package(package_test(word))
    part = word.lower()
    return _of_package(lambda package: part in package.full_name.lower())


def _compared(figure: str, comparison: str, amount: str) -> UsageTest:
    limit, compare = parse_size(amount), _COMPARISONS[comparison]
    if limit is None:
        raise BadPackageWord(f"{figure}: a number of bytes, as in {figure}>10M or {figure}<4KiB")
    if figure == "size":
        return lambda usage: compare(usage.bytes, limit)
    return lambda usage: compare(usage.wasted_bytes, limit)


def _keyed(key: str, value: str) -> UsageTest:
    if key == "kind":
        if value not in PACKAGE_KINDS:
            raise BadPackageWord(f"kind: {enumerated(PACKAGE_KINDS, 'or')}")
        return _of_package(lambda package: package.kind == value)
    if key == "is":
        if value in _STATES:
            return _of_package(_STATES[value])
        if value in _USAGE_STATES:
            return _USAGE_STATES[value]
        raise BadPackageWord(f"is: {enumerated((*_STATES, *_USAGE_STATES), 'or')}")
    if key == "layer":
        match = _LAYERS.fullmatch(value)
        if match is None:
            raise BadPackageWord("layer: a number, as in layer:3 or layer:3-5")
        first, last = sorted((int(match[1]), int(match[2] or match[1])))
        return _of_package(lambda package: _changed_in(package, first, last))
    if key == "package" and value:
        return _of_package(package_test(value))
    raise BadPackageWord(f"there is no key {key}: package:, kind:, is:, layer:, size> or wasted>")


def _changed_in(package: Package, first: int, last: int) -> bool:
    """True if one of these layers installed or removed a package."""
    layers = (package.installed_in, package.removed_in)
    return any(layer is not None and first <= layer <= last for layer in layers)
