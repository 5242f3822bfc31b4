"""Going to a layer by its number, and copying its digest or command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from explorer.tui.layers import layer_list
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.palette import ActionProvider, LayerProvider
from explorer.tui.widgets.column_headers import ColumnHeaders
from tests.images import explored_layers, file, layer
from tests.tui.driving import Show


@pytest.fixture
def tall(tmp_path: Path) -> Exploration:
    """An image of 25 layers."""
    return explored_layers(tmp_path, *(layer(file(f"f{number}", b"1")) for number in range(25)))


@pytest.mark.end_to_end
async def test_digits(show: Show, tall: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit goes to the layer with that number; two quick digits form one number."""
    now = 100.0
    monkeypatch.setattr(layer_list, "monotonic", lambda: now)
    async with show(tall) as screen:
        for keys, wait, layer_ in (("7", 9, 7), ("1", 0.5, 1), ("2", 9, 12), ("0", 9, 0), ("2", 0.5, 2), ("9", 9, 0)):
            await screen.press(*keys)
            assert screen.main.view.layer == layer_
            now += wait
        await screen.press("2", "4")
        assert screen.main.view.layer == 24


@pytest.mark.end_to_end
@pytest.mark.parametrize("pane", ["f", "w", "i"])
async def test_digits_of_every_pane(show: Show, sample: Exploration, pane: str) -> None:
    """A digit goes to its layer from every pane, and the focus stays there."""
    async with show(sample) as screen:
        await screen.press(pane)
        focused = screen.app.focused
        await screen.press("1")
        assert screen.main.view.layer == screen.layers.selected_layer == 1
        assert screen.app.focused is focused
        assert not screen.main.view.hidden


@pytest.mark.end_to_end
async def test_digits_of_no_layer(show: Show, sample: Exploration, tall: Exploration) -> None:
    """A number that no layer has is answered with words, and nothing moves, however it begins."""
    async with show(sample) as screen:
        await screen.press("1", "5")
        assert screen.main.view.layer == screen.layers.selected_layer == 3, "the layer before the number"
        assert screen.said == ["There is no layer 15: the image has 4, from 0 to 3."]
        await screen.press("0")
        assert screen.main.view.layer == 3
        assert screen.said[-1] == "There is no layer 150: the image has 4, from 0 to 3."
    async with show(tall) as screen:
        await screen.press("3", "1")
        assert screen.main.view.layer == 24
        assert screen.said == ["There is no layer 31: the image has 25, from 0 to 24."]


@pytest.mark.end_to_end
async def test_another_key_ends_the_number(show: Show, tall: Exploration) -> None:
    """A digit right after another key begins another number."""
    async with show(tall) as screen:
        await screen.press("1", "s", "s", "s", "2")
        assert screen.main.view.layer == 2


