"""The look of the screen of two images, as a picture."""

from __future__ import annotations

import pytest

from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.compare.screen import CompareScreen
from tests.tui.compare.comparing import loading_pair
from tests.tui.test_looks import Compare, pressing


@pytest.mark.end_to_end
@pytest.mark.painted
@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
def test_two_images(snap_compare: Compare, pair: tuple[Exploration, Exploration], size: tuple[int, int]) -> None:
    """The answers above, the pairs of layers with the first break, and the files that differ."""
    app = ExplorerApp(lambda settings: CompareScreen("shop:1", "shop:2", loading_pair(*pair), settings))
    app.animation_level = "none"
    assert snap_compare(app, terminal_size=size, run_before=pressing())
