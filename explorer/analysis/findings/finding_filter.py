"""Words that choose findings: parts of names, kinds, severities, layers, states."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, PathPlace, Severity
from explorer.analysis.packages.package_filter import package_test
from explorer.text.filter_words import BadWord, glob, is_glob, layer_numbers, matches_all, one_of

FindingTest = Callable[[Finding], bool]

_COMPARED = re.compile(r"severity(>=|=)(.*)", re.IGNORECASE)
_STATES: Mapping[str, FindingTest] = {
    "visible": lambda finding: finding.hidden_in is None,
    "deleted": lambda finding: finding.hidden_in is not None,
    "hidden": lambda finding: finding.hidden_in is not None,
    "base": lambda finding: finding.is_base,
}


def finding_test(words: Sequence[str]) -> FindingTest:
    """Returns a test of findings that pass all words. Raises BadWord."""
    return matches_all(words, _test)


def _test(word: str) -> FindingTest:
    if not word:
        raise BadWord("a word is empty")
    compared = _COMPARED.fullmatch(word)
    if compared:
        return _at_least(compared[2]) if compared[1] == ">=" else _severity(compared[2])
    name, colon, value = word.partition(":")
    term = _TERMS.get(name.lower()) if colon else None
    return term(value) if term else _named(word)


def _named(word: str) -> FindingTest:
    """Returns a test of the names, the title, the package and the place."""
    if is_glob(word):
        matches = glob(word)
        return lambda finding: any(map(matches, _texts(finding)))
    folded = word.casefold()
    return lambda finding: any(folded in text.casefold() for text in _texts(finding))


def _texts(finding: Finding) -> Sequence[str]:
    place = finding.place
    where = f"/{place.path}" if isinstance(place, PathPlace) else place.key if isinstance(place, ConfigPlace) else ""
    package = [finding.package.full_name] if finding.package else []
    return [finding.id, *finding.other_ids, finding.title, where, *package]


def _kind(value: str) -> FindingTest:
    kind = FindingKind(one_of("kind", [each.value for each in FindingKind], value))
    return lambda finding: finding.kind is kind


def _severity(value: str) -> FindingTest:
    severity = Severity(one_of("severity", [each.value for each in Severity], value))
    return lambda finding: finding.severity is severity


def _at_least(value: str) -> FindingTest:
    severity = Severity(one_of("severity", [each.value for each in Severity], value))
    return lambda finding: finding.severity.rank <= severity.rank


def _state(value: str) -> FindingTest:
    return _STATES[one_of("is", list(_STATES), value)]


def _layer(value: str) -> FindingTest:
    numbers = layer_numbers(value)
    return lambda finding: finding.layer in numbers or finding.hidden_in in numbers


def _package(value: str) -> FindingTest:
    if not value:
        raise BadWord("package: a name, or a pattern of names or package URLs")
    test = package_test(value)
    return lambda finding: finding.package is not None and test(finding.package)


_TERMS: Mapping[str, Callable[[str], FindingTest]] = {
    "kind": _kind,
    "severity": _severity,
    "is": _state,
    "layer": _layer,
    "package": _package,
}
