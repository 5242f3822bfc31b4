"""Searches a text for the triggers of all detectors at once, in linear time."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import hyperscan

from explorer.analysis.findings.secrets.secret_rule import Detector


class TriggerSearch:
    """Finds the places where detectors may match. Threads share it."""

    def __init__(self, detectors: Mapping[int, Detector]) -> None:
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[detector.trigger for detector in detectors.values()],
            ids=list(detectors),
            elements=len(detectors),
            # With it a match has its start, where the detector's pattern begins, and not only its end.
            flags=[hyperscan.HS_FLAG_SOM_LEFTMOST] * len(detectors),
        )
        self._of_thread = threading.local()

    def starts(self, text: bytes, max_triggers: int) -> tuple[set[tuple[int, int]], bool]:
        """Returns start and detector of each trigger, and True if these are all of them."""
        starts: set[tuple[int, int]] = set()
        count = 0

        def keep(detector: int, start: int, _end: int, _flags: int, _context: object) -> bool:
            nonlocal count
            count += 1
            starts.add((start, detector))
            return count >= max_triggers  # True ends the search

        try:
            self._database.scan(text, match_event_handler=keep, scratch=self._scratch())
        except hyperscan.ScanTerminated:
            return starts, False
        return starts, True

    def _scratch(self) -> hyperscan.Scratch:
        """Returns the working memory of this thread, because searches cannot share one."""
        try:
            scratch: hyperscan.Scratch = self._of_thread.scratch
        except AttributeError:
            scratch = self._of_thread.scratch = self._database.scratch.clone()
        return scratch
