"""The keys that words for users name, as the settings have them.

Words name a key by the ID of its binding in braces: ``Press {explore.files} first.``
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

_ID = re.compile(r"\{([a-z]+\.[a-z0-9-]+)\}")
_NAMES = {"escape": "Esc", "enter": "Enter", "space": "Space"}
"""Textual's name of a key to its name in a sentence, where Textual shows another."""


def with_keys(node: DOMNode, words: str) -> str:
    """Returns words with the keys in place of the IDs; ``node`` is mounted."""
    return _ID.sub(lambda match: key_of(node, match[1]) or match[0], words)


def key_of(node: DOMNode, binding_id: str) -> str:
    """Returns the key of a binding as in a sentence; empty if it is unknown.

    Of several keys it is Esc, or else the first.
    """
    app = node.app
    bindings = next((found for each in _nodes(node) if (found := _bindings_of(each, binding_id))), [])
    keys = app._keymap.get(binding_id, ",".join(binding.key for binding in bindings)).split(",")
    if not bindings:
        return ""
    key = "escape" if "escape" in keys else keys[0]
    # A key of the settings does not look like the default key.
    default = next((binding for binding in bindings if binding.key == key), None)
    return _NAMES.get(key) or app.get_key_display(default or bindings[0].with_key(key))


def _nodes(node: DOMNode) -> Iterator[DOMNode]:
    """Yields a widget, those around it, and those of all screens, the upper first."""
    yield from node.ancestors_with_self
    yield node.app
    for screen in reversed(node.app.screen_stack):
        assert isinstance(screen, Screen)  # noqa: S101 - for the type checker
        yield screen
        yield from screen.query("*").results(Widget)


def _bindings_of(node: DOMNode, binding_id: str) -> list[Binding]:
    return [binding for _, binding in node._bindings if binding.id == binding_id]
