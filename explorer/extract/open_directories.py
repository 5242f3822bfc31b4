"""Opens directories name by name: no link is followed, no path is too long."""

from __future__ import annotations

import os
from collections.abc import Sequence

DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MAX_OPEN = 64
"""Directories that stay open. The way up from a deep one then opens few of them twice."""


class OpenDirectories:
    """The directories on the way to the one that was last used.

    They stay open, because names of the same directory come together.
    """

    def __init__(self, top: int) -> None:
        """Starts at a directory, which ``close`` leaves open."""
        self._names: Sequence[bytes] = ()
        self._descriptors = {0: top}
        """By the number of names that lead to the directory."""

    def descriptor(self, names: Sequence[bytes]) -> int:
        """Returns the descriptor of a directory; the next call may close it.

        No directory below this one stays open. Raises OSError if a name is no directory.
        """
        shared = 0
        for old, new in zip(self._names, names, strict=False):
            if old != new:
                break
            shared += 1
        self._close_below(shared)
        self._names = names
        depth = max(self._descriptors)
        for name in names[depth:]:
            opened = os.open(name, DIRECTORY_FLAGS, dir_fd=self._descriptors[depth])
            depth += 1
            self._descriptors[depth] = opened
            if depth > _MAX_OPEN and depth - _MAX_OPEN in self._descriptors:
                os.close(self._descriptors.pop(depth - _MAX_OPEN))
        return self._descriptors[depth]

    def close(self) -> None:
        """Closes all directories but the first."""
        self._close_below(0)

    def _close_below(self, depth: int) -> None:
        for deeper in [each for each in self._descriptors if each > depth]:
            os.close(self._descriptors.pop(deeper))
