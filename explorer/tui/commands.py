"""The palette: every action of the focused widget and of the screen around it, by the words of its key's tooltip."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from textual.binding import Binding


class ExploreCommands(Provider):
    """Finds actions by name."""

    def _actions(self) -> Iterator[tuple[str, str, Callable[[], Coroutine[object, object, None]]]]:
        """Name, key and call of each action that can be taken now."""
        seen: set[str] = set()
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if not enabled or not binding.tooltip or binding.action in seen or binding.system:
                continue
            seen.add(binding.action)
            yield binding.tooltip, self._key(binding), partial(self._run, binding)

    def _key(self, binding: Binding) -> str:
        return self.app.get_key_display(binding)

    async def _run(self, binding: Binding) -> None:
        for namespace, found, _, _ in self.screen.active_bindings.values():
            if found.action == binding.action:
                await self.app.run_action(binding.action, namespace)
                return

    async def discover(self) -> Hits:
        """All of them."""
        for name, key, call in self._actions():
            yield DiscoveryHit(Content(name), call, text=name, help=f"Key: {key}")

    async def search(self, query: str) -> Hits:
        """Those whose name matches."""
        matcher = self.matcher(query)
        for name, key, call in self._actions():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), call, text=name, help=f"Key: {key}")
