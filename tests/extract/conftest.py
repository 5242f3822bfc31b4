"""Fixtures: a made image, and a directory to save to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from tests.images import (
    Item,
    explored_layers,
    layer,
)


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Exploration]:
    """Makes an exploration from the items of layers."""
    (tmp_path / "image").mkdir()

    def make(*layers: Iterable[Item]) -> Exploration:
        return explored_layers(tmp_path / "image", *(layer(*items) for items in layers))

    return make


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The directory to save to."""
    directory = tmp_path / "out"
    directory.mkdir()
    return directory
