"""The actions that can be taken now, and the reasons why others cannot.

An action that waits for something has a dim key in the footer, and the key answers with the reason. An action without a
meaning for now, like the end of a comparison where none runs, has no key. The palette finds both, with their reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.actions import ActionParseResult, parse
from textual.app import App
from textual.dom import DOMNode

Availability = bool | str
"""True: the action can be taken. False: its key is hidden. A sentence: its key is dim, for this reason.

A sentence names keys by the IDs of their bindings, for ``key_words.with_keys``.
"""
NOTHING_WASTED = "Nothing is wasted."
FILES_ONLY = ("sort", "reverse", "changes_only", "kind", "show_all")
"""Actions of the main screen that are hidden unless the files show."""

_HIDDEN_REASONS = {
    "back": "There is nothing to go back to.",
    **dict.fromkeys(
        ("sort", "reverse", "changes_only", "kind", "times"),
        "This works for the files only. Press {explore.files} first.",
    ),
    "all_layers": "The waste of all layers is shown.",
    "choose": "No file is selected.",
    "choose_hidden": "Select a wasted file first. No layer hides files with ◌.",
    "clear_filter": "Nothing is filtered.",
    "copy_fix": "No fix is selected.",
    "copy_fixes": "The waste is not grouped by fix.",
    "compare": "Two layers are compared already.",
    "fold": "Select a group of the waste first.",
    "follow": "This is no symbolic link.",
    "hex": "There are no bytes to show in hexadecimal.",
    "leave_advice": "The focus is not in the box below the waste.",
    "next_match": "No other row matches a filter. Press {explore.filter} to filter.",
    **dict.fromkeys(("open", "close", "open_all", "close_all"), "There are no groups to open here."),
    "open_or_close": "Select a group first.",
    "platform": "No other platform is known.",
    "move_border": "The border cannot be moved now.",
    "reset_border": "The border was not moved.",
    "show_all": "Nothing is hidden.",
    "show_all_steps": "The files of all layers show.",
    "fetch": "Only a layer that is not read can be fetched.",
    "fetch_packages": "No package database waits in a registry.",
    "fetch_findings": "All files are read, or are being read.",
    "stop_findings": "Nothing is being read.",
    "leave": "There is no screen to go back to.",
    "leave_box": "The focus is not in the box below the findings.",
    "stop_fetching": "No layer is being fetched.",
    "steps": "Nothing to fold: at most one step is metadata-only.",
    "stop_comparing": "Not comparing. Press {explore.compare} to start.",
    "stop_waste": "No waste is being read.",
    "unmark_all": "No image is marked.",
    "unzoom": "No pane is zoomed.",
    "version": "No other layer ships this path.",
}


class ActionOwner:
    """A mixin that knows which actions can be taken; it comes before Textual's class."""

    FIRST_ACTIONS: ClassVar[Sequence[str]] = ()
    """Actions of a screen whose keys a narrow footer has before most others."""

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - as a default
        """Returns the availability of an action; a reason is one short sentence."""
        return True

    def key_words(self, action: str) -> str:  # noqa: ARG002 - as a default
        """Returns the words of an action's key in the footer; empty for the usual ones."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        available = self.availability(action, parameters)
        return available if isinstance(available, bool) else None


def disabled_reason(app: App[Any], action: str | ActionParseResult, node: DOMNode | None) -> str:
    """Returns why the key of an action of ``node`` is dim; empty if it is not."""
    namespace, name, parameters = parse(action) if isinstance(action, str) else action
    owners: Mapping[str, DOMNode] = {"app": app, "screen": app.screen}
    owner: object = owners.get(namespace, node)
    if not isinstance(owner, ActionOwner):
        return ""
    available = owner.availability(name, parameters)
    return available if isinstance(available, str) else ""


def hidden_reason(action: str) -> str:
    """Returns why the key of an action is hidden."""
    return _HIDDEN_REASONS.get(parse(action)[1], "That does nothing here now.")
