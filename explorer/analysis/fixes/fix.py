"""One fix: a change to the Dockerfile, and the files that it saves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from explorer.analysis.advice.sentences import Spans
from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.kinds import KINDS, Certainty
from explorer.analysis.fixes.actions import BASE
from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.model import Waste

SMALL_SHARE = 0.01
"""The share of all savings below which a fix is small."""


@dataclass(frozen=True, eq=False)
class Fix:
    """One change to the Dockerfile. All texts are printable."""

    id: str
    """Stable for an image: the key of a remedy, or an action and a layer."""
    title: str
    layers: tuple[int, ...]
    """Numbers of the layers whose steps change, ascending."""
    wasted: Sequence[Waste]
    """The wasted files that it saves, largest first."""
    disposables: Sequence[Disposable]
    """The visible files that it saves, largest first."""
    why: Spans
    do: Spans
    diff: Sequence[DiffLine] = ()
    """The lines of the Dockerfile and of .dockerignore before and after; empty if they are unknown."""

    secrets: Sequence[str] = ()
    """The paths that are named like a key or a login."""

    @cached_property
    def wasted_bytes(self) -> int:
        """Wasted bytes that the fix saves."""
        return sum([waste.bytes for waste in self.wasted])

    @cached_property
    def disposable_bytes(self) -> int:
        """Disposable bytes that the fix saves."""
        return sum([disposable.bytes for disposable in self.disposables])

    @property
    def bytes(self) -> int:
        """Wasted and disposable bytes that the fix saves."""
        return self.wasted_bytes + self.disposable_bytes

    @property
    def is_base(self) -> bool:
        """True if only the base image can be fixed."""
        return self.id == BASE

    @property
    def certainty(self) -> Certainty:
        """The certainty that nothing needs what is saved."""
        likely = any(KINDS[each.kind].certainty is Certainty.LIKELY for each in self.disposables)
        return Certainty.LIKELY if likely else Certainty.CERTAIN


def remaining_bytes(fixes: Sequence[Fix], shipped_bytes: int) -> Iterator[int]:
    """Yields the size of the image after each of the fixes."""
    for fix in fixes:
        shipped_bytes -= fix.bytes
        yield shipped_bytes
