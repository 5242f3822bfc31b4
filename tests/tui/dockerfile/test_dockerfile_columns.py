"""The columns of the Dockerfile."""

from __future__ import annotations

import pytest

from explorer.tui.dockerfile.dockerfile_columns import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.9, "9.9 s"),
        (10, "10 s"),
        (59.6, "1 min"),
        (61, "1 min"),
        (3599, "60 min"),
        (9000, "2.5 h"),
        (90_000, "25 h"),
        (1e12, "9,999 h"),
    ],
)
def test_a_time_has_seven_cells(seconds: float, words: str) -> None:
    """The time of a step fits into its column, however long it took."""
    assert duration(seconds) == words
    assert len(words) <= 7
