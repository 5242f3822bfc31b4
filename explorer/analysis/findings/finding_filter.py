"""Words that choose findings: parts of names, kinds, severities, layers, states."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence

from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, PathPlace, Severity
from explorer.analysis.packages.package_filter import package_test
from explorer.text.words import enumerated

FindingTest = Callable[[Finding], bool]

_GLOB = re.compile(r"[*?\[]")
_COMPARED = re.compile(r"severity(>=|=)(.*)", re.IGNORECASE)
_LAYERS = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)
_STATES: Mapping[str, FindingTest] = {
    "visible": lambda finding: finding.hidden_in is None,
    "deleted": lambda finding: finding.hidden_in is not None,
    "hidden": lambda finding: finding.hidden_in is not None,
    "base": lambda finding: finding.is_base,
}


class BadFindingWord(ValueError):
    """A word is not valid; the message explains a valid one."""


def finding_test(words: Sequence[str]) -> FindingTest:
    """Returns a test of findings that pass all words. Raises BadFindingWord."""
    tests = [_negated(_test(word[1:])) if word.startswith("!") and word[1:] else _test(word) for word in words]
    return lambda finding: all(test(finding) for test in tests)


def _negated(test: FindingTest) -> FindingTest:
    return lambda finding: not test(finding)


def _test(word: str) -> FindingTest:
    if not word:
        raise BadFindingWord("a word is empty")
    compared = _COMPARED.fullmatch(word)
    if compared:
        return _at_least(compared[2]) if compared[1] == ">=" else _severity(compared[2])
    name, colon, value = word.partition(":")
    term = _TERMS.get(name.lower()) if colon else None
    return term(value) if term else _named(word)


def _named(word: str) -> FindingTest:
    """Returns a test of the names, the title, the package and the place."""
    folded = word.casefold()
    if not _GLOB.search(word):
        return lambda finding: any(folded in text.casefold() for text in _texts(finding))
    match = re.compile(fnmatch.translate(folded)).match
    return lambda finding: any(match(text.casefold()) for text in _texts(finding))


def _texts(finding: Finding) -> Sequence[str]:
    place = finding.place
    where = f"/{place.path}" if isinstance(place, PathPlace) else place.key if isinstance(place, ConfigPlace) else ""
    package = [finding.package.full_name] if finding.package else []
    return [finding.id, *finding.other_ids, finding.title, where, *package]


def _one_of(name: str, values: Sequence[str], value: str) -> str:
    if value.lower() not in values:
        raise BadFindingWord(f"{name}: {enumerated(values, 'or')}")
    return value.lower()


def _kind(value: str) -> FindingTest:
    kind = FindingKind(_one_of("kind", [each.value for each in FindingKind], value))
    return lambda finding: finding.kind is kind


def _severity(value: str) -> FindingTest:
    severity = Severity(_one_of("severity", [each.value for each in Severity], value))
    return lambda finding: finding.severity is severity


def _at_least(value: str) -> FindingTest:
    severity = Severity(_one_of("severity", [each.value for each in Severity], value))
    return lambda finding: finding.severity.rank <= severity.rank


def _state(value: str) -> FindingTest:
    return _STATES[_one_of("is", list(_STATES), value)]


def _layer(value: str) -> FindingTest:
    match = _LAYERS.fullmatch(value)
    if match is None:
        raise BadFindingWord("layer: a number such as 3, or two such as 3-5")
    first, last = int(match[1]), int(match[2] or match[1])
    return lambda finding: any(
        number is not None and first <= number <= last for number in (finding.layer, finding.hidden_in)
    )


def _package(value: str) -> FindingTest:
    if not value:
        raise BadFindingWord("package: a name, or a pattern of names or package URLs")
    test = package_test(value)
    return lambda finding: finding.package is not None and test(finding.package)


_TERMS: Mapping[str, Callable[[str], FindingTest]] = {
    "kind": _kind,
    "severity": _severity,
    "is": _state,
    "layer": _layer,
    "package": _package,
}
