"""Layers of a registry that are not read: the list shows them, Enter fetches one, and Esc stops that."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from explorer.layers.read_budget import ReadBudget
from explorer.model import Watcher
from explorer.pipeline import Exploration, explore
from explorer.sources import interruptible, open_image
from explorer.sources.request import Request
from explorer.text.units import size
from explorer.tui.layers.details import Details
from explorer.tui.main.header import ImageHeader
from tests.fake_registry import Answer, FakeRegistry
from tests.images import file, image, layer
from tests.tui.driving import Screen, Show

LAYERS = (
    layer(*(file(f"usr/lib/lib{number}.so", b"x" * (900 + number)) for number in range(9)), file("etc/motd", b"hello")),
    layer(file("opt/large", b"t" * 200_000)),
    layer(file("etc/motd", b"hello, world")),
)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRegistry]:
    """A registry with an image of three layers; the middle one is large."""
    monkeypatch.setattr(interruptible, "INTERVAL", 0.01)
    with FakeRegistry().running() as running:
        running.add("1", image(*LAYERS))
        yield running


def part(shop: FakeRegistry) -> Exploration:
    """Returns the image without its large layer."""
    budget = ReadBudget(max_fetched_bytes=100_000)
    return explore(open_image(Request(shop.reference(), Watcher(), budget=budget)), None, None, budget)


def details(screen: Screen) -> str:
    return "\n".join(line.plain for line in screen.main.query_one(Details).wrapped(60))


async def test_a_layer_that_is_not_read(show: Show, shop: FakeRegistry) -> None:
    """The list, the details, the files and the header say that a layer is not read, and which key fetches it."""
    async with show(part(shop)) as screen:
        await screen.press("1")
        large = size(len(LAYERS[1]))
        assert f"1 {large} not read" in " ".join(screen.text().split())
        assert f"Not read. Press Enter to fetch its {large}." in details(screen)
        assert "⏎ Fetch" in screen.text()
        assert screen.main.query_one(ImageHeader).summary.layers_read == 2
        assert "in 2 of 3 layers" in screen.text()


@pytest.mark.end_to_end
async def test_enter_fetches_it(show: Show, shop: FakeRegistry) -> None:
    """The image with the layer takes the place of the other one; selection, filter and open directories stay."""
    async with show(part(shop)) as screen:
        await screen.press("f", "down", "right", "0", "1", "slash", *"lib | large", "enter")
        screen.main.set_focus(screen.layers)
        opened = {node.path for node in screen.files.opened}
        await screen.press("enter")
        await screen.loaded()
        assert screen.main.exploration is not None
        assert screen.main.exploration.missing_layers == ()
        assert screen.layers.selected_layer == 1
        assert screen.main.view.query.text == "lib | large"
        assert opened <= {node.path for node in screen.files.opened}
        assert "in 3 layers" in screen.text()
        await screen.press("enter")
        assert screen.files.has_focus


@pytest.mark.end_to_end
async def test_escape_stops_it(show: Show, shop: FakeRegistry) -> None:
    """Esc stops the fetching, the layer stays unread, and can be fetched again."""
    shop.piece, shop.pause = 1_000, 0.02
    exploration = part(shop)
    async with show(exploration, notifications=True) as screen:
        await screen.press("1")
        await screen.pilot.press("enter")
        await screen.settled()
        assert screen.main.availability("stop_fetching", ()) is True
        await screen.press("2", "1")
        await screen.pilot.press("enter")
        await screen.settled()
        assert any("Layer 1 is being fetched" in message for message in screen.said)
        await screen.press("escape")
        assert screen.main.exploration is exploration
        assert screen.main.availability("stop_fetching", ()) is False
        shop.pause = 0
        await screen.press("enter")
        await screen.loaded()
        assert screen.main.exploration.missing_layers == ()


@pytest.mark.end_to_end
async def test_a_failure_leaves_the_image(show: Show, shop: FakeRegistry) -> None:
    """If the layer cannot be fetched, a message says why, and the image stays on the screen."""
    exploration = part(shop)
    shop.answers = [Answer("/blobs/", 403)]
    async with show(exploration, notifications=True) as screen:
        await screen.press("1", "enter")
        await screen.loaded()
        assert screen.main.exploration is exploration
        assert any("denies" in message or "403" in message for message in screen.said), screen.said


@pytest.mark.end_to_end
async def test_an_opened_layer_comes_next(show: Show, shop: FakeRegistry) -> None:
    """While layers are read, the one that the user opens is wanted before the others."""
    go_on, wanted = threading.Event(), []

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        found = open_image(Request(shop.reference(), watcher))
        watcher.image_opened(found)
        assert go_on.wait(20)
        wanted.append(watcher.wanted_layer())
        return explore(found, watcher)

    async with show(load) as screen:
        while screen.main.shown.image is None:
            await screen.pilot.pause()
        await screen.press("2", "enter")
        assert f"not read yet, {size(len(LAYERS[2]))} compressed" in details(screen)
        go_on.set()
        await screen.loaded()
        assert wanted == [2]
