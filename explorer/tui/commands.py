"""The palette: every action of the focused pane, the screen around it and the other panes, and the layers by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.actions import parse
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widget import Widget

from explorer.tui.footer import in_order
from explorer.tui.layer_lines import said
from explorer.tui.layer_list import LayerList

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from textual.dom import DOMNode


class ExploreCommands(Provider):
    """Finds actions by name."""

    def _actions(self) -> Iterator[tuple[str, str, Callable[[], Coroutine[object, object, None]]]]:
        """Name, key and call of each action that can be taken now."""
        seen: set[tuple[str, str]] = set()
        for node, binding in self._bindings():
            name = binding.tooltip
            if name and not binding.system and not _is_digit(binding) and (name, binding.action) not in seen:
                seen.add((name, binding.action))
                yield name, self.app.get_key_display(binding), partial(self._run, node, binding.action)

    def _bindings(self) -> Iterator[tuple[DOMNode, Binding]]:
        """What the focused pane can do and what is around it, then what the other panes can do that are to be seen."""
        screen = self.screen
        for node, binding, enabled, _ in in_order(screen.active_bindings):
            if enabled:
                yield node, binding
        around = {*screen.focused.ancestors_with_self} if screen.focused else {screen, self.app}
        for pane in screen.query("*").results(Widget):
            if pane in around or not pane.can_focus or not pane.region.area:
                continue
            for binding in Binding.make_bindings(vars(type(pane)).get("BINDINGS", ())):
                _, action, parameters = parse(binding.action)
                if pane.check_action(action, parameters):
                    yield pane, binding

    async def _run(self, node: DOMNode, action: str) -> None:
        if isinstance(node, Widget) and node.can_focus and node is not self.screen:
            self.screen.set_focus(node)
        await self.app.run_action(action, node)

    async def discover(self) -> Hits:
        """Every action that can be taken now."""
        for name, key, call in self._actions():
            yield DiscoveryHit(Content(name), call, text=name, help=f"Key: {key}")

    async def search(self, query: str) -> Hits:
        """Those whose name matches."""
        matcher = self.matcher(query)
        for name, key, call in self._actions():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), call, text=name, help=f"Key: {key}")


class LayerCommands(Provider):
    """Finds layers by number and command."""

    async def search(self, query: str) -> Hits:
        """Those whose number or command matches."""
        matcher = self.matcher(query)
        layers = self.screen.query_one(LayerList)
        for line in layers.layer_lines:
            name = f"Go to layer {line.layer}: {said(line)}"
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(layers.select, line.layer), text=name)


def _is_digit(binding: Binding) -> bool:
    """Whether it is one of ten that are of no use without the key."""
    return parse(binding.action)[1] == "digit"
