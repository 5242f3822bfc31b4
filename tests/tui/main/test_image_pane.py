"""The image pane, and the tabs of the panes."""

from __future__ import annotations

from explorer.pipeline import Exploration
from explorer.tui.main.image_pane import ImagePane
from tests.tui.driving import Show


async def test_image_pane_tells_sizes(show: Show, sample: Exploration) -> None:
    """The image pane shows the sizes of the image and its configuration."""
    async with show(sample) as screen:
        text = "\n".join(line.plain for line in screen.main.query_one(ImagePane).wrapped(120))
        for words in (
            "shipped",
            "visible",
            "wasted",
            "4 (and 1 metadata-only step)",
            "A container starts",
        ):
            assert words in text


async def test_the_active_tab_needs_no_colour(show: Show, sample: Exploration) -> None:
    """The name of the visible pane is underlined."""
    async with show(sample) as screen:
        right = screen.main.query_one("#right")
        for key, name in (("w", "Waste"), ("i", "Image"), ("f", "Files")):
            await screen.press(key)
            strip = screen.app.screen._compositor.render_strips()[right.region.y]
            lined = [segment.text for segment in strip if segment.style and segment.style.underline]
            assert lined == [name]
