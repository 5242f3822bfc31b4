"""The line among the layers that ends the base, and its figures elsewhere on the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.model import KnownImage, KnownLayer
from explorer.pipeline import Exploration
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.header import ImageHeader
from explorer.tui.main.image_pane import document
from explorer.viewmodel.base_words import base_line
from explorer.viewmodel.layer_rows import LayerOrder, LayersView, arranged_rows, layer_rows, layer_sizes
from tests.images import big, docker_archive, explored, image, layer
from tests.tui.driving import Screen, Show

_STEPS = ("ADD rootfs /", 'CMD ["bash"]', "ENV A=1", "RUN a", "RUN b", 'CMD ["c"]')


@pytest.fixture
def shop(tmp_path: Path) -> Exploration:
    """An image of three layers that stands on debian:12, which has one."""
    path = tmp_path / "shop.tar"
    steps = [{"created_by": words, "empty_layer": words.startswith(("CMD", "ENV"))} for words in _STEPS]
    path.write_bytes(docker_archive(image(*(layer(big(name, 1)) for name in "abc"), history=steps)))
    found = explored(path)
    debian = KnownImage(("debian:12",), (KnownLayer(found.image.layers[0].diff_id),), (), "here")
    return replace(found, image=replace(found.image, known_images=lambda: [debian]))


def lines(screen: Screen) -> list[str]:
    """Returns the lines of the list."""
    return [screen.layers.render_line(line).text.rstrip() for line in range(screen.layers.count)]


@pytest.mark.end_to_end
async def test_a_line_ends_the_base(show: Show, shop: Exploration) -> None:
    """The line is below the layers of the base and its CMD, with name, certainty, layers and bytes."""
    async with show(shop) as screen:
        shown = lines(screen)
        assert [line.strip().startswith("──") for line in shown] == [False, False, True, False, False, False, False]
        assert shown[2].startswith("── base: debian:12, exact, 1 layer, 1.0 MB ──")
        await screen.resize(80, 24)
        assert "── base: debian:12" in "\n".join(lines(screen))


@pytest.mark.end_to_end
async def test_the_cursor_skips_the_line(show: Show, shop: Exploration) -> None:
    """Down and up go from step to step, and a click on the line selects the step below it."""
    async with show(shop) as screen:
        await screen.press("home", "down", "down")
        assert screen.layers.selected is not None
        assert screen.layers.selected.base_line is None
        assert screen.layers.cursor == 3
        await screen.press("up")
        assert screen.layers.cursor == 1
        await screen.pilot.click(LayerList, offset=(5, 2))
        await screen.settled()
        assert screen.layers.cursor == 3


@pytest.mark.end_to_end
async def test_yours_is_in_the_header(show: Show, shop: Exploration) -> None:
    """The header has the bytes above a base that is certain."""
    async with show(shop) as screen:
        header = screen.main.query_one(ImageHeader)
        assert "3.0 MB in 3 layers  2.0 MB yours" in str(header.render())
    guessed = replace(shop, image=replace(shop.image, known_images=tuple))
    async with show(guessed) as screen:
        assert "yours" not in str(screen.main.query_one(ImageHeader).render())
        assert "── base: guess, 1 layer, 1.0 MB ──" in lines(screen)[2]


def test_the_image_pane_has_the_evidence(shop: Exploration) -> None:
    """Below the sizes are the base with its evidence, its bytes and yours."""
    text = "\n".join(line.plain.rstrip() for line in document(shop.image, shop, 80, 0))
    assert "base         debian:12, exact, 1 layer: the same layers here" in text
    assert "base size    1.0 MB, 0 B wasted inside it" in text
    assert "yours        2.0 MB, 0 B wasted" in text


@pytest.mark.parametrize("is_folded", [False, True])
def test_the_line_is_only_in_build_order(shop: Exploration, is_folded: bool) -> None:
    """Reversed rows have the line above the base; rows by size have none; folded steps do not move it."""
    rows, sizes, line = layer_rows(shop.image), layer_sizes(shop.image, {}, shop), base_line(shop)
    view = LayersView(is_folded=is_folded)
    in_order = arranged_rows(rows, sizes, view, 40, line)
    assert [row.layer for row in in_order if not row.is_empty] == [0, 1, 2]
    place = next(place for place, row in enumerate(in_order) if row.base_line)
    assert [row.layer for row in in_order[:place] if not row.is_empty] == [0]
    backwards = arranged_rows(rows, sizes, replace(view, is_reversed=True), 40, line)
    assert [row.layer for row in backwards if row.base_line or not row.is_empty] == [2, 1, 0, 0]
    assert not any(row.base_line for row in arranged_rows(rows, sizes, LayersView(LayerOrder.SIZE), 40, line))
