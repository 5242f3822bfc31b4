"""What was odd about a layer, in words for people."""

from __future__ import annotations

from explorer.text.printable import printable

_MOST = 200
_LONGEST = 200


class Problems(list[str]):
    """Sentences without a full stop, printable; of very many the first, and that there were more."""

    def note(self, text: str) -> None:
        """Add one."""
        if len(self) < _MOST:
            self.append(text)
        elif len(self) == _MOST:
            self.append("… and more")


def quoted(name: str) -> str:
    """A name of a layer as it is quoted in a problem, cut where it is long."""
    shown = printable(name)
    return f"“{shown[:_LONGEST]}…”" if len(shown) > _LONGEST else f"“{shown}”"
