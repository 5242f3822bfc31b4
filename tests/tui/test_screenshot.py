"""Pictures of the screen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from explorer.tui.screenshot import save_picture
from tests.tui.driving import Show

NOW = datetime(2026, 1, 31, 9, 5, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory, and a current directory beside it."""
    found = tmp_path / "of user"
    found.mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setattr(Path, "home", lambda: found)
    monkeypatch.chdir(tmp_path / "here")
    return found


def test_pictures_go_to_the_downloads(home: Path) -> None:
    """A picture goes to the downloads if there are any, otherwise to the current directory."""
    path = save_picture("<svg/>", "Layer Explorer", NOW)
    assert path == home.parent / "here" / "layer-explorer-2026-01-31-090507.svg"
    (home / "Downloads").mkdir()
    path = save_picture("<svg/>", "Layer Explorer", NOW)
    assert path.parent == home / "Downloads"
    assert path.read_text() == "<svg/>"


def test_a_picture_replaces_no_file() -> None:
    """Another picture of the same second gets another name."""
    first, second = (save_picture(text, "x", NOW) for text in ("1", "2"))
    assert (first.read_text(), second.read_text()) == ("1", "2")


async def test_the_screen_says_where_its_picture_is(show: Show, sample: Exploration, home: Path) -> None:
    """A message says where the picture is, or why it cannot be saved."""
    async with show(sample) as screen:
        screen.app.deliver_screenshot()
        await screen.settled()
        (path,) = (home.parent / "here").iterdir()
        assert screen.said[-1] == f"Saved {path}"
        path.unlink()
        path.parent.rmdir()
        screen.app.deliver_screenshot()
        await screen.settled()
        assert screen.said[-1].startswith("The picture cannot be saved: ")
