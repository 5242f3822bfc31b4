"""The words about the base."""

from __future__ import annotations

import pytest

from explorer.analysis.base.base import Share, Shares
from explorer.analysis.base.base_words import wasted_by_own_layers


@pytest.mark.parametrize(
    ("hidden_base_bytes", "expected"),
    [
        (0, "247 MB wasted"),
        (52_000_000, "247 MB wasted: 195 MB of your files, 52 MB of the base's"),
    ],
)
def test_own_waste_is_split_by_the_layers_that_ship_it(hidden_base_bytes: int, expected: str) -> None:
    """The waste of the own layers names the user's part and the base's part, which add up."""
    shares = Shares(Share(1, 167_000_000, 0), Share(8, 694_000_000, 247_000_000), hidden_base_bytes)
    assert wasted_by_own_layers(shares) == expected
