"""Saves a picture of the screen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

_MAX_NAMES = 100
"""Names to try, because a picture replaces no file."""


def save_picture(svg: str, title: str, now: datetime) -> Path:
    """Saves a picture among the user's downloads, or else in the current directory.

    Raises OSError if neither can be written.
    """
    downloads = Path.home() / "Downloads"
    directory = downloads if downloads.is_dir() else Path.cwd()
    name = f"{title.lower().replace(' ', '-')}-{now:%Y-%m-%d-%H%M%S}"
    for number in range(_MAX_NAMES):
        path = directory / (f"{name}-{number}.svg" if number else f"{name}.svg")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(svg)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(17, "too many pictures were saved in this second", str(directory))
