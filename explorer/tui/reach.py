"""What is out of reach for now: its key is dim in the footer, and whoever presses it is told why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.actions import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.actions import ActionParseResult
    from textual.app import App
    from textual.dom import DOMNode

UNREAD = "Not before the image is read."


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
