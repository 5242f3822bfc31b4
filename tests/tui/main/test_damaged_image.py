"""A damaged image on the screen: the header, a message, the image pane and the details of the layer."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import ContentSwitcher

from explorer.pipeline import Exploration
from explorer.tui.layers.details import Details
from explorer.tui.main.header import ImageHeader, ImageSummary, summary_line
from explorer.tui.main.image_pane import ImagePane
from tests.images import docker_archive, explored, file, image, layer
from tests.tui.driving import Show


@pytest.fixture
def damaged(tmp_path: Path) -> Exploration:
    """An image whose upper layer has a broken header behind its first file."""
    broken = layer(file("b"), file("c"))[:512] + b"x" * 512
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a")), broken)))
    return explored(path)


@pytest.mark.end_to_end
async def test_damage_is_loud(show: Show, damaged: Exploration) -> None:
    """A message has the damage; the header names it, and a click there leads to the image pane, which lists it."""
    async with show(damaged, notifications=True) as screen:
        assert screen.said == list(damaged.damage)
        header = screen.main.query_one(ImageHeader)
        line = screen.text().splitlines()[header.region.y]
        await screen.pilot.click(ImageHeader, offset=(line.index("DAMAGED") + 1, 0))
        await screen.settled()
        assert screen.main.query_one(ContentSwitcher).current == "image"
        lines = [line.plain for line in screen.main.query_one(ImagePane).wrapped(200)]
        assert lines[0] == "The image is damaged, and its figures may be wrong:"
        assert "layer 1: only the members before the damage can be read: " in lines[1]


@pytest.mark.end_to_end
async def test_details_of_a_damaged_layer(show: Show, damaged: Exploration) -> None:
    """The details of a layer show its own damage, and those of another layer do not."""
    async with show(damaged) as screen:
        texts = []
        for key in ("G", "g"):
            await screen.press(key)
            texts.append("\n".join(line.plain for line in screen.main.query_one(Details).wrapped(200)))
        assert ["only the members before the damage" in text for text in texts] == [True, False]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_damage_stays_in_narrow_headers(damaged: Exploration, width: int) -> None:
    """The header says that the image is damaged at every width; figures give way."""
    summary = ImageSummary.of("made:1", damaged.image, damaged)
    assert "DAMAGED" in summary_line(summary, width).plain


async def test_a_whole_image_is_quiet(show: Show, sample: Exploration) -> None:
    """An image without damage has no such words."""
    async with show(sample, notifications=True) as screen:
        assert screen.said == []
        assert "DAMAGED" not in screen.text()
