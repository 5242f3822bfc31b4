"""The screen's clock, which tests stop so that ages on the screen do not change."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The time to which the ages on the screen refer."""
    return datetime.now(UTC)
