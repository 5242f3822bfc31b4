"""Paths of a layer's members: in one form, and with symbolic links followed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping

from explorer.errors import UnreadableImage
from explorer.model import Entry, Kind

MAX_PATH_CHARS = 4096
"""The longest path that Linux accepts."""
_MAX_LINKS_FOLLOWED = 40
_MAX_PREFIXES, _MAX_PREFIX_CHARS = 1 << 16, 1 << 10
"""Number and length of the prefixes that are cached."""
_COMPONENT_CHARS = 64
"""Work for one component of a path, in characters that are copied in the same time."""
_MAX_RESOLVED_CHARS = 4 << 30
"""Limit of the work for symbolic links: some seconds; real layers need a hundredth."""
_DOTS = re.compile(r"/\.\.?(?:/|\Z)")
_SYMLINK = Kind.SYMLINK


def normalized_path(name: str) -> str | None:
    """Returns a member's name as a relative path without ``.`` and empty components.

    ``./`` and ``/`` are the root, ``""``. Returns None for an empty name, and for one with ``..``.
    """
    path = name.removesuffix("/")
    if path and "//" not in name and path[0] not in "./" and ("/." not in path or not _DOTS.search(path)):
        return path
    if not name:
        return None
    parts = [part for part in name.split("/") if part and part != "."]
    return None if ".." in parts else "/".join(parts)


def unpacked_path(name: str) -> str | None:
    """Returns the path at which engines unpack a member; None for an empty name.

    Each ``..`` takes the component before it away, but never leads out of the root.
    """
    path = normalized_path(name)
    return path if path is not None or not name else posixpath.normpath(f"/{name.lstrip('/')}")[1:]


class PathResolver:
    """Follows the symbolic links of a layer, with a bound for the work."""

    def __init__(self, directories: Collection[str], entries: Mapping[str, Entry]) -> None:
        """Takes the layer's directories and entries, which grow while it is read."""
        self.prefixes: dict[str, str] = {"": ""}
        """Prefix of a member's name, up to the last slash, to the directory that it leads to."""
        self._directories = directories
        self._entries = entries
        self._last_marked: tuple[str, str | None] = ("", "")
        """The last marker's directory, as named and with links followed; otherwise each of many takes long."""
        self._chars = 0
        """Characters read so far to follow symbolic links."""

    def keep_prefix(self, prefix: str, directory: str) -> None:
        """Keeps the directory of a prefix, if there is room."""
        if len(self.prefixes) < _MAX_PREFIXES and len(prefix) <= _MAX_PREFIX_CHARS:
            self.prefixes[prefix] = directory

    def add_link(self) -> None:
        """Forgets paths that a new symbolic link may lead elsewhere."""
        self._last_marked = "", ""

    def forget(self) -> None:
        """Forgets all paths, because a link or a directory is gone."""
        self.prefixes.clear()
        self.prefixes[""] = ""
        self._last_marked = "", ""

    def marked_directory(self, path: str) -> str | None:
        """Returns the same as ``resolve``, at once for the path of the call before."""
        if path != self._last_marked[0]:
            self._last_marked = path, self.resolve(path)
        return self._last_marked[1]

    def resolve(self, path: str) -> str | None:
        """Returns a path with symbolic links followed inside the root; None for a loop."""
        resolved = path
        remaining: list[str] = []
        while resolved not in self._directories:
            self._chars += len(resolved) + _COMPONENT_CHARS
            resolved, _, name = resolved.rpartition("/")
            remaining.append(name)
        followed = 0
        while remaining:
            self._chars += len(resolved) + _COMPONENT_CHARS
            name = remaining.pop()
            if name in ("", "."):
                continue
            if name == "..":
                resolved = resolved.rpartition("/")[0]
                continue
            here = f"{resolved}/{name}" if resolved else name
            entry = self._entries.get(here)
            if entry is None or entry.kind is not _SYMLINK:
                resolved = here
                continue
            followed += 1
            if followed > _MAX_LINKS_FOLLOWED or len(remaining) + len(entry.link) > MAX_PATH_CHARS:
                return None
            if entry.link.startswith("/"):
                resolved = ""
            remaining.extend(reversed(entry.link.split("/")))
        if self._chars > _MAX_RESOLVED_CHARS:
            raise UnreadableImage(
                "its paths are too deep, or lead through too many symbolic links",
                "Save or pull the image again; if it stays, report the tool that made it.",
            )
        return resolved
