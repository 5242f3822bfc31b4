"""The findings that a verdict counts, read only if it needs them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.cli.image_options import RequestedImage
from explorer.cli.output import print_note
from explorer.pipeline import Exploration

if TYPE_CHECKING:
    from explorer.analysis.findings.image_findings import ImageFindings

_UNUSED_SCANS = "No rule counts the findings of --scan. Set --highest-severity, or see `lx findings`."


class LazyFindings:
    """The findings of an image, once they are needed."""

    def __init__(self, requested: RequestedImage, exploration: Exploration, *, has_base: bool) -> None:
        self._requested = requested
        self._exploration = exploration
        self._has_base = has_base
        """True if it is certain where the base ends."""
        self.known: ImageFindings | None = None

    def read(self) -> ImageFindings:
        """Returns the findings; the first call reads files."""
        if self.known is None:
            exploration = self._exploration if self._has_base else self._without_guess()
            self.known = self._requested.read_findings(exploration)
        return self.known

    def print_notes(self) -> None:
        """Writes remarks on scans to stderr."""
        if self.known is not None:
            for note in self.known.notes:
                print_note(note)
        elif self._requested.scan_reports:
            print_note(_UNUSED_SCANS)

    def _without_guess(self) -> Exploration:
        """Returns an exploration without a base, because a guess decides no verdict."""
        from explorer.analysis.base.base import Base, Evidence

        no_base = Base(0, "", "", Evidence.OPTION, exact=True, reason="")
        exploration = replace(self._exploration, find_given_base=lambda: no_base)
        exploration.__dict__["packages"] = self._requested.read_packages(self._exploration)
        return exploration
