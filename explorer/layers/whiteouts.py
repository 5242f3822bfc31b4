"""Names that mark in a layer: what they hide of the layers below it.

Source: "Whiteouts" in the layer specification of OCI images; AUFS, whose form this is, keeps books under more such
names.
"""

from __future__ import annotations

from enum import Enum, auto

PREFIX = ".wh."
"""What all of them begin with."""
_BOOKKEEPING = ".wh..wh."
_OPAQUE = ".wh..wh..opq"


class Marker(Enum):
    """What a name that begins with ``PREFIX`` says."""

    WHITEOUT = auto()
    """It hides the name that follows the prefix, in its own directory."""
    OPAQUE = auto()
    """It hides all that lower layers have in its directory."""
    BOOKKEEPING = auto()
    """Nothing; it and all below it are AUFS's own."""
    NOTHING = auto()
    """A whiteout of no name that a directory can hold."""


def marker_kind(name: str) -> Marker:
    """What the last component of a path says, that begins with ``PREFIX``."""
    if name == _OPAQUE:
        return Marker.OPAQUE
    if name.startswith(_BOOKKEEPING):
        return Marker.BOOKKEEPING
    return Marker.NOTHING if hidden_name(name) in ("", ".", "..") else Marker.WHITEOUT


def hidden_name(name: str) -> str:
    """The name that a whiteout hides."""
    return name[len(PREFIX) :]


def is_below_marker(path: str) -> bool:
    """Whether a path, or one that leads to it, is a marker."""
    return any(name.startswith(PREFIX) for name in path.split("/"))


def is_bookkeeping(path: str) -> bool:
    """Whether a path, or one that leads to it, is AUFS's own."""
    return any(name.startswith(_BOOKKEEPING) for name in path.split("/"))
