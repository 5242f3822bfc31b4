"""The pace of a step that takes time: its rate and the time left, in words.

Each report of progress makes a new pace from the one before. The caller gives the time, in seconds of any clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from explorer.model import Progress
from explorer.text.units import percent, size

_MEMORY_SECONDS = 8.0
"""The rate is a mean in which bytes of this age weigh a third of those that arrive now."""
_MIN_SECONDS = 1.0
"""Before, a rate says little and jumps."""
_MAX_LEFT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Pace:
    """The progress of a step, its start, and its rate."""

    progress: Progress
    began: float
    """The time of the first report of the step."""
    moved: float | None = None
    """The time of the last report before the first byte arrived."""
    last: float = 0.0
    """The time of the last report."""
    _bytes: float = 0.0
    _seconds: float = 0.0
    """Bytes and seconds of the past, which weigh less the older they are."""

    @classmethod
    def of(cls, progress: Progress, now: float) -> Pace:
        """Returns the pace of a step that begins."""
        return cls(progress, now, last=now)

    def after(self, progress: Progress, now: float) -> Pace:
        """Returns the pace after the next report."""
        if progress.step != self.progress.step:
            return Pace.of(progress, now)
        arrived = max(progress.done - self.progress.done, 0)
        moved = self.last if self.moved is None and arrived else self.moved
        if moved is None:
            return replace(self, progress=progress, last=now)
        elapsed = max(now - self.last, 0.0)
        kept = math.exp(-elapsed / _MEMORY_SECONDS)
        return replace(
            self,
            progress=progress,
            moved=moved,
            last=now,
            _bytes=self._bytes * kept + arrived,
            _seconds=self._seconds * kept + elapsed,
        )

    @property
    def rate(self) -> float | None:
        """Bytes in a second; None as long as it says little."""
        if self.moved is None or self.last - self.moved < _MIN_SECONDS or not self._seconds:
            return None
        return self._bytes / self._seconds

    def words(self, now: float) -> Sequence[str]:
        """Returns the figures of the step, the most important first.

        These are the bytes, the share, the rate and the time left. A step without bytes has the time that it took.
        """
        _, done, total = self.progress
        if not done:
            waited = now - self.began
            amount = [f"0 B of {size(total)}"] if total else []
            return [*amount, *([duration(waited)] if waited >= _MIN_SECONDS else [])]
        rate = self.rate
        words = [f"{size(done)} of {size(total)}", percent(self.progress.share or 0)] if total else [size(done)]
        if rate is not None and rate >= 1:
            words.append(f"{size(round(rate))}/s")
            left = (total - done) / rate if total and total > done else _MAX_LEFT_SECONDS
            if left < _MAX_LEFT_SECONDS:
                words.append(f"{duration(left, is_estimate=True)} left")
        return words


def duration(seconds: float, *, is_estimate: bool = False) -> str:
    """A span of time: ``12 s``, ``3 min``, ``1 h 20 min``.

    An estimate is rounded up, and coarse, so that it does not jump: to 5 seconds, and later to minutes.
    """
    if seconds < 60 and not is_estimate:
        return f"{seconds:.0f} s" if seconds < 59.5 else "1 min"
    if seconds <= 55:
        step = 5 if seconds > 10 else 1
        return f"{max(math.ceil(seconds / step), 1) * step} s"
    minutes = math.ceil(seconds / 60) if is_estimate else int(seconds // 60)
    if minutes < 60:
        rest = "" if is_estimate or minutes >= 10 else f" {int(seconds) % 60} s"
        return f"{minutes} min{rest}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def fitted(words: Sequence[str], max_chars: int, gap: str = "   ") -> str:
    """Joins as many words as fit; the last ones are left out first."""
    for count in range(len(words), 0, -1):
        text = gap.join(words[:count])
        if len(text) <= max_chars:
            return text
    return ""
