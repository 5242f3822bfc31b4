"""Thousands of random keys, clicks and sizes: nothing that a user presses ends the program with an error."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual.pilot import OutOfBounds

from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
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
from tests.tui.driving import Screen, Show

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


@pytest.mark.end_to_end
@pytest.mark.painted
@pytest.mark.parametrize("seed", range(10))
async def test_nothing_pressed_ends_the_program(
    seed: int, show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen of each image survives random keys, clicks and sizes; the seed repeats a failure."""

    async def stay(_: ExplorerApp) -> None:
        """Replaces the end of the program, because clicks find its key, too."""

    monkeypatch.setattr(ExplorerApp, "action_quit", stay)
    monkeypatch.chdir(tmp_path)
    rng = random.Random(seed)
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*_layers(seed, rng))))
    exploration: Exploration = explored(path)
    acts: list[str] = []
    try:
        async with show(exploration, size=rng.choice(_SIZES), notifications=True) as screen:
            for _ in range(_STEPS):
                acts.append(await _act(screen, rng))
                if not screen.app.is_running:
                    break
    except Exception as error:
        raise AssertionError(f"seed {seed}, after {len(acts)} acts: {', '.join(acts[-20:])}") from error
    assert len(acts) == _STEPS, f"seed {seed} left the program after {', '.join(acts[-20:])}"
