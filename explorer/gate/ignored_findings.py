"""Patterns of findings that do not count: a name, or a name and a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from explorer.analysis.findings.finding import ConfigPlace, Finding, PathPlace
from explorer.text.filter_words import glob, is_glob
from explorer.text.patterns import path_matcher
from explorer.text.suggestions import nearest

FindingTest = Callable[[Finding], bool]

_MAX_COLONS = 4
"""Names of some advisories have a colon, as in ``RHSA-2024:1234``, and so may paths."""
_MAX_PATTERNS = 20
"""The comparison of a name with all others takes milliseconds."""
_MIN_SIMILARITY = 0.75
_ADVISORY = re.compile(r"[a-z]+-\d", re.IGNORECASE)
"""Scanners report these; one that is no longer found is no mistake."""


def ignored_test(patterns: Sequence[str]) -> FindingTest:
    """Returns a test of findings that one of the patterns matches.

    A pattern is a name, or a name, a colon and a place: the path of a file, as in a .gitignore file, or the key of a
    setting. Names may have ``*``, and count in any case.
    """
    tests = [_test(pattern) for pattern in patterns]
    return lambda finding: any(test(finding) for test in tests)


def _test(pattern: str) -> FindingTest:
    is_name = glob(pattern)
    colons = [position for position, character in enumerate(pattern) if character == ":"][:_MAX_COLONS]
    pairs = [(glob(pattern[:colon]), _place_test(pattern[colon + 1 :])) for colon in colons if pattern[colon + 1 :]]

    def test(finding: Finding) -> bool:
        names = (finding.id, *finding.other_ids)
        return any(map(is_name, names)) or any(is_place(finding) and any(map(name, names)) for name, is_place in pairs)

    return test


def _place_test(pattern: str) -> FindingTest:
    is_path, is_key = path_matcher((pattern,)), glob(pattern)

    def test(finding: Finding) -> bool:
        place = finding.place
        if isinstance(place, PathPlace):
            return is_path(place.path)
        return isinstance(place, ConfigPlace) and is_key(place.key)

    return test


def similar_names(patterns: Iterable[str], findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    """Yields names that no finding can have, each with a similar one that exists."""
    names = {name.lower() for name in _known_names()}
    names |= {name.lower() for finding in findings for name in (finding.id, *finding.other_ids)}
    for pattern in [*patterns][:_MAX_PATTERNS]:
        name = pattern.partition(":")[0].lower()
        if name in names or pattern.lower() in names or is_glob(name) or _ADVISORY.match(name):
            continue
        similar = nearest(name, sorted(names), _MIN_SIMILARITY)
        if similar is not None:
            yield name, similar


def _known_names() -> Iterator[str]:
    from explorer.analysis.findings.practices.practices import PRACTICES
    from explorer.analysis.findings.secrets.rules import RULES_BY_ID

    for practice in PRACTICES:
        yield from (practice.id, *practice.other_ids)
    yield from RULES_BY_ID