@pytest.mark.end_to_end
async def test_a_digit_after_a_wrong_number(show: Show, sample: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause, the next digit begins another number."""
    now = 100.0
    monkeypatch.setattr(layer_list, "monotonic", lambda: now)
    async with show(sample) as screen:
        await screen.press("9")
        now += 1
        await screen.press("1")
        assert screen.main.view.layer == 1


async def test_palette(show: Show, tall: Exploration) -> None:
    """The palette finds layers by number and command, and does not list the digits."""
    async with show(tall) as screen:
        commands = LayerProvider(screen.main)
        hits = [hit async for hit in commands.search("layer 17")]
        best = max(hits, key=lambda hit: hit.score)
        assert str(best.text).startswith("Go to layer 17:")
        best.command()
        await screen.pilot.pause()
        assert screen.main.view.layer == 17
        names = [command.name for command in ActionProvider(screen.main).commands()]
        assert not any("this number" in name for name in names)
        assert len(names) == len({*names})


# The start and the order


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(120, 36), (80, 24), (50, 14)])
async def test_the_biggest_layer_is_selected_first(show: Show, tmp_path: Path, size: tuple[int, int]) -> None:
    """The screen opens at the biggest layer, which is in sight."""
    sizes = [1] * 20 + [3] + [2] * 20
    found = explored_layers(tmp_path, *(layer(file(f"f{number}", b"1" * count)) for number, count in enumerate(sizes)))
    async with show(found, size=size, as_opened=True) as screen:
        assert screen.main.view.layer == screen.layers.selected_layer == 20
        line = screen.layers.cursor - screen.layers.scroll_offset.y
        assert 0 <= line < screen.layers.scrollable_content_region.height


@pytest.mark.end_to_end
async def test_sorting_layers(show: Show, sample: Exploration) -> None:
    """s goes through the orders, S reverses, a click on a header sorts; the selected layer stays."""
    async with show(sample) as screen:

        def order() -> list[int]:
            return [row.layer for row in screen.layers.rows if not row.is_empty]

        headers = screen.main.query_one(LayersPane).query_one(ColumnHeaders)
        await screen.press("s")
        assert order() == [1, 3, 0, 2]
        assert "size▾" in headers.render().plain
        await screen.press("s")
        assert order() == [1, 0, 3, 2]
        assert "wasted▾" in headers.render().plain
        await screen.press("S")
        assert order() == [2, 3, 0, 1]
        assert screen.layers.selected_layer == screen.main.view.layer == 3
        await screen.pilot.click(headers, offset=(headers.render().plain.index("#"), 0))
        await screen.settled()
        assert order() == [0, 1, 2, 3]
        assert screen.main.view.sort.value == "size"


@pytest.mark.end_to_end
async def test_the_order_is_kept(show: Show, sample: Exploration) -> None:
    """Another platform has its layers in the same order."""
    async with show(sample) as screen:
        await screen.press("s")
        screen.app._load_platform("linux/arm64")
        await screen.loaded()
        assert [row.layer for row in screen.layers.rows if not row.is_empty] == [1, 3, 0, 2]


@pytest.mark.end_to_end
@pytest.mark.parametrize("width", range(32, 201, 24))
async def test_rows_fit(show: Show, sample: Exploration, width: int) -> None:
    """The bar is there at every width, and only the step gives way."""
    async with show(sample, size=(width, 36)) as screen:
        columns = screen.layers.columns
        assert columns.cells["bar"] >= (9 if columns.cells["wasted"] and width >= 48 else 4)
        for line in range(3):
            text = screen.layers.render_line(line).text
            assert len(text) == screen.layers.scrollable_content_region.width


async def test_marks_of_layers(show: Show, sample: Exploration) -> None:
    """Marks tell the layers that delete or replace, or ship again, what lower layers ship."""
    async with show(sample) as screen:
        lines = [screen.layers.render_line(line).text for line in range(screen.layers.count)]
        *lower, last = [line for line in lines if "base:" not in line][:5]
        assert "✗= RUN rm" in last
        assert "=" not in "".join(lower)


# Copying


async def test_what_names_a_layer_is_copied(show: Show, sample: Exploration) -> None:
    """In the layers y copies the digest and Y the command, and a message confirms it."""
    async with show(sample) as screen:
        await screen.press("y")
        assert screen.app.clipboard == sample.image.layers[3].diff_id
        assert screen.said[-1].startswith(f"Copied {sample.image.layers[3].diff_id[:20]}")
        await screen.press("home", "Y")
        assert screen.app.clipboard == "ADD … /"
        assert screen.said[-1] == "Copied ADD … /"


async def test_the_digest_of_a_registry_comes_first(show: Show, sample: Exploration) -> None:
    """If a layer has the digest of a registry, that one is copied."""
    layers = tuple(replace(each, digest=f"sha256:{each.number:064}") for each in sample.image.layers)
    async with show(replace(sample, image=replace(sample.image, layers=layers))) as screen:
        await screen.press("y")
        assert screen.app.clipboard == f"sha256:{3:064}"


@pytest.mark.end_to_end
async def test_what_has_no_digest_says_so(show: Show, sample: Exploration) -> None:
    """A message says that a metadata-only step has no digest; its command can be copied."""
    layers = tuple(replace(each, diff_id="") for each in sample.image.layers)
    async with show(replace(sample, image=replace(sample.image, layers=layers))) as screen:
        await screen.press("y")
        assert screen.said == ["This layer has no digest."]
        await screen.press("home", "down", "y")
        assert screen.said[-1] == "A metadata-only step has no digest."
        await screen.press("Y")
        assert screen.app.clipboard == 'CMD ["sh"]'


@pytest.mark.end_to_end
async def test_the_step_has_the_room(show: Show, tall: Exploration) -> None:
    """A narrow list leaves the room of the waste to the step, unless it sorts by waste; wider screens have both."""
    async with show(tall, size=(80, 24)) as screen:
        for width in (80, 100, 112, 120):
            await screen.resize(width, 30)
            assert screen.layers.columns.cells["wasted"]
        await screen.press("less_than_sign", "less_than_sign")
        assert screen.layers.scrollable_content_region.width - screen.layers.columns.last_at >= 20
        assert not screen.layers.columns.cells["wasted"]
        await screen.press("s", "s")
        assert screen.layers.columns.cells["wasted"]


@pytest.mark.end_to_end
@pytest.mark.parametrize(("size", "keys"), [((80, 24), ("z",)), ((120, 24), ())])
async def test_the_selected_row_above_the_details(
    show: Show, tall: Exploration, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    """The list above the details is no higher than its pane, so it scrolls to the selected layer."""
    async with show(tall, size=size) as screen:
        await screen.press(*keys, "home", "end")
        layers = screen.layers
        assert screen.main.query_one(LayersPane).content_region.contains_region(layers.region)
        assert layers.scroll_y > 0
        assert layers.scroll_y + layers.scrollable_content_region.height == layers.count
