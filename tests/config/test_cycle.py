from __future__ import annotations

from explorer.config.cycle import Cycle


class Size(Cycle):
    """An example."""

    SMALL = "small"
    MIDDLE = "middle"
    LARGE = "large"


def test_values_follow_each_other() -> None:
    """A key steps through all values, and from the last to the first."""
    assert [each.following for each in Size] == [Size.MIDDLE, Size.LARGE, Size.SMALL]
