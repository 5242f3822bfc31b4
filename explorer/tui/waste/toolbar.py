"""The line above the waste: its grouping, and the layer that it is limited to."""

from __future__ import annotations

from textual.widget import Widget


class WasteToolbar(Widget):
    """The grouping and the layer; a click on a word changes them."""

    ALLOW_SELECT = False
