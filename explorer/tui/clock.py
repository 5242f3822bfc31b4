"""The screen's clocks, which tests stop so that ages on the screen do not change."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The time to which the ages on the screen refer."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that is never set, for spans of time."""
    return time.monotonic()
