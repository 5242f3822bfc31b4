"""The palette: the actions of the main screen, and the layers by command."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import NamedTuple

from textual.actions import parse
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from explorer.config.settings import PANES
from explorer.tui.availability import FILES_ONLY, hidden_reason
from explorer.tui.key_table import keys_of, reason_against
from explorer.tui.key_words import with_keys
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.widgets.footer import bindings_in_order
from explorer.viewmodel.layer_rows import row_command

_LAYER_SCORE = 0.99
"""Factor of a layer's score, which puts an action that matches as well before it."""


class Command(NamedTuple):
    """An action of the palette."""

    name: str
    key: str
    call: Callable[[], Coroutine[object, object, None]]
    reason: str
    """Why the action cannot be taken now; empty if it can, perhaps after a change of the pane."""

    @property
    def help(self) -> str:
        """The line below the name."""
        return f"Key: {self.key}" + (f" · not now: {self.reason}" if self.reason else "")


class ActionProvider(Provider):
    """Finds actions by the words of the footer and of the help."""

    def commands(self) -> Iterator[Command]:
        """Yields each action once: of the focused pane, of visible panes, of the others."""
        seen: set[str] = set()
        for node, binding in self._bindings():
            name = named(binding)
            if binding.id and binding.tooltip and not _is_digit(binding) and name not in seen:
                seen.add(name)
                call = partial(self._run, node, binding.action)
                yield Command(name, self.app.get_key_display(binding), call, self._reason(node, binding.action))

    def _bindings(self) -> Iterator[tuple[DOMNode, Binding]]:
        """Yields the bindings that work now, then those of panes, screen and application."""
        screen = self.screen
        for node, binding, _, _ in bindings_in_order(screen.active_bindings):
            yield node, binding
        # The history bar comes last, because its file keys are those of the pane that it is about.
        panes = sorted(
            screen.query("*").results(Widget),
            key=lambda pane: (pane.id == "history", not pane.region.area),
        )
        for node in (*panes, screen, self.app):
            if not isinstance(node, Input):
                yield from ((node, binding) for binding in keys_of(node))

    def _reason(self, node: DOMNode, action: str) -> str:
        if parse(action)[1] in FILES_ONLY and node is self.screen and not self.screen.query_one("#files").display:
            # The action shows the files first. Only then is it known if there is a reason.
            return ""
        return with_keys(self.screen, reason_against(self.app, node, action))

    async def _run(self, node: DOMNode, action: str) -> None:
        """Takes an action in its pane, or says why it cannot be taken."""
        screen = self.screen
        pane = _pane_of(node, action)
        around = {*screen.focused.ancestors_with_self} if screen.focused else set()
        if pane and not (screen.query_one(f"#{pane}").display if node is screen else node in around):
            await self.app.run_action(f"screen.pane('{pane}')", screen)
        elif isinstance(node, Widget) and node.can_focus and node is not screen:
            screen.set_focus(node)
        if not await self.app.run_action(action, node):
            self.app.notify(with_keys(screen, hidden_reason(action)), severity="warning", markup=False)

    async def discover(self) -> Hits:
        """Yields the actions that can be taken now."""
        for command in self.commands():
            if not command.reason:
                yield DiscoveryHit(Content(command.name), command.call, text=command.name, help=command.help)

    async def search(self, query: str) -> Hits:
        """Yields the actions whose names match. Those that cannot be taken now say why."""
        matcher = self.matcher(query)
        for command in self.commands():
            score = matcher.match(command.name)
            if score > 0:
                shown = matcher.highlight(command.name)
                yield Hit(score, shown, command.call, text=command.name, help=command.help)


class LayerProvider(Provider):
    """Finds layers by number and command."""

    async def search(self, query: str) -> Hits:
        """Yields the layers whose number or command contains the query.

        A fuzzy match finds scattered letters in most commands, and is slow.
        """
        matcher = self.matcher(query)
        layers = self.screen.query_one(LayerList)
        for line in layers.layer_rows:
            name = f"Go to layer {line.layer}: {row_command(line)}"
            at = name.lower().find(query.lower())
            if at >= 0:
                # The command comes from the image: it must not be read as markup.
                shown = Content(name).stylize(matcher.match_style, at, at + len(query))
                score = matcher.match(name) * _LAYER_SCORE
                yield Hit(score, shown, partial(layers.select, line.layer), text=name)


def named(binding: Binding) -> str:
    """Returns the footer's word and the tooltip, unless the tooltip begins with it."""
    word, sentence = binding.description, binding.tooltip
    if not word or sentence.lower().startswith(word.lower()):
        return sentence
    return f"{word}: {sentence[:1].lower()}{sentence[1:]}"


def _pane_of(node: DOMNode, action: str) -> str:
    """Returns the pane that has to be shown for an action; empty if none has to."""
    if parse(action)[1] in FILES_ONLY and isinstance(node, Screen):
        return "files"
    return next((each.id for each in node.ancestors_with_self if each.id in PANES), "")


def _is_digit(binding: Binding) -> bool:
    """True for the ten actions that make no sense without their keys."""
    return parse(binding.action)[1] == "digit"


class Palette(CommandPalette):
    """Textual's palette, also for page keys without lines and a second Enter."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        # A second Enter or click may arrive while the palette is closing.
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).size.area:
            super()._action_command_list(action)
