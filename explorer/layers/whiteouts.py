"""Names that mark whiteouts and opaque directories.

Source: "Whiteouts" in the layer specification of OCI images. The names come from AUFS, which uses more of them for its
own bookkeeping.
"""

from __future__ import annotations

from enum import Enum, auto

PREFIX = ".wh."
"""Start of every marker's name."""
_BOOKKEEPING = ".wh..wh."
_OPAQUE = ".wh..wh..opq"


class Marker(Enum):
    """The meaning of a name that begins with ``PREFIX``."""

    WHITEOUT = auto()
    """Hides the name after the prefix, in the same directory."""
    OPAQUE = auto()
    """Hides everything that lower layers have in its directory."""
    BOOKKEEPING = auto()
    """Belongs to AUFS, with everything below it."""
    NOTHING = auto()
    """A whiteout of a name that no directory can hold."""


def marker_kind(name: str) -> Marker:
    """Returns the meaning of a name that begins with ``PREFIX``."""
    if name == _OPAQUE:
        return Marker.OPAQUE
    if name.startswith(_BOOKKEEPING):
        return Marker.BOOKKEEPING
    return Marker.NOTHING if hidden_name(name) in ("", ".", "..") else Marker.WHITEOUT


def hidden_name(name: str) -> str:
    """Returns the name that a whiteout hides."""
    return name[len(PREFIX) :]


def is_below_marker(path: str) -> bool:
    """True if a path, or a directory above it, is a marker."""
    return any(name.startswith(PREFIX) for name in path.split("/"))


def is_bookkeeping(path: str) -> bool:
    """True if a path, or a directory above it, belongs to AUFS."""
    return any(name.startswith(_BOOKKEEPING) for name in path.split("/"))
