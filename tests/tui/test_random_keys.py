"""Thousands of random keys, clicks and sizes: nothing that a user presses ends the program with an error."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import OutOfBounds

from explorer.analysis.engine_images.storage import EngineStorage
from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.images.image_access import ImageAccess
from explorer.tui.images.screen import ImagesScreen
from explorer.viewmodel.image_catalog import ImageCatalog
from tests.analysis.engine_images.made_images import made as listed_image
from tests.images import (
    big,
    directory,
    docker_archive,
    explored,
    file,
    hardlink,
    image,
    layer,
    opaque,
    symlink,
    whiteout,
)
from tests.tui.compare.comparing import loading_pair, showing
from tests.tui.driving import Screen, Show, loading

_STEPS = 400
_KEYS = (
    *"abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ0123456789",
    *("slash", "question_mark", "left_square_bracket", "right_square_bracket", "less_than_sign", "greater_than_sign"),
    *("equals_sign", "plus", "minus", "asterisk", "full_stop", "colon", "space", "exclamation_mark", "backslash"),
    *("up", "down", "left", "right", "pageup", "pagedown", "home", "end", "enter", "escape", "tab", "shift+tab"),
    *("backspace", "delete", "ctrl+f", "ctrl+p", "ctrl+u", "ctrl+w", "ctrl+a", "alt+left", "alt+right", "f1", "n", "N"),
)
"""Every key but those that leave the program or suspend it."""
_OFTEN = ("escape", "enter", "down", "pagedown", "end", "tab", "ctrl+p")
_SIZES = ((1, 1), (5, 3), (20, 5), (29, 9), (40, 10), (60, 13), (80, 24), (100, 14), (120, 36), (200, 60))
_NAMES = ("a", "é", "漢字", "👩\u200d👧", "x\ny", "[b]", "q" * 90)


def _layers(number: int, rng: random.Random) -> list[bytes]:
    """Returns the layers of one of ten images: from nothing at all to odd names and each cause of waste."""
    names = [f"d{rng.randrange(6)}/{rng.choice(_NAMES)}{number}" for number in range(9)]
    texts, others = ([file(name, text * 50) for name in names] for text in (b"text\n", b"other\n"))
    changes = [whiteout(rng.choice(names)), opaque("d1"), symlink("link", names[0])]
    return [
        [],
        [layer()],
        [layer(file("one"))],
        [layer(directory("empty")), layer(), layer(whiteout("empty"))],
        [layer(*(big(name, 1) for name in names)), layer(*changes)],
        [layer(*texts), layer(*others)],
        [layer(file("a", b"\x00\xff" * 999), hardlink("b", "a")), layer(whiteout("a"))],
        [layer(file("/".join("abcdefghijklmnopqrstuvwxyz"), b"deep"))],
        [layer(*(file(f"many/{i}", b"x" * i) for i in range(300))), layer(whiteout("many"))],
        [layer(file(f"step{i}", b"1")) for i in range(30)],
    ][number]


async def _act(screen: Screen, rng: random.Random) -> str:
    """Presses a key, clicks, or resizes; returns the act in words."""
    kind = rng.random()
    if kind < 0.04:
        size = rng.choice(_SIZES)
        await screen.pilot.resize_terminal(*size)
        return f"resize {size}"
    if kind < 0.14:
        size = screen.app.size
        at = rng.randrange(max(1, size.width)), rng.randrange(max(1, size.height))
        try:
            await screen.pilot.click(offset=at, times=rng.choice((1, 2)))
        except OutOfBounds:
            return "click outside"
        return f"click {at}"
    key: str = rng.choice(_OFTEN if kind < 0.4 else _KEYS)
    await screen.pilot.press(key)
    return key


async def _act_often(screen: Screen, rng: random.Random, name: str) -> None:
    """Acts some hundred times; the name and the last acts tell a failure."""
    acts: list[str] = []
    try:
        for _ in range(_STEPS):
            acts.append(await _act(screen, rng))
            if not screen.app.is_running:
                break
    except Exception as error:
        raise AssertionError(f"{name}, after {len(acts)} acts: {', '.join(acts[-20:])}") from error
    assert len(acts) == _STEPS, f"{name} left the program after {', '.join(acts[-20:])}"
    assert screen.app.fault is None


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Exploration]:
    """Makes one of ten images. The program does not end, because clicks find the key that quits, too."""

    async def stay(_: ExplorerApp) -> None:
        """Replaces the end of the program."""

    monkeypatch.setattr(ExplorerApp, "action_quit", stay)
    monkeypatch.chdir(tmp_path)

    def make(number: int) -> Exploration:
        path = tmp_path / f"image{number}.tar"
        path.write_bytes(docker_archive(image(*_layers(number, random.Random(number)))))
        return explored(path)

    return make


@pytest.mark.end_to_end
@pytest.mark.painted
@pytest.mark.parametrize("seed", range(10))
async def test_nothing_pressed_ends_the_program(seed: int, show: Show, made: Callable[[int], Exploration]) -> None:
    """The screen of each image survives random keys, clicks and sizes; the seed repeats a failure."""
    rng = random.Random(seed)
    async with show(made(seed), size=rng.choice(_SIZES), notifications=True) as screen:
        await _act_often(screen, rng, f"seed {seed}")


@pytest.mark.end_to_end
@pytest.mark.painted
@pytest.mark.parametrize("seed", range(4))
async def test_nothing_pressed_on_two_images(seed: int, made: Callable[[int], Exploration]) -> None:
    """The screen of two images survives random keys, clicks and sizes."""
    rng = random.Random(seed)
    pair = loading_pair(made(rng.randrange(10)), made(rng.randrange(10)))
    async with showing(pair, rng.choice(_SIZES), notifications=True) as screen:
        await _act_often(screen, rng, f"seed {seed}")


@pytest.mark.end_to_end
@pytest.mark.painted
@pytest.mark.parametrize("seed", range(4))
async def test_nothing_pressed_on_the_list_of_images(seed: int, made: Callable[[int], Exploration]) -> None:
    """The list, and the images and comparisons that open from it, survive random keys, clicks and sizes."""
    rng = random.Random(seed)
    exploration = made(seed + 4)
    storage = EngineStorage([listed_image(f"image{n}", "base", ("lib", "app", "other")[n % 3]) for n in range(12)])
    access = ImageAccess(
        ImageCatalog,
        lambda _: [ImageCatalog(storage, waiting=())],
        lambda _: loading(exploration),
        lambda *_: loading_pair(exploration, exploration),
        lambda *_: 7,
    )
    app = ExplorerApp(partial(ImagesScreen, access))
    async with app.run_test(size=rng.choice(_SIZES), notifications=True) as pilot:
        await _act_often(Screen(app, pilot), rng, f"seed {seed}")
