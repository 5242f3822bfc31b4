"""The keys at the foot of every screen: as many as fit, whole ones, the most important before all others.

Textual's own footer makes a widget for each key, all of them anew with every change of focus: that took longer than
the rest of what a key does. This one is a single line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.app import App
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from textual import events
    from textual.binding import ActiveBinding

_ALWAYS = ("quit", "leave", "help", "filter")
"""Actions that show wherever there is room for anything, as the palette does."""
_WAYS_OUT = ("quit", "leave", "help")
"""Actions that stand before the others of the screen and the application."""
_ROOMY = 140
"""From this width on the keys have air between them."""
_LINE = "▏"
_MARGIN = 1
"""Cells before the first key."""


def bindings_in_order(active: Mapping[str, ActiveBinding]) -> list[ActiveBinding]:
    """The keys at work as they are told: those of the focused pane, then the ways out, then the rest."""

    def place(found: ActiveBinding) -> int:
        if not isinstance(found.node, (App, Screen)):
            return -1
        return _WAYS_OUT.index(found.binding.action) if found.binding.action in _WAYS_OUT else len(_WAYS_OUT)

    return sorted(active.values(), key=place)


class FooterKey(NamedTuple):
    """One of the keys that are at work."""

    key: str
    display: str
    """What people call it."""
    words: str
    action: str
    tooltip: str = ""
    is_enabled: bool = True
    is_palette: bool = False

    @property
    def rank(self) -> int:
        """The palette and what nobody may miss first, then the ways out, then the rest."""
        if self.action in _ALWAYS or self.is_palette:
            return 0
        return 1 if self.key == "escape" or self.action == "stop_comparing" else 2


class PlacedKey(NamedTuple):
    """A key in its place on the line."""

    x: int
    text: str
    key: FooterKey

    @property
    def end(self) -> int:
        """The first cell after it."""
        return self.x + cell_len(self.text)


def indexes_that_fit(widths: Sequence[int], ranks: Sequence[int], room: int) -> Collection[int]:
    """Places of those things that fit into ``room``, with their widths; lower ranks first, equal ones in order."""
    found: set[int] = set()
    for place in sorted(range(len(widths)), key=lambda place: ranks[place]):
        if widths[place] <= room:
            found.add(place)
            room -= widths[place]
    return found


def place_keys(keys: Sequence[FooterKey], width: int) -> list[PlacedKey]:
    """The keys that have room, each whole, from the left; the palette's at the right."""
    air = " " if width >= _ROOMY else ""
    texts = [f"{_LINE if key.is_palette else air}{key.display} {key.words} " for key in keys]
    shown = indexes_that_fit([cell_len(text) for text in texts], [key.rank for key in keys], width - _MARGIN)
    found: list[PlacedKey] = []
    x = _MARGIN
    for place in sorted(shown):
        text, key = texts[place], keys[place]
        if key.is_palette:
            found.append(PlacedKey(width - cell_len(text), text, key))
        else:
            found.append(PlacedKey(x, text, key))
            x += cell_len(text)
    return found


class KeysFooter(Widget, can_focus=False):
    """The line of keys. Each works at a click too."""

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
    """The key below the mouse."""

    def __init__(self, *, show_command_palette: bool = True) -> None:
        super().__init__()
        self._shows_palette = show_command_palette
        self._is_waiting = False

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    @property
    def placed(self) -> list[PlacedKey]:
        """The keys as they stand on the line."""
        return place_keys(self.keys, self.size.width)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        # One key may tell of several changes, and they are at work only after the next refresh.
        if screen is self.screen and self.is_attached and not self._is_waiting:
            self._is_waiting = True
            self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        self._is_waiting = False
        if self.is_attached:
            self.keys = tuple(self._at_work())

    def _at_work(self) -> Iterator[FooterKey]:
        app, active = self.app, self.screen.active_bindings
        seen: set[str] = set()
        for _, binding, is_enabled, tooltip in bindings_in_order(active):
            if binding.show and binding.action not in seen:
                seen.add(binding.action)
                display = app.get_key_display(binding)
                yield FooterKey(binding.key, display, binding.description, binding.action, tooltip, is_enabled)
        palette = active.get(app.COMMAND_PALETTE_BINDING) if self._shows_palette else None
        if palette is not None:
            binding = palette.binding
            tooltip = binding.tooltip or binding.description
            yield FooterKey(
                binding.key,
                app.get_key_display(binding),
                binding.description,
                binding.action,
                tooltip,
                palette.enabled,
                is_palette=True,
            )

    def render(self) -> Content:
        """See Widget."""
        line: list[Content] = []
        x = 0
        for each in self.placed:
            line.append(Content(" " * (each.x - x)))
            line.append(self._painted(each))
            x = each.end
        return Content("").join(line)

    def _painted(self, each: PlacedKey) -> Content:
        key = each.key
        before, _, after = each.text.partition(key.display)
        more = " dim" if not key.is_enabled else " on $block-hover-background" if key.key == self.hovered else ""
        return Content.assemble(
            (before, "$foreground 20%" if key.is_palette else ""),
            (key.display, f"bold $footer-key-foreground{more}"),
            (after, f"$footer-description-foreground{more}"),
        )

    def _at(self, x: int) -> FooterKey | None:
        return next((each.key for each in self.placed if each.x <= x < each.end), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """See which key is below the mouse."""
        key = self._at(event.x)
        self.hovered = key.key if key else ""
        self.tooltip = (key.tooltip or None) if key else None

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self.hovered = ""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click on a key is that key."""
        key = self._at(event.x)
        if key is not None:
            self.app.simulate_key(key.key)
