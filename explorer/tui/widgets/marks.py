"""The marks and colours of changes. Each is a mark as well as a colour, so that nobody needs the colour to read it."""

from __future__ import annotations

from explorer.model import Change

MARKS = {Change.ADDED: "+", Change.MODIFIED: "~", Change.REMOVED: "−", Change.UNCHANGED: " "}
COLOURS = {
    Change.ADDED: "$change-added",
    Change.MODIFIED: "$change-modified",
    Change.REMOVED: "$change-removed",
    Change.UNCHANGED: "$muted",
}
INSIDE = "·"
"""Marks a directory that contains changes and is not changed itself."""
SAME = "="
"""Marks what a layer ships again, the same as before."""
