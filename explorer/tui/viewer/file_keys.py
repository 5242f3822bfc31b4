"""The keys that look inside a path, for the pane that lists it and for the line that tells its history."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding

FILE_KEYS: Sequence[Binding] = (
    Binding("v", "view", "View", tooltip="Look into the file", id="files.view"),
    Binding("d", "diff", "Diff", tooltip="What differs from the version below", id="files.diff"),
    Binding("x", "save", "Save", tooltip="Save the file or the directory to disk", id="files.save"),
    Binding("y", "copy_path", show=False, tooltip="Copy the path", id="files.copy-path"),
    Binding("Y", "copy_command", show=False, tooltip="Copy the layer's command", id="files.copy-command"),
)
"""Those that are about the selected path wherever it is told of."""
