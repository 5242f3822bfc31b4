"""Leaving the program while its screen still changes."""

from __future__ import annotations

import pytest
from textual.css.query import NoMatches
from textual.worker import WorkerFailed

from explorer.pipeline import Exploration
from tests.tui.driving import Show


@pytest.mark.end_to_end
@pytest.mark.parametrize("is_leaving", [True, False])
async def test_missing_widgets(is_leaving: bool, show: Show, sample: Exploration) -> None:
    """A worker that misses a widget is no error while the program is being left; otherwise it is one."""
    async with show(sample) as screen:
        app = screen.app
        app._exit = is_leaving
        app._close_messages_no_wait = lambda: None  # type: ignore[method-assign]
        app._handle_exception(WorkerFailed(NoMatches("a list")))
        fault, app.fault, app._exception, app._exit = app.fault, None, None, False
        assert (fault is None) == is_leaving
