"""Footer of every screen: as many keys as fit, the most important first.

Textual's own footer makes new widgets for all keys with every change of focus, which costs 100 ms more a key. This one
is a single line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.app import App
from textual.binding import ActiveBinding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from explorer.tui.availability import ActionOwner

_FIRST_KEYS = ("tab", "enter")
"""Keys that stand first."""
_PALETTE = "command_palette"
_LAST = ("help", _PALETTE, "leave", "dismiss", "quit")
"""Actions that stand at the right, in this order."""
_WAYS_BACK = ("stop_comparing", "back")
_ANSWERS = ("copy_fix", "view_finding", "changes_only", "find", "zoom")
"""Actions that answer what most people ask of an image."""
_RANKS = {
    **dict.fromkeys(("help", "leave", "dismiss", "quit"), 0),
    "filter": 1,
    **dict.fromkeys(_WAYS_BACK, 2),
    **dict.fromkeys((*_ANSWERS, _PALETTE), 3),
    "find(True)": 4,
}
"""Actions that show before most others."""
_WIDE_CELLS = 140
"""Width from which a blank stands between the keys."""
_RIGHT_BORDER = "▏"
"""Stands before the keys at the right."""
_MARGIN_CELLS = 1
"""Cells before the first key."""


def bindings_in_order(active: Mapping[str, ActiveBinding]) -> list[ActiveBinding]:
    """Returns the active keys: Tab, Enter, the pane's, the screen's, the last ones."""

    def place(active_binding: ActiveBinding) -> int:
        binding = active_binding.binding
        if binding.key in _FIRST_KEYS:
            return _FIRST_KEYS.index(binding.key)
        if binding.action in _LAST:
            return 10 + _LAST.index(binding.action)
        return 3 if isinstance(active_binding.node, (App, Screen)) else 2

    return sorted(active.values(), key=place)


def shown_bindings(screen: Screen[Any]) -> Mapping[str, ActiveBinding]:
    """Returns those of ``Screen.active_bindings`` that have a place in a footer.

    Most keys never have one, and it takes time to ask if an action can be taken.
    """
    chain = screen._modal_binding_chain
    keys = {key for _, bindings in chain for key, binding in bindings if binding.show}
    active: dict[str, ActiveBinding] = {}
    for node, bindings in chain:
        for key, binding in bindings:
            known = active.get(key)
            if key not in keys or (known is not None and (known.binding.priority or not binding.priority)):
                continue
            state = screen.app._check_action_state(binding.action, node)
            if state is not False:
                active[key] = ActiveBinding(node, binding, bool(state), binding.tooltip)
    return {key: each for key, each in active.items() if each.binding.show}


class FooterKey(NamedTuple):
    """One of the active keys."""

    key: str
    display: str
    words: str
    action: str
    tooltip: str = ""
    is_enabled: bool = True
    is_first: bool = False
    """True if the screen wants the key before most others."""

    @property
    def is_right(self) -> bool:
        """True if the key stands at the right."""
        return self.action in _LAST

    @property
    def rank(self) -> int:
        """The lower the rank, the narrower the footer that still has the key."""
        if self.key in _FIRST_KEYS:
            return _FIRST_KEYS.index(self.key)
        if self.is_first:
            return _RANKS[_WAYS_BACK[0]]
        if self.action in _RANKS:
            return _RANKS[self.action]
        if self.key == "escape":
            return _RANKS[_WAYS_BACK[0]]
        # The tabs show the keys of the panes, too.
        return 6 if self.action.startswith("pane(") else 5


class PlacedKey(NamedTuple):
    """A key and its place on the line."""

    x: int
    text: str
    key: FooterKey

    @property
    def end(self) -> int:
        """The first cell after it."""
        return self.x + cell_len(self.text)


def indexes_that_fit(widths: Sequence[int], ranks: Sequence[int], room: int) -> Collection[int]:
    """Returns the indexes of things that fit into ``room`` cells, chosen by rank."""
    indexes: set[int] = set()
    for index in sorted(range(len(widths)), key=lambda index: ranks[index]):
        if widths[index] <= room:
            indexes.add(index)
            room -= widths[index]
    return indexes


def place_keys(keys: Sequence[FooterKey], width: int) -> list[PlacedKey]:
    """Places the keys that fit: most from the left, and the last ones at the right."""
    gap = " " if width >= _WIDE_CELLS else ""
    first_right = next((index for index, key in enumerate(keys) if key.is_right), None)
    borders = [_RIGHT_BORDER if index == first_right else gap for index in range(len(keys))]
    texts = [f"{border}{key.display} {key.words} " for border, key in zip(borders, keys, strict=True)]
    shown = indexes_that_fit([cell_len(text) for text in texts], [key.rank for key in keys], width - _MARGIN_CELLS)
    placed: list[PlacedKey] = []
    x = _MARGIN_CELLS
    right = sum(cell_len(texts[index]) for index in shown if keys[index].is_right)
    for index in sorted(shown):
        text, key = texts[index], keys[index]
        if key.is_right and right:
            x, right = max(x, width - right), 0
        placed.append(PlacedKey(x, text, key))
        x += cell_len(text)
    return placed


@lru_cache(maxsize=512)
def _words(text: str, display: str, style: str) -> Content:
    """Returns the text of a key.

    It is kept, because most keys of a footer were in the one before.
    """
    before, _, after = text.partition(display)
    return Content.assemble(
        (before, "$foreground 20%" if before == _RIGHT_BORDER else ""),
        (display, f"bold $footer-key-foreground{style}"),
        (after, f"$footer-description-foreground{style}"),
    )


class KeysFooter(Widget, can_focus=False):
    """The line of keys. A click on a key presses it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeysFooter {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
    }
    """

    keys: reactive[tuple[FooterKey, ...]] = reactive(())
    hovered: reactive[str] = reactive("")

    def __init__(self, *, show_command_palette: bool = True) -> None:
        super().__init__()
        self._shows_palette = show_command_palette
        self._is_waiting = False

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    @property
    def placed(self) -> list[PlacedKey]:
        """The keys and their places."""
        return place_keys(self.keys, self.size.width)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        # One key may cause several changes, and they are active only after the next refresh.
        if screen is self.screen and self.is_attached and not self._is_waiting:
            self._is_waiting = True
            self.call_later(self._follow)

    def _follow(self) -> None:
        self._is_waiting = False
        if self.is_attached:
            self.keys = tuple(self._active_keys())

    def _active_keys(self) -> Iterator[FooterKey]:
        app, screen = self.app, self.screen
        first = screen.FIRST_ACTIONS if isinstance(screen, ActionOwner) else ()
        seen: set[str] = set()
        for each in bindings_in_order(shown_bindings(self.screen)):
            binding = each.binding
            is_left_out = binding.action == _PALETTE and not self._shows_palette
            if binding.action not in seen and not is_left_out:
                seen.add(binding.action)
                name, tooltip = app.get_key_display(binding), each.tooltip or binding.tooltip or binding.description
                words = each.node.key_words(binding.action) if isinstance(each.node, ActionOwner) else ""
                words = words or binding.description
                is_first = binding.action in first
                yield FooterKey(binding.key, name, words, binding.action, tooltip, each.enabled, is_first)

    def render(self) -> Content:
        line: list[Content] = []
        x = 0
        for placed in self.placed:
            line.append(Content(" " * (placed.x - x)))
            line.append(self._content(placed))
            x = placed.end
        return Content("").join(line)

    def _content(self, placed: PlacedKey) -> Content:
        key = placed.key
        style = " dim" if not key.is_enabled else " on $block-hover-background" if key.key == self.hovered else ""
        return _words(placed.text, key.display, style)

    def _key_at(self, x: int) -> FooterKey | None:
        return next((placed.key for placed in self.placed if placed.x <= x < placed.end), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        key = self._key_at(event.x)
        self.hovered = key.key if key else ""
        self.tooltip = (key.tooltip or None) if key else None

    def on_leave(self) -> None:
        self.hovered = ""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        key = self._key_at(event.x)
        if key is not None:
            self.app.simulate_key(key.key)
