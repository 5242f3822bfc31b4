"""The image pane, and the tabs of the panes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.pipeline import Exploration
from explorer.tui.dialogs.copy_screen import CopyScreen
from explorer.tui.main.image_pane import ImagePane, copyable_values, document
from explorer.tui.main.screen import MainScreen
from tests.tui.driving import Show


async def test_image_pane_tells_sizes(show: Show, sample: Exploration) -> None:
    """The image pane shows the sizes of the image and its configuration."""
    async with show(sample) as screen:
        text = "\n".join(line.plain for line in screen.main.query_one(ImagePane).wrapped(120))
        for words in (
            "shipped",
            "visible",
            "wasted",
            "disposable",
            "efficiency",
            "4 (and 1 metadata-only step)",
            "A container starts",
        ):
            assert words in text


@pytest.mark.end_to_end
async def test_values_are_copied(show: Show, sample: Exploration) -> None:
    """The key to copy offers the values of the image; Enter copies the selected one, and Escape none."""
    async with show(sample) as screen:
        await screen.press("i", "y")
        assert screen.shows(CopyScreen)
        assert sample.image.id in screen.text()
        await screen.press("j", "enter")
        assert screen.app.clipboard == sample.image.id
        await screen.press("y", "escape")
        assert screen.shows(MainScreen)
        values = dict(copyable_values(sample.image))
        assert values["environment"] == "LANG=C.UTF-8"
        assert values["entrypoint"] == '/srv/app/main.py --name "two words"'


async def test_a_long_variable_breaks_at_its_colons(show: Show, sample: Exploration) -> None:
    """A PATH breaks between its directories."""
    config = replace(sample.image.config, env=("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",))
    image = replace(sample.image, config=config)
    lines = [line.plain for line in document(image, None, 50)]
    at = next(index for index, line in enumerate(lines) if line.startswith("environment"))
    assert lines[at].endswith("PATH=/usr/local/sbin:/usr/local/bin:")
    assert lines[at + 1].strip() == "/usr/sbin:/usr/bin"


@pytest.mark.end_to_end
async def test_the_active_tab_needs_no_colour(show: Show, sample: Exploration) -> None:
    """The name of the visible pane is underlined."""
    async with show(sample) as screen:
        right = screen.main.query_one("#right")
        for key, name in (("w", "Waste"), ("i", "Image"), ("f", "Files")):
            await screen.press(key)
            strip = screen.app.screen._compositor.render_strips()[right.region.y]
            lined = [segment.text for segment in strip if segment.style and segment.style.underline]
            assert "".join(lined) == name
