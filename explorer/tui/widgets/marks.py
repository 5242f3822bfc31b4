"""Marks and colours of changes. Marks can be read without colours."""

from __future__ import annotations

from explorer.model import Change
from explorer.text.words import DISPOSABLE_MARK

MARKS = {Change.ADDED: "+", Change.MODIFIED: "~", Change.REMOVED: "−", Change.UNCHANGED: " "}
COLOURS = {
    Change.ADDED: "$change-added",
    Change.MODIFIED: "$change-modified",
    Change.REMOVED: "$change-removed",
    Change.UNCHANGED: "$muted",
}
SEVERITY_STYLES = ("severity--critical", "severity--high", "severity--medium", "severity--low", "severity--info")
"""Names of the styles of severities in lists; the style sheet has their colours."""
SEVERITY_COLOURS = {"critical": "bold $severity-high", "high": "$severity-high", "medium": "$severity-medium"}
"""Severity to its style in texts; others are muted."""
INSIDE = "·"
"""Mark of an unchanged directory that contains changes."""
SAME = "="
"""Mark of a file that a layer ships again unchanged."""
DISPOSABLE = DISPOSABLE_MARK
