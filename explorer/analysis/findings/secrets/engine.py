"""Finds the secrets in one content.

It searches for the triggers of all rules at once, then tries each rule at its triggers.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence, Set
from functools import cache

from explorer.analysis.findings.secrets.rules import DETECTORS
from explorer.analysis.findings.secrets.sample_paths import is_library_path, is_sample_path
from explorer.analysis.findings.secrets.secret_rule import Detector, SecretMatch
from explorer.analysis.findings.secrets.text_form import TextForm, narrow, text_form
from explorer.analysis.findings.secrets.trigger_search import TriggerSearch

MAX_MATCHES = 1_000
"""Secrets of one content that are found; a content with more is searched no further."""

_MAX_TRIGGERS = 100_000
"""Triggers in one content; 200 MB of program code have 30,000. If there are more, the search goes on for secrets with a
form of their own, and ends if there are as many triggers of those: a trigger costs as much as thousands of bytes."""
_MAX_TRIED_BYTES = 32 << 20
"""Bytes of texts that have the form of a secret, and are then decoded and measured; real files have less than 1 MB. It
takes a second or two."""
_BLOCK_BYTES = 4 << 20
_BEFORE_BYTES = 4 << 10
"""Bytes before a start that decide whether it is one; more than the longest trigger has."""
_BEHIND_BYTES = 32 << 10
"""Bytes behind a start that decide where it ends; more than the longest pattern matches."""
_MAX_SHOWN_CHARS = 4
_PATHS = frozenset(detector.path for detector in DETECTORS if detector.path)
_LOCK = threading.Lock()


class SecretScanner:
    """Finds the secrets in a content that comes in pieces of any size."""

    def __init__(self, *paths: str, block_bytes: int = _BLOCK_BYTES) -> None:
        """Starts the search of a content; all its paths select rules."""
        self.is_cut = False
        """True if there may be more secrets, because the content has too many of them, or of texts like them."""
        self._ignored = ignored_detectors(*paths)
        self._only_forms = [True, False] if len(self._ignored) < len(DETECTORS) else []
        """The last one is the search in use; the one before it takes over if there are too many triggers."""
        self._triggers_left = _MAX_TRIGGERS
        self._tried_bytes_left = _MAX_TRIED_BYTES
        self._ends = [0] * len(DETECTORS)
        """The end of the last match of each detector, as all offsets here in characters of the text."""
        self._block_bytes = block_bytes
        self._form: TextForm | None = None
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._text = b""
        self._offset = self._searched = 0
        """The offset of the text in the content, and the offset up to which starts were looked at."""
        self._counted = 0
        """The offset up to which line ends were counted."""
        self._line = 1
        self._matches: list[tuple[int, SecretMatch]] = []
        """Each match with the number of its detector."""

    @property
    def is_finished(self) -> bool:
        """True if the search has ended, whatever comes."""
        return not self._only_forms

    def feed(self, piece: bytes) -> None:
        """Searches the next piece, or keeps it until there is enough to search."""
        view = memoryview(piece)
        for start in range(0, len(piece), self._block_bytes):
            part = piece if len(piece) <= self._block_bytes else bytes(view[start : start + self._block_bytes])
            self._waiting.append(part)
            self._waiting_bytes += len(part)
            if self._waiting_bytes >= self._block_bytes + _BEFORE_BYTES + _BEHIND_BYTES:
                self._search_waiting(is_last=False)

    def finish(self) -> Sequence[SecretMatch]:
        """Returns the secrets of the whole content, in the order of their places."""
        self._search_waiting(is_last=True)
        return _without_overlaps(self._matches)

    def _search_waiting(self, *, is_last: bool) -> None:
        self._take_waiting()
        end = self._offset + len(self._text) - (0 if is_last else _BEHIND_BYTES)
        if end <= self._searched and not is_last:
            return
        for start, number in self._starts(end):
            if number not in self._ignored:
                self._try(number, start)
        self._searched = end
        kept_from = max(0, end - _BEFORE_BYTES - self._offset)
        self._count_lines(self._offset + kept_from)
        self._text = self._text[kept_from:]
        self._offset += kept_from

    def _starts(self, end: int) -> Sequence[tuple[int, int]]:
        """Returns offset and detector of each trigger not tried yet, in order."""
        new: set[tuple[int, int]] = set()
        while self._only_forms:
            starts, is_complete = _search(self._only_forms[-1]).starts(self._text, _MAX_TRIGGERS)
            found = {(at + self._offset, number) for at, number in starts if self._searched <= at + self._offset < end}
            self._triggers_left -= len(found - new)
            new |= found
            if is_complete and self._triggers_left >= 0:
                break
            self._only_forms.pop()
            self._triggers_left = _MAX_TRIGGERS
            self.is_cut = True
        return sorted(new)

    def _take_waiting(self) -> None:
        """Adds what waits to the text, in one byte for each character."""
        waiting = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
        if self._form is None:
            self._form = text_form(waiting)
            if self._form is TextForm.BINARY:
                self._only_forms = self._only_forms[:1]
        rest = b""
        if self._form.unit_bytes == 2:
            even = len(waiting) & ~1
            waiting, rest = narrow(waiting[:even], self._form), waiting[even:]
        self._text = self._text + waiting if self._text else waiting
        self._waiting, self._waiting_bytes = [rest], len(rest)

    def _try(self, number: int, start: int) -> None:
        """Keeps the secret that a detector finds at a trigger, if it is one."""
        detector = DETECTORS[number]
        if start < self._ends[number] or not self._only_forms:
            return
        found = _compiled(detector.pattern).match(self._text, start - self._offset)
        if found is None:
            return
        self._ends[number] = self._offset + found.end()
        secret = found[1]
        self._tried_bytes_left -= len(secret)
        if self._tried_bytes_left < 0:
            self._end()
            return
        if not detector.is_plausible(secret):
            return
        first = self._offset + found.start(1)
        self._count_lines(first)
        unit = self._form.unit_bytes if self._form else 1
        place = (first * unit, (first + len(secret)) * unit)
        match = SecretMatch(detector.rule, *place, self._line, masked(secret, detector), hash(secret))
        self._matches.append((number, match))
        if len(self._matches) >= MAX_MATCHES:
            self._end()

    def _end(self) -> None:
        """Ends the search, whatever comes."""
        self.is_cut = True
        self._only_forms = []

    def _count_lines(self, end: int) -> None:
        """Counts the line ends up to an offset in the text, or takes back those behind it."""
        counted, wanted = self._counted - self._offset, end - self._offset
        if wanted >= counted:
            self._line += self._text.count(b"\n", counted, wanted)
        else:
            self._line -= self._text.count(b"\n", wanted, counted)
        self._counted = end


def ignored_detectors(*paths: str) -> Set[int]:
    """Returns the numbers of the detectors that are for none of a content's paths."""
    return frozenset.intersection(*map(_ignored_at, paths))


