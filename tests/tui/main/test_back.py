"""The way back after a jump."""

from __future__ import annotations

import pytest

from explorer.pipeline import Exploration
from explorer.tui.main.verdict_bar import VerdictBar
from tests.tui.driving import Screen, Show


def place(screen: Screen) -> tuple[object, ...]:
    """Returns what is seen: the view, the pane, the selected rows and the focus."""
    main, view = screen.main, screen.main.view
    focused = screen.app.focused
    path = screen.selected if screen.files.selected else ""
    return view.layer, view.base, view.query.text, main.pane, path, screen.waste.cursor, focused and focused.id


@pytest.mark.end_to_end
@pytest.mark.parametrize("key", ["backspace", "ctrl+o"])
@pytest.mark.parametrize(
    "jump",
    [
        ("ctrl+f", *"packages", "enter"),
        ("L", "enter"),
        ("f", "e", "end", "left_square_bracket"),
        ("w", "e", "end", "enter"),
        ("w", "e", "end", "o"),
        ("D",),
    ],
    ids=["find", "largest", "walk", "show wasted", "hidden by", "disposable"],
)
async def test_back_after_a_jump(show: Show, sample: Exploration, jump: tuple[str, ...], key: str) -> None:
    """After each kind of jump, a key leads back to the same view, pane, row and focus."""
    async with show(sample) as screen:
        await screen.press("f", "e", "down", "down")
        if jump[0] not in "fw":
            before = place(screen)
        else:
            await screen.press(*jump[:-1])
            before = place(screen)
            jump = jump[-1:]
        await screen.press(*jump)
        assert place(screen) != before
        await screen.press(key)
        assert place(screen) == before


@pytest.mark.end_to_end
async def test_back_after_several_jumps(show: Show, sample: Exploration) -> None:
    """Each key goes back one jump; after the first place, a message says that there is no other."""
    async with show(sample) as screen:
        await screen.press("f", "e", "end")
        seen = [place(screen)]
        for jump in (("D",), ("ctrl+f", *"tool", "enter"), ("escape", "w", "e", "end", "enter")):
            await screen.press(*jump[:-1])
            seen.append(place(screen))
            await screen.press(jump[-1])
        for before in reversed(seen[1:]):
            await screen.press("backspace")
            assert screen.main.view.layer == before[0]
        assert not screen.main._places
        await screen.press("backspace")
        assert screen.said == ["There is nothing to go back to."]


@pytest.mark.end_to_end
async def test_back_after_a_click_on_the_verdict(show: Show, sample: Exploration) -> None:
    """A click on the verdict is a jump, too."""
    async with show(sample) as screen:
        await screen.press("f", "end")
        before = place(screen)
        await screen.pilot.click(screen.main.query_one(VerdictBar), offset=(4, 0))
        await screen.settled()
        assert screen.main.pane == "waste"
        await screen.press("backspace")
        assert place(screen) == before


@pytest.mark.end_to_end
async def test_back_is_offered_after_a_jump(show: Show, sample: Exploration) -> None:
    """The footer has the key only if there is a way back, and in the filter the key deletes a letter."""
    async with show(sample) as screen:
        assert screen.main.availability("back", ()) is False
        await screen.press("D")
        assert screen.main.availability("back", ()) is True
        await screen.press("slash", *"ab", "backspace")
        assert screen.main.view.query.text == "a"
        screen.main.start_again()
        assert screen.main.availability("back", ()) is False
