"""Causes in texts: dates, random values, paths and the order of lines."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.image_diff.rebuilds.causes import Evidence
from explorer.text.printable import printable
from explorer.text.units import counted

MAX_LINES = 200_000
_MAX_LINE_BYTES = 4_096
"""Longer lines are compared as they are."""
_MAX_DIFFERING_BYTES = 1 << 20
_MAX_SHOWN_CHARS = 40
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY = rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )"
_CLOCK = rb"(?:\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[AP]M)?)"
_ZONE = rb"(?: ?(?:UTC|GMT|Z|[A-Z]{3,4}|[+-]\d\d:?\d\d))"
_DATE = re.compile(
    rb"(?<![0-9A-Za-z])(?:"
    rb"(?:19|20)\d\d[-/.:][01]\d[-/.:][0-3]\d(?:[T _-]?" + _CLOCK + _ZONE + rb"?)?"
    rb"|(?:D:)?20[0-4]\d[01]\d[0-3]\d(?:[T_.-]?[0-2]\d[0-5]\d(?:[0-5]\d)?(?:[.]\d{1,9})?Z?)?"
    rb"|" + _DAY + rb"?" + _MONTH + rb" {1,2}\d{1,2},?(?: " + _CLOCK + _ZONE + rb"?)?(?: (?:19|20)\d\d)?"
    rb"|" + _DAY + rb"?\d{1,2}[ -]" + _MONTH + rb"[ -](?:19|20)\d\d(?: " + _CLOCK + _ZONE + rb"?)?"
    rb"|" + _CLOCK + _ZONE + rb"?"
    rb"|1[5-9]\d{8}(?:\d{3})?(?:\.\d{1,9})?"
    rb"|\d{1,6}(?:\.\d{1,9})? ?(?:ms|s|sec|secs|seconds|min|minutes)"
    rb")(?![0-9A-Za-z])"
)
_TEMPORARY = re.compile(rb"(?:/var)?/tmp/[\w.+-]+|(?<![0-9A-Za-z])tmp[.-]?[0-9A-Za-z_]{6,12}(?![0-9A-Za-z_])")
_IDENTIFIER = re.compile(
    rb"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9a-f]{12,128}|[0-9A-F]{12,128})"
    rb"(?![0-9A-Za-z])"
)
_DIRECTORY = re.compile(rb"(?:/[\w.+@~-]+)+/")
_WORD = re.compile(rb"[^\s\"'{}()\[\],:;=]+|[^\s]")


class _Pattern(NamedTuple):
    cause: str
    expression: re.Pattern[bytes]
    is_shown: bool


_PATTERNS = (
    _Pattern("date", _DATE, True),
    _Pattern("random-name", _TEMPORARY, False),
    _Pattern("random-value", _IDENTIFIER, False),
    _Pattern("path", _DIRECTORY, False),
)


def line_causes(old: bytes, new: bytes) -> list[Evidence]:
    """Returns the causes why two texts differ, as ``text_causes``."""
    if max(old.count(b"\n"), new.count(b"\n")) > MAX_LINES:
        return [Evidence("content")]
    return text_causes(old.split(b"\n"), new.split(b"\n"))


def text_causes(old: Sequence[bytes], new: Sequence[bytes], unit: str = "line") -> list[Evidence]:
    """Returns the causes why two texts differ.

    ``content`` stands for lines without a known cause.

    Args:
        old: The lines of the old text, or the texts in a binary file.
        new: Those of the new one.
        unit: Their name in details.
    """
    if len(old) > MAX_LINES or len(new) > MAX_LINES:
        return [Evidence("content")]
    before, after = Counter(old), Counter(new)
    removed, added = before - after, after - before
    if not removed and not added:
        return [Evidence("order", f"the same {counted(len(old), unit)}")] if list(old) != list(new) else []
    if sum([len(line) * count for line, count in (removed + added).items()]) > _MAX_DIFFERING_BYTES:
        return [Evidence("content")]
    return list(_causes_of_lines(removed, added, unit))


def _causes_of_lines(removed: Counter[bytes], added: Counter[bytes], unit: str) -> Iterator[Evidence]:
    """Yields the causes of lines that only one text has."""
    same = _matched(removed, added, _without_values)
    where = f"in {counted(same.old.total(), unit)}"
    for pattern in _PATTERNS:
        old_values, new_values = _values(pattern, same.old), _values(pattern, same.new)
        if old_values != new_values:
            yield Evidence(pattern.cause, _detail(pattern, old_values, new_values, where))
    reordered = _matched(removed - same.old, added - same.new, _sorted_words)
    if reordered.old:
        yield Evidence("order", f"words in {counted(reordered.old.total(), unit)}")
    if removed - same.old - reordered.old or added - same.new - reordered.new:
        yield Evidence("content")


class _Lines(NamedTuple):
    """Lines of two texts that have the same forms."""

    old: Counter[bytes]
    new: Counter[bytes]


def _matched(removed: Counter[bytes], added: Counter[bytes], form: Callable[[bytes], bytes]) -> _Lines:
    """Returns the lines of one text whose forms lines of the other have as often."""
    old_forms, new_forms = _by_form(removed, form), _by_form(added, form)
    lines = _Lines(Counter(), Counter())
    for shared in old_forms.keys() & new_forms.keys():
        count = min(len(old_forms[shared]), len(new_forms[shared]))
        lines.old.update(old_forms[shared][:count])
        lines.new.update(new_forms[shared][:count])
    return lines


def _by_form(lines: Counter[bytes], form: Callable[[bytes], bytes]) -> dict[bytes, list[bytes]]:
    forms: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for line in lines.elements():
        forms[form(line)].append(line)
    return forms


def _sorted_words(line: bytes) -> bytes:
    return b" ".join(sorted(_WORD.findall(_without_values(line))))


def _without_values(line: bytes) -> bytes:
    if len(line) > _MAX_LINE_BYTES:
        return line
    for pattern in _PATTERNS:
        line = pattern.expression.sub(b"", line)
    return line


def _values(pattern: _Pattern, lines: Counter[bytes]) -> Counter[bytes]:
    earlier = _PATTERNS[: _PATTERNS.index(pattern)]
    values: Counter[bytes] = Counter()
    for line in lines.elements():
        if len(line) <= _MAX_LINE_BYTES:
            for other in earlier:
                line = other.expression.sub(b"", line)
            values.update(pattern.expression.findall(line))
    return values


def _detail(pattern: _Pattern, old: Counter[bytes], new: Counter[bytes], where: str) -> str:
    if not pattern.is_shown:
        return where
    shown = [min(values, default=b"").decode("ascii", "replace") for values in (old - new, new - old)]
    if not all(shown):
        return where
    return f"{where}: {' and '.join(printable(each[:_MAX_SHOWN_CHARS]) for each in shown)}"
