"""Names and attributes that mark whiteouts and opaque directories.

Source: "Whiteouts" in the layer specification of OCI images, and the behaviour of engines that unpack a layer for the
kernel's overlayfs. The last component of a name alone decides: ``.wh.a/b`` is a file like any other, also where AUFS
kept its own files, as ``.wh..wh.plnk``.
"""

from __future__ import annotations

from enum import Enum, auto

PREFIX = ".wh."
"""Start of every marker's name."""
OPAQUE = ".wh..wh..opq"
OPAQUE_ATTRIBUTE, OPAQUE_VALUE = "trusted.overlay.opaque", b"y"
"""The attribute of a directory by which the kernel hides what lower layers have there."""
ENGINE_ATTRIBUTES = ("trusted.overlay.", "user.overlay.", "user.fuseoverlayfs.", "user.containers.")
"""Starts of the names of attributes that belong to the engine, not to the image."""


class Marker(Enum):
    """The meaning of a name that begins with ``PREFIX``."""

    WHITEOUT = auto()
    """Hides the name after the prefix, in the same directory."""
    OPAQUE = auto()
    """Hides everything that lower layers have in its directory, unless that is the root."""
    NOTHING = auto()
    """A whiteout of a name that no directory can hold."""


def marker_kind(name: str) -> Marker:
    """Returns the meaning of a name that begins with ``PREFIX``."""
    if name == OPAQUE:
        return Marker.OPAQUE
    return Marker.NOTHING if hidden_name(name) in ("", ".", "..") else Marker.WHITEOUT


def hidden_name(name: str) -> str:
    """Returns the name that a whiteout hides."""
    return name[len(PREFIX) :]
