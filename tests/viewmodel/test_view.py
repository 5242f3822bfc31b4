"""The state of the main screen, without a screen."""

from __future__ import annotations

from dataclasses import replace

from explorer.viewmodel.view import View
from explorer.viewmodel.waste_view import Grouping, WasteView


def test_the_waste_of_one_layer_follows_the_selected_layer() -> None:
    """If the waste of a single layer is shown, another selected layer shows its own waste; otherwise all stays."""
    single = View(3, waste=WasteView(Grouping.FILE, layer=3))
    assert replace(single, layer=1).waste == WasteView(Grouping.FILE, layer=1)
    assert replace(View(3), layer=1).waste.layer is None


def test_views_with_the_same_files_are_equal() -> None:
    """Another view of the waste does not make other files, so that computed files are found again."""
    assert replace(View(3), waste=WasteView(Grouping.FILE)) == View(3)
    assert replace(View(3), hidden=frozenset()) != View(2)
