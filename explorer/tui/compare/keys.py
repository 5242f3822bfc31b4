"""The keys of the screen of two images. Most are those of the main screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.binding import Binding

from explorer.tui.main.keys import SCREEN_KEYS

_SAME = (
    "explore.next-pane",
    "explore.previous-pane",
    "explore.filter",
    "explore.sort",
    "explore.reverse",
    "explore.changes",
    "explore.added",
    "explore.modified",
    "explore.removed",
    "explore.unchanged",
    "files.view",
    "files.diff",
    "files.save",
    "explore.files",
    "explore.packages",
    "explore.waste",
    "split.",
    "explore.clear-filter",
    "explore.show-all",
)
"""IDs, or beginnings of them, of the keys that mean the same here."""
_OTHER_TOOLTIPS = {
    "explore.sort": "Sort by growth, size or name",
    "explore.packages": "Show the packages that differ",
    "files.view": "View the file of the new image, or else of the old one",
    "files.diff": "Show the differences between both images",
    "explore.waste": "Show the waste of both images",
}

COMPARE_KEYS: Sequence[Binding] = (
    *(
        replace(each, tooltip=_OTHER_TOOLTIPS.get(each.id or "", each.tooltip))
        for each in SCREEN_KEYS
        if (each.id or "").startswith(_SAME)
    ),
    Binding("t", "times", "Times", tooltip="Show or hide what differs only in its time", id="explore.times"),
    Binding("o", "swap_images", "Swap", tooltip="Swap the old and the new image", id="explore.swap-images"),
    Binding(
        "escape",
        "show_all_steps",
        "All layers",
        tooltip="Show what differs in all layers",
        id="explore.all-steps",
    ),
    Binding("C", "pane('causes')", show=False, tooltip="Show why two builds differ", id="explore.causes"),
    Binding("i", "pane('settings')", "Settings", tooltip="Show the settings that differ", id="explore.settings"),
)
