"""Problems of a layer: oddities that do not stop the reading, in words for people."""

from __future__ import annotations

from explorer.text.printable import printable

_MAX_PROBLEMS = 200
_MAX_NAME_CHARS = 200


class Problems(list[str]):
    """Printable sentences without a full stop; the last one counts those left out."""

    def note(self, text: str) -> None:
        """Adds a problem, unless there are too many."""
        if len(self) < _MAX_PROBLEMS:
            self.append(text)
        elif len(self) == _MAX_PROBLEMS:
            self.append("… and more")


def quoted(name: str) -> str:
    """Returns a name of a layer, printable and in quotes; a long one is cut."""
    shown = printable(name)
    return f"“{shown[:_MAX_NAME_CHARS]}…”" if len(shown) > _MAX_NAME_CHARS else f"“{shown}”"
