"""Going to a layer by its number, and copying its digest or command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from explorer.tui.layers import layer_list
from explorer.tui.palette import ActionProvider, LayerProvider
from tests.images import explored_layers, file, layer
from tests.tui.driving import Show


@pytest.fixture
def tall(tmp_path: Path) -> Exploration:
    """An image of 25 layers."""
    return explored_layers(tmp_path, *(layer(file(f"f{number}", b"1")) for number in range(25)))


async def test_digits(show: Show, tall: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit goes to the layer with that number; two quick digits form one number if that layer exists."""
    now = 100.0
    monkeypatch.setattr(layer_list, "monotonic", lambda: now)
    async with show(tall) as screen:
        for keys, wait, layer_ in (("7", 9, 7), ("1", 0.5, 1), ("2", 9, 12), ("0", 9, 0), ("2", 0.5, 2), ("9", 9, 9)):
            await screen.press(*keys)
            assert screen.main.view.layer == layer_
            now += wait
        await screen.press("2", "4")
        assert screen.main.view.layer == 24


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


async def test_digits_of_no_layer(show: Show, sample: Exploration, tall: Exploration) -> None:
    """The number of a layer that does not exist is answered with words, and changes nothing."""
    async with show(sample) as screen:
        await screen.press("0", "9")
        assert screen.main.view.layer == 0
        assert screen.said == ["There is no layer 9. The layers are 0 to 3."]
        await screen.press("1", "2")
        assert screen.main.view.layer == 2
        assert len(screen.said) == 1, "quick digits are no number of two digits if no layer has one"
    async with show(tall) as screen:
        await screen.press("3", "1")
        assert screen.main.view.layer == 1
        assert screen.said == ["There is no layer 31. The layers are 0 to 24."]


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
