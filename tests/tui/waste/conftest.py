"""The screen with the waste grouped by cause."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from explorer.pipeline import Exploration
from explorer.viewmodel.waste_view import Grouping, WasteView
from tests.tui.driving import Screen, Show


@pytest.fixture
def show_causes(show: Show) -> Show:
    """Runs the screen on an exploration, with its waste grouped by cause."""

    @asynccontextmanager
    async def run(exploration: Exploration, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Screen]:
        async with show(exploration, size=size) as screen:
            screen.main.view = replace(screen.main.view, waste=WasteView(Grouping.CAUSE))
            screen.waste.cursor = 0
            await screen.settled()
            yield screen

    return run
