"""The keys of the main screen that work in all its panes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.binding import Binding

from explorer.tui.main.splitter import SPLIT_KEYS
from explorer.tui.viewer.file_actions import FILE_KEYS

_BY_NUMBER = "Go to the layer of this number; type several digits quickly"
_OF_EVERY_PANE = ("view", "diff", "save")
"""Actions on the path of the history bar. The keys that copy are those of the pane with the focus."""

SCREEN_KEYS: Sequence[Binding] = (
    Binding("tab", "next_pane(1)", "Next pane", key_display="⇥", tooltip="Go to the next pane", id="explore.next-pane"),
    Binding(
        "shift+tab",
        "next_pane(-1)",
        show=False,
        key_display="⇧⇥",
        tooltip="Go to the previous pane",
        id="explore.previous-pane",
    ),
    Binding("slash", "filter", "Filter", key_display="/", tooltip="Show only what matches", id="explore.filter"),
    Binding("s", "sort", "Sort", tooltip="Sort by size, name or change", id="explore.sort"),
    Binding("S", "reverse", show=False, tooltip="Reverse the order", id="explore.reverse"),
    Binding("c", "changes_only", "Only changes", tooltip="Show only changes, or everything", id="explore.changes"),
    Binding("plus", "kind('added')", show=False, tooltip="Show or hide added files", id="explore.added"),
    Binding("tilde", "kind('modified')", show=False, tooltip="Show or hide modified files", id="explore.modified"),
    Binding("minus", "kind('removed')", show=False, tooltip="Show or hide removed files", id="explore.removed"),
    Binding(
        "full_stop",
        "kind('unchanged')",
        show=False,
        tooltip="Show or hide unchanged files",
        id="explore.unchanged",
    ),
    Binding("m", "compare", "Compare", tooltip="Compare the layers with this one", id="explore.compare"),
    Binding("m", "stop_comparing", "Stop comparing", tooltip="Stop comparing", id="explore.stop-comparing"),
    Binding("M", "swap", show=False, tooltip="Swap the two layers that are compared", id="explore.swap"),
    Binding("ctrl+f", "find", "Find", tooltip="Find a path in any layer", id="explore.find"),
    Binding("L", "find(True)", "Largest", tooltip="List the largest files", id="explore.largest"),
    Binding(
        "left_square_bracket,alt+left",
        "walk(-1)",
        show=False,
        key_display="[",
        tooltip="Go to the previous layer that touched this path",
        id="explore.earlier",
    ),
    Binding(
        "right_square_bracket,alt+right",
        "walk(1)",
        show=False,
        key_display="]",
        tooltip="Go to the next layer that touched this path",
        id="explore.later",
    ),
    *(
        replace(each, action=f"run_file_action('{each.action}')", show=False)
        for each in FILE_KEYS
        if each.action in _OF_EVERY_PANE
    ),
    *(
        Binding(str(digit), f"digit({digit})", show=False, tooltip=_BY_NUMBER, id=f"layers.{digit}")
        for digit in range(10)
    ),
    Binding(
        "backspace,ctrl+o",
        "back",
        "Back",
        key_display="⌫",
        tooltip="Go back to where the last jump started",
        id="explore.back",
    ),
    Binding("f", "pane('files')", "Files", tooltip="Show the files", id="explore.files"),
    Binding("w", "pane('waste')", "Waste", tooltip="Show wasted space", id="explore.waste"),
    Binding("P", "pane('packages')", "Packages", tooltip="Show the packages", id="explore.packages"),
    Binding("F", "pane('findings')", "Findings", tooltip="Show the findings", id="explore.findings"),
    Binding("B", "pane('dockerfile')", "Dockerfile", tooltip="Show the Dockerfile", id="explore.dockerfile"),
    Binding("i", "pane('image')", "Image", tooltip="Show image metadata", id="explore.image"),
    Binding("D", "disposable", show=False, tooltip="Show the disposable files", id="explore.disposable"),
    *SPLIT_KEYS,
    Binding("escape", "stop_fetching", "Stop fetching", tooltip="Stop fetching the layer", id="explore.stop-fetching"),
    Binding("escape", "clear_filter", "Clear filter", tooltip="Clear the filter", id="explore.clear-filter"),
    Binding("escape", "stop_comparing", show=False, tooltip="Stop comparing", id="explore.stop-comparing"),
    Binding("escape", "show_all", "Show all", tooltip="Show what is hidden", id="explore.show-all"),
)
