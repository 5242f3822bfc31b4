"""The availability of actions that depends on the view and the pane alone."""

from __future__ import annotations

from typing import NamedTuple

from explorer.pipeline import Exploration
from explorer.tui.availability import FILES_ONLY, UNREAD, Availability
from explorer.viewmodel.view import View

WASTE_ACTIONS = ("group_waste", "sort_waste", "reverse_waste", "this_layer")
"""Actions on the view of the waste, which need wasted files."""
_NEED_IMAGE = (
    *WASTE_ACTIONS,
    *("sort", "reverse", "changes_only", "kind", "filter", "find", "compare", "swap", "walk", "pane"),
)


class Situation(NamedTuple):
    """The facts of the main screen that decide which actions can be taken."""

    view: View
    pane: str
    is_found: bool
    """True if the image is found, although its layers may not be read."""
    exploration: Exploration | None
    is_filter_typed: bool


def view_availability(action: str, parameters: tuple[object, ...], now: Situation) -> Availability:
    """Hides actions without a meaning now, and dims those that wait."""
    view, is_comparing = now.view, now.view.base is not None
    if action == "stop_comparing":
        return is_comparing
    if action == "clear_filter":
        return bool(view.query_of(now.pane)) or now.is_filter_typed
    if action == "all_layers":
        return view.waste.layer is not None and not view.waste.query
    if (action == "filter" and now.is_filter_typed) or (action == "compare" and is_comparing):
        return False
    if action in FILES_ONLY and now.pane != "files":
        return False
    if action == "show_all":
        return bool(view.hidden) and not is_comparing
    # Files and waste can be chosen while they load; the key of the image is dim until the image is found.
    if action == "pane" and (parameters != ("image",) or now.is_found):
        return True
    if action not in _NEED_IMAGE:
        return True
    if now.exploration is None:
        return UNREAD
    if action == "swap" and not is_comparing:
        return "Not comparing. Press m to start."
    layers = len(now.exploration.layers)
    if action == "compare" and layers < 2:
        return f"There is nothing to compare: the image has {'one layer' if layers else 'no layers'}."
    return True


def key_conditions(view: View, is_filter_typed: bool) -> tuple[bool, ...]:
    """Returns the facts of a view that decide which keys work."""
    # While a filter is typed, the footer shows the filter's keys, until the focus moves.
    filters = () if is_filter_typed else (bool(view.query), bool(view.waste.query))
    return (view.base is None, bool(view.hidden), view.waste.layer is None, *filters)
