"""The words that choose packages: parts of names, patterns, layers and states."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

from explorer.analysis.packages.formats import PACKAGE_KINDS, SYSTEM_KINDS
from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_usage import PackageUsage
from explorer.text.filter_words import BadWord, glob, is_glob, layer_numbers, matches_all, one_of
from explorer.text.units import parse_size

UsageTest = Callable[[PackageUsage], bool]
PackageTest = Callable[[Package], bool]

_PURL = "pkg:"
_COMPARED = re.compile(r"(size|wasted)(>=|<=|[<>=])(.*)", re.IGNORECASE)
_COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}
_STATES: Mapping[str, PackageTest] = {
    "installed": lambda package: package.removed_in is None,
    "removed": lambda package: package.removed_in is not None and not package.upgraded_to,
    "upgraded": lambda package: bool(package.upgraded_to),
}
_USAGE_STATES: Mapping[str, UsageTest] = {"wasted": lambda usage: usage.wasted_bytes > 0}


def usage_test(words: Sequence[str]) -> UsageTest:
    """Returns a test of packages that pass all words. Raises BadWord."""
    return matches_all(words, _test)


def package_test(pattern: str) -> PackageTest:
    """Returns a test of packages by a pattern of names, or of package URLs.

    A name counts with and without its namespace. A package URL counts as a whole, and also without its qualifiers,
    without its version and without a distribution.
    """
    matches = glob(pattern)
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


def _of_package(test: PackageTest) -> UsageTest:
    return lambda usage: test(usage.package)


def _test(word: str) -> UsageTest:
    compared = _COMPARED.fullmatch(word)
    if compared:
        return _compared(compared[1].lower(), compared[2], compared[3])
    key, colon, value = word.partition(":")
    if colon and not word.startswith(_PURL):
        return _keyed(key.lower(), value.lower())
    if word.startswith(_PURL) or is_glob(word):
        return _of_package(package_test(word))
    part = word.lower()
    return _of_package(lambda package: part in package.full_name.lower())


def _compared(figure: str, comparison: str, amount: str) -> UsageTest:
    limit, compare = parse_size(amount), _COMPARISONS[comparison]
    if limit is None:
        raise BadWord(f"{figure}: a number of bytes, as in {figure}>10M or {figure}<4KiB")
    if figure == "size":
        return lambda usage: compare(usage.bytes, limit)
    return lambda usage: compare(usage.wasted_bytes, limit)


def _keyed(key: str, value: str) -> UsageTest:
    if key == "kind":
        kind = one_of(key, PACKAGE_KINDS, value)
        return _of_package(lambda package: package.kind == kind)
    if key == "is":
        state = one_of(key, (*_STATES, *_USAGE_STATES), value)
        return _of_package(_STATES[state]) if state in _STATES else _USAGE_STATES[state]
    if key == "layer":
        numbers = layer_numbers(value)
        return _of_package(lambda package: package.installed_in in numbers or package.removed_in in numbers)
    if key == "package" and value:
        return _of_package(package_test(value))
    raise BadWord(f"there is no key {key}: package:, kind:, is:, layer:, size> or wasted>")
