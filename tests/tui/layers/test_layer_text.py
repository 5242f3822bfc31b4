"""The words about the selected layer: how much of it is in the final image, and what hides the rest."""

from __future__ import annotations

from collections import Counter

import pytest

from explorer.analysis.layer_stats import LayerStats
from explorer.analysis.waste import WasteByLayer
from explorer.model import Cause, Layer
from explorer.tui.layers.layer_text import visible_part

KB = 1_000


def words(shipped: int, parts: list[tuple[Cause, int, int]]) -> str:
    """The words about layer 0 with these wasted parts: cause, hiding layer, bytes."""
    wasted = sum(bytes_ for _, _, bytes_ in parts)
    layer = Layer(0, None)  # type: ignore[arg-type]
    stats = LayerStats(layer, shipped, 1, 1, 0, 0, 0, 0, wasted, 0, ())
    waste = WasteByLayer({0: Counter({(cause, hidden_in): bytes_ for cause, hidden_in, bytes_ in parts})}, {})
    return visible_part(stats, waste).plain


@pytest.mark.parametrize(
    ("shipped", "wasted", "start"),
    [
        (0, 0, "adds no data"),
        (48 * KB, 0, "all 48 kB is in the final image"),
        (48 * KB, 48 * KB, "none of its 48 kB is in the final image; 48 kB removed by layer 1"),
        (48 * KB, 8 * KB, "40 of 48 kB is in the final image; 8.0 kB removed by layer 1"),
        (2_000 * KB, 1_500 * KB, "500 kB of 2.0 MB is in the final image; 1.5 MB removed by layer 1"),
        (48 * KB, 1, "nearly all 48 kB is in the final image; 1 B removed by layer 1"),
    ],
)
def test_share_in_the_final_image(shipped: int, wasted: int, start: str) -> None:
    """The share that is in the final image comes first, with the unit once, then what hides the rest."""
    assert words(shipped, [(Cause.REMOVED, 1, wasted)] if wasted else []) == start


def test_more_than_eight_parts() -> None:
    """The eight largest wasted parts are listed, the largest first, and the others as one sum."""
    parts = [(Cause.OVERWRITTEN, layer, layer * KB) for layer in range(1, 11)]
    listed = words(100 * KB, parts).partition("; ")[2].split(", ")
    assert listed[:2] == ["10 kB overwritten by layer 10", "9.0 kB overwritten by layer 9"]
    assert listed[-2:] == ["3.0 kB overwritten by layer 3", "3.0 kB otherwise"]
    assert len(listed) == 9


def test_exactly_eight_parts() -> None:
    """Eight wasted parts are all listed, without a sum of others."""
    parts = [(Cause.OVERWRITTEN, layer, layer * KB) for layer in range(1, 9)]
    assert "otherwise" not in words(100 * KB, parts)
