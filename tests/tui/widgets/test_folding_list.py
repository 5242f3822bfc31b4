"""Arrows and indents of lines that open and close."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.folding_list import MAX_INDENTED_LEVELS, fold_arrow, indent


@pytest.mark.parametrize(("depth", "room", "cells"), [(0, 80, 0), (3, 80, 6), (5, 8, 4), (5, 3, 0), (99, 999, 80)])
def test_indent(depth: int, room: int, cells: int) -> None:
    """A level is indented by two cells, up to half of the room and to the deepest level."""
    assert indent(depth, room) == cells
    assert cells <= 2 * MAX_INDENTED_LEVELS


def test_arrows() -> None:
    """A line that can be opened has an arrow, which shows its state."""
    assert [fold_arrow(state) for state in (None, False, True)] == ["  ", "▸ ", "▾ "]
