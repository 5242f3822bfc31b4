"""What is out of reach for now: its key is dim in the footer, and whoever presses it is told why.

What has no use at all for now, such as the end of a comparison where there is none, has no key in the footer. The
palette finds it all the same, and says what it would need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.actions import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.actions import ActionParseResult
    from textual.app import App
    from textual.dom import DOMNode

UNREAD = "Not before the image is read."
BESIDE_FILES = ("sort", "reverse", "changes_only", "show_all")
"""Actions of the main screen that are about the files, and of no use where those do not show."""

_UNUSED = {
    "all_layers": "The waste of all layers is shown.",
    "choose": "No file is selected in the waste.",
    "clear_filter": "Nothing is filtered.",
    "compare": "Two layers are compared already.",
    "fold": "The waste has no such group selected.",
    "leave_remedy": "The keys are not in the box of the waste.",
    "next_match": "There is no other match of a filter.",
    "platform": "No other platform is known.",
    "reset": "The border was not moved.",
    "show_all": "Nothing is hidden.",
    "steps": "Every step made a layer.",
    "stop_comparing": "Nothing is compared.",
    "unzoom": "No pane is zoomed.",
}
"""Action to what it would need."""


@runtime_checkable
class Explaining(Protocol):
    """A widget or a screen whose ``check_action`` says None of some actions, and that can say why."""

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Why an action cannot be taken for now, in one short sentence; asked only after ``check_action`` said None."""


def why_not(app: App[Any], action: str | ActionParseResult, node: DOMNode | None) -> str:
    """Why an action is out of reach for now; empty where it is not, or where there is no such thing.

    ``node`` is what the action belongs to unless it names the screen or the application itself.
    """
    place, name, parameters = parse(action) if isinstance(action, str) else action
    places: Mapping[str, DOMNode] = {"app": app, "screen": app.screen}
    target = places.get(place, node)
    if target is None or target.check_action(name, parameters) is not None:
        return ""
    return target.why_not(name, parameters) if isinstance(target, Explaining) else ""


def unused(action: str) -> str:
    """Why an action whose ``check_action`` said False is of no use for now."""
    return _UNUSED.get(parse(action)[1], "That is of no use here for now.")
