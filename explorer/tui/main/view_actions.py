"""The availability of actions that depends on the view and the pane alone."""

from __future__ import annotations

from typing import NamedTuple

from explorer.tui.availability import FILES_ONLY, Availability
from explorer.viewmodel.layers_read import LayersRead
from explorer.viewmodel.view import View

WASTE_ACTIONS = ("group_waste", "sort_waste", "reverse_waste", "this_layer")
"""Actions on the view of the waste, which need wasted files."""
_NEED_ALL_LAYERS = (*WASTE_ACTIONS, "find", "disposable")
_NEED_FILES = (
    *_NEED_ALL_LAYERS,
    *("sort", "reverse", "changes_only", "kind", "filter", "compare", "swap", "walk", "pane"),
)


class Situation(NamedTuple):
    """The facts of the main screen that decide which actions can be taken."""

    view: View
    pane: str
    is_found: bool
    """True if the image is found, although its layers may not be read."""
    has_files: bool
    """True if the files of some layers can be shown."""
    read: LayersRead
    is_filter_typed: bool
    needs_package_fetch: bool = False
    """True if package databases are only in a registry."""


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
    if action == "fetch_packages":
        return now.needs_package_fetch
    if action in FILES_ONLY and now.pane != "files":
        return False
    if action == "show_all":
        return bool(view.hidden) and not is_comparing
    # Files and waste can be chosen while they load; the key of the image is dim until the image is found.
    if action == "pane" and (parameters != ("image",) or now.is_found):
        return True
    return _availability_of_files(action, now) if action in _NEED_FILES else True


def _availability_of_files(action: str, now: Situation) -> Availability:
    """Returns why an action has to wait for layers, or has nothing to act on."""
    if not now.has_files or (action in _NEED_ALL_LAYERS and not now.read.is_complete):
        return now.read.reason
    if action == "filter" and now.pane == "waste" and not now.read.is_complete:
        return now.read.reason
    if action == "swap" and now.view.base is None:
        return "Not comparing. Press {explore.compare} to start."
    layers = now.read.total
    if action == "compare" and layers < 2:
        return f"There is nothing to compare: the image has {'one layer' if layers else 'no layers'}."
    if action == "compare":
        return now.read.reason_against(now.view.layer) or True
    return True


def key_conditions(view: View, is_filter_typed: bool) -> tuple[bool, ...]:
    """Returns the facts of a view that decide which keys work."""
    # While a filter is typed, the footer shows the filter's keys, until the focus moves.
    filters = (
        ()
        if is_filter_typed
        else (bool(view.query), bool(view.waste.query), bool(view.packages.query), bool(view.findings.query))
    )
    return (view.base is None, bool(view.hidden), view.waste.layer is None, *filters)
