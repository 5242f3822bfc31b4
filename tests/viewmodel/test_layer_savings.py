"""The fixes of each layer's step."""

from __future__ import annotations

from pathlib import Path

from explorer.viewmodel.layer_savings import layer_savings
from tests.tui.waste.fixable import fixable


def test_layers_that_hide_a_little_of_a_fix(tmp_path: Path) -> None:
    """A fix concerns the layers that ship its files and those that hide any of them; the base's only the base."""
    found = layer_savings(fixable(tmp_path))
    layers = {
        fix: [layer for layer, each in found.items() if any(one.id == fix for one in each.fixes)]
        for fix in ("apt", "leave-out-2", "base")
    }
    assert layers == {"apt": [1, 4], "leave-out-2": [2, 3, 4], "base": [0]}