def _ignored_at(path: str) -> frozenset[int]:
    matching = frozenset(expression for expression in _PATHS if re.search(expression, path))
    return _ignored_with(is_sample_path(path), is_library_path(path), matching)


@cache
def _ignored_with(is_sample: bool, is_library: bool, matching: frozenset[str]) -> frozenset[int]:
    """Returns the detectors that are not for paths of these kinds.

    It keeps them, because the copies of an image may have 100,000 paths.
    """
    return frozenset(
        number
        for number, detector in enumerate(DETECTORS)
        if is_sample
        or (is_library and b"PRIVATE KEY" in detector.trigger)
        or (detector.path and detector.path not in matching)
    )


def masked(secret: bytes, detector: Detector) -> str:
    """Returns the characters that all secrets of the rule begin with, and stars.

    They are less than a quarter of the secret.
    """
    prefix = _compiled(detector.prefix).match(secret)
    shown = min(len(prefix[0]) if prefix else 0, _MAX_SHOWN_CHARS, (len(secret) - 1) // 4)
    return secret[:shown].decode("ascii", "replace") + "****"


def _without_overlaps(matches: Iterable[tuple[int, SecretMatch]]) -> list[SecretMatch]:
    """Returns matches in the order of their places.

    Of two that overlap it is the one of the more specific detector.
    """
    kept: list[tuple[int, SecretMatch]] = []
    for number, match in sorted(matches, key=lambda each: (each[1].start, each[0])):
        if not kept or match.start >= kept[-1][1].end:
            kept.append((number, match))
        elif number < kept[-1][0]:
            kept[-1] = (number, match)
    return [match for _, match in kept]


@cache
def _compiled(expression: bytes) -> re.Pattern[bytes]:
    return re.compile(expression)


def _search(only_forms: bool) -> TriggerSearch:
    """Returns the search for all secrets, or for those that tell by their form alone."""
    with _LOCK:
        return _new_search(only_forms)


@cache
def _new_search(only_forms: bool) -> TriggerSearch:
    return TriggerSearch(
        {number: detector for number, detector in enumerate(DETECTORS) if detector.in_binaries or not only_forms}
    )
