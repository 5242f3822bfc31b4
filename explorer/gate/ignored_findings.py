"""Patterns of findings that do not count: a name, or a name and a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from explorer.analysis.findings.finding import ConfigPlace, Finding, PathPlace, Place, StepPlace
from explorer.text.filter_words import glob, is_glob
from explorer.text.patterns import path_matcher
from explorer.text.printable import printable
from explorer.text.suggestions import nearest

FindingTest = Callable[[Finding], bool]
_PlaceTest = Callable[[Place], bool]

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
    setting, or the instruction of a step, as ``ENV TOKEN`` or ``step 3``. Names may have ``*``, and count in any case.
    A finding with several places is ignored only if patterns match all of them.
    """
    parsed = [_parsed(pattern) for pattern in patterns]

    def test(finding: Finding) -> bool:
        names = (finding.id, *finding.other_ids)
        if any(is_name(name) for is_name, _ in parsed for name in names):
            return True
        tests = [is_place for _, pairs in parsed for is_start, is_place in pairs if any(map(is_start, names))]
        return bool(tests) and _all_match((finding.place, *finding.other_places), tests)

    return test


def _parsed(pattern: str) -> tuple[Callable[[str], bool], Sequence[tuple[Callable[[str], bool], _PlaceTest]]]:
    """Returns the test of a whole pattern, and those of name and place at each colon."""
    colons = [position for position, character in enumerate(pattern) if character == ":"][:_MAX_COLONS]
    pairs = [(glob(pattern[:colon]), _place_test(pattern[colon + 1 :])) for colon in colons if pattern[colon + 1 :]]
    return glob(pattern), pairs


def _all_match(places: Sequence[Place], tests: Sequence[_PlaceTest]) -> bool:
    """True if one of the tests matches each place, or all steps that set it."""
    matches = {place: any(test(place) for test in tests) for place in places}
    of_steps: dict[str, bool] = {}
    for place in places:
        if isinstance(place, StepPlace) and place.key:
            of_steps[place.key] = of_steps.get(place.key, True) and matches[place]
    return all(
        is_match or (isinstance(place, ConfigPlace) and of_steps.get(place.key, False))
        for place, is_match in matches.items()
    )


def _place_test(pattern: str) -> _PlaceTest:
    is_path, is_key = path_matcher((pattern,)), glob(pattern)

    def test(place: Place) -> bool:
        if isinstance(place, PathPlace):
            return is_path(place.path)
        if isinstance(place, ConfigPlace):
            return is_key(place.key)
        return any(map(is_key, filter(None, (f"step {place.step}", place.key, place.name))))

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


def unmatched_words(patterns: Iterable[str], findings: Sequence[Finding]) -> Iterator[str]:
    """Yields words about each pattern that is no name, or whose place no finding has.

    A name alone may be that of a finding that was there once.
    """
    for pattern in [*patterns][:_MAX_PATTERNS]:
        name, _, place = pattern.partition(":")
        if "," in name:
            yield f"{printable(pattern)} is one name with a comma; write each name as a value of its own"
            continue
        is_name, is_whole_name, is_place = glob(name), glob(pattern), _place_test(place)
        named = [each for each in findings if any(map(is_name, (each.id, *each.other_ids)))]
        if not place or not named or any(map(is_whole_name, (named[0].id, *named[0].other_ids))):
            continue
        if not any(is_place(each) for finding in named for each in (finding.place, *finding.other_places)):
            yield f"{printable(pattern)} matches no place; {named[0].id} has {_place_pattern(named[0].place)}"


def _place_pattern(place: Place) -> str:
    """Returns the pattern that a place matches; printable."""
    if isinstance(place, PathPlace):
        return printable(f"/{place.path}")
    return printable(place.key) if isinstance(place, ConfigPlace) else place.name or f"step {place.step}"


def _known_names() -> Iterator[str]:
    from explorer.analysis.findings.practices.practices import PRACTICES
    from explorer.analysis.findings.secrets.rules import RULES_BY_ID

    for practice in PRACTICES:
        yield from (practice.id, *practice.other_ids)
    yield from RULES_BY_ID
