"""The keys of a screen, also those that do nothing now, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from textual.actions import parse
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from explorer.tui.availability import ActionOwner, hidden_reason
from explorer.tui.key_words import key_of
from explorer.viewmodel.layers_read import NOT_YET_READ

_PLACES = {
    "files": "the files",
    "waste": "the waste",
    "causes": "the causes",
    "packages": "the packages",
    "findings": "the findings",
    "dockerfile": "the Dockerfile",
    "image": "the image",
    "settings": "the settings",
    "left": "the layers",
}
"""ID of a pane to its name in a sentence."""
_KEYS_OF_PLACES = {
    "files": "explore.files",
    "waste": "explore.waste",
    "causes": "explore.causes",
    "packages": "explore.packages",
    "findings": "explore.findings",
    "dockerfile": "explore.dockerfile",
    "image": "explore.image",
    "settings": "explore.settings",
}
"""ID of a pane to the ID of the key that shows it."""
_LEAVING = ("leave", "dismiss")
"""Actions that lead back to the main screen."""
_SILENT = ("escape",)
"""Keys that may do nothing without a word: they lead back, and there may be no way back."""


class KeyOfNode(NamedTuple):
    """A key, and the widget, screen or application that it belongs to."""

    node: DOMNode
    binding: Binding
    reason: str
    """Why it does nothing now; empty if it works."""


def keys_of(node: DOMNode) -> Iterator[Binding]:
    """Yields the keys of a node, as the user's settings have them."""
    # Only Textual's own copy knows the settings.
    bindings = node._bindings.copy()
    bindings.apply_keymap(node.app._keymap)
    for _, binding in bindings:
        yield binding


def keys_of_screen(screen: Screen[Any]) -> Iterator[KeyOfNode]:
    """Yields the keys of the widget with the focus, and of all that is around it."""
    around = screen.focused.ancestors_with_self if screen.focused else [screen, screen.app]
    for node in around:
        for binding in keys_of(node):
            yield KeyOfNode(node, binding, reason_against(screen.app, node, binding.action))
        if node is screen and screen.is_modal:
            return


def reason_against(app: App[Any], node: DOMNode, action: str) -> str:
    """Returns why an action of a node cannot be taken now; empty if it can."""
    namespace, name, parameters = parse(action)
    owner: DOMNode = {"app": app, "screen": app.screen}.get(namespace, node)
    if isinstance(owner, ActionOwner):
        available = owner.availability(name, parameters)
    else:
        available = bool(owner.check_action(name, parameters))
    return available if isinstance(available, str) else "" if available else hidden_reason(action)


def dead_key_reason(screen: Screen[Any], key: str, *, is_read: bool) -> str:
    """Returns why a key of some pane does nothing here; empty if it is no key at all."""
    if key in _SILENT:
        return ""
    if reason := _dim_key_reason(keys_of_screen(screen), key):
        return reason
    found: dict[str, Binding] = {}
    for widget in screen.query("*").results(Widget):
        place = next((each.id for each in widget.ancestors_with_self if each.id in _PLACES), None)
        if place is not None and place not in found:
            found.update((place, binding) for binding in keys_of(widget) if binding.key == key and binding.id)
    if not found:
        return ""
    if not is_read:
        return NOT_YET_READ
    keys = [key_of(screen, _KEYS_OF_PLACES[place]) if place in _KEYS_OF_PLACES else "Tab" for place in found]
    places = _with_or([_PLACES[place] for place in found])
    display = screen.app.get_key_display(next(iter(found.values())))
    return f"{display} needs the focus on {places}. Press {_with_or(keys)} first."


def dead_key_reason_above(screen: Screen[Any], main: Screen[Any], key: str) -> str:
    """Returns why a key does nothing above the main screen; empty if it may be silent."""
    if key in _SILENT:
        return ""
    keys = list(keys_of_screen(screen))
    if reason := _dim_key_reason(keys, key):
        return reason
    nodes = (screen.app, main, *main.query("*").results(Widget))
    known = next((each for node in nodes for each in keys_of(node) if each.key == key and each.id), None)
    if known is None or any(each.binding.key == key for each in keys):
        return ""
    display = screen.app.get_key_display
    back = next((each.binding for each in keys if parse(each.binding.action)[1] in _LEAVING), None)
    way = f" Press {display(back)} to go back first." if back is not None else ""
    return f"{display(known)} does nothing here.{way}"


def _dim_key_reason(keys: Iterable[KeyOfNode], key: str) -> str:
    """Returns why a key among those of a screen does nothing now; maybe empty."""
    return next((reason for _, binding, reason in keys if binding.key == key and reason and binding.id), "")


def _with_or(words: Sequence[str]) -> str:
    """Returns words as a list with an "or" before the last one."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
