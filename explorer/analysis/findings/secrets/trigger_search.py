"""Searches a text for the triggers of all detectors at once, in linear time."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import hyperscan

from explorer.analysis.findings.secrets.secret_rule import Detector


class TriggerSearch:
    """Finds the places where detectors may match. Threads share it."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[detector.trigger for detector in detectors],
            ids=list(range(len(detectors))),
            elements=len(detectors),
            # Not "end of the shortest match": the pattern needs the start.
            flags=[hyperscan.HS_FLAG_SOM_LEFTMOST] * len(detectors),
        )
        self._of_thread = threading.local()

    def starts(self, text: bytes) -> list[tuple[int, int]]:
        """Returns the start of each match, and the index of its detector."""
        starts: list[tuple[int, int]] = []
        last = (-1, -1)

        def keep(detector: int, start: int, _end: int, _flags: int, _context: object) -> None:
            nonlocal last
            if (start, detector) != last:
                last = (start, detector)
                starts.append(last)

        self._database.scan(text, match_event_handler=keep, scratch=self._scratch())
        return starts

    def _scratch(self) -> hyperscan.Scratch:
        """Returns the working memory of this thread, because searches cannot share one."""
        try:
            scratch: hyperscan.Scratch = self._of_thread.scratch
        except AttributeError:
            scratch = self._of_thread.scratch = self._database.scratch.clone()
        return scratch
