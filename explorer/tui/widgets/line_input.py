"""The line that text is typed in, also by keys that come faster than they act."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class LineInput(Input):
    """A line of text that hands on keys after the one that leaves it."""

    async def _on_key(self, event: events.Key) -> None:
        focused = self.app.focused
        if focused is not self:
            # A key before this one left the line, but this one already waited here.
            event.stop()
            event.prevent_default()
            (focused or self.app.screen)._forward_event(events.Key(event.key, event.character))
        elif not event.is_printable and await self.app._check_bindings(event.key):
            # Otherwise a key after this one would be typed before this one acts.
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)
