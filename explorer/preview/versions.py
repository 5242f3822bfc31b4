"""Which version of a path to look into, what to say of it, and its bytes: tree and layers in, plain values out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from explorer.layers.tar_layer import whole_files
from explorer.model import Cause, Entry, Kind
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import mode, owner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.layers.tree import Node, Tree, Version
    from explorer.model import Layer, Waste

MAX_PREVIEW_BYTES = 1 << 20
"""Bytes of a file that are looked at."""
_HOPS = 40
"""Links that are followed one after the other, as by the kernel."""


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of a path: what a layer brought there."""

    node: Node
    layer: int
    """The layer that brought it."""
    entry: Entry

    @property
    def path(self) -> str:
        """Absolute and printable."""
        return printable(f"/{self.node.path}")


@dataclass(frozen=True, slots=True)
class ImageContents:
    """The merged tree, and the way to its contents."""

    tree: Tree
    layers: Sequence[Layer]

    def read(self, subject: FileVersion, most: int, on_progress: Callable[[int], None]) -> bytes:
        """The first bytes of a file, ``most`` of them at most. Raises ExplorerError."""
        found = bytearray()
        index = self.tree.layers[subject.layer]
        for _, pieces in whole_files(self.layers[subject.layer].contents, index, [subject.entry], on_progress):
            for piece in pieces:
                found += piece[: most - len(found)]
                if len(found) >= most:
                    return bytes(found)
                on_progress(len(found))
        return bytes(found)

    def digest(self, subject: FileVersion, on_progress: Callable[[int], None]) -> str:
        """The SHA-256 of a whole file. Raises ExplorerError."""
        taken = hashlib.sha256()
        index = self.tree.layers[subject.layer]
        for _, pieces in whole_files(self.layers[subject.layer].contents, index, [subject.entry], on_progress):
            done = 0
            for piece in pieces:
                taken.update(piece)
                done += len(piece)
                on_progress(done)
        return taken.hexdigest()

    def bytes_to_read(self, subject: FileVersion) -> int | None:
        """Bytes that must be read to reach a file, where that is known and more than the file itself."""
        layer = self.layers[subject.layer]
        return (layer.contents.stored_bytes or layer.download_bytes) if layer.contents.streams else None


def file_version_at(node: Node, layer: int, since: int) -> FileVersion | None:
    """What there is of a path at a layer; of one that is gone there, what it was at ``since``, or else last.

    None for what never was there, and for directories.
    """
    for point in (layer, since):
        found = version_at(node, point)
        if found is not None:
            return _subject(node, found)
    earlier = [version for version in node.history if version.layer <= layer and version.entry is not None]
    return _subject(node, earlier[-1]) if earlier else None


def wasted_version(tree: Tree, waste: Waste) -> FileVersion | None:
    """The version of a path that was shipped for nothing; None where the tree has no such path."""
    node = tree.find(waste.path)
    if node is None:
        return None
    if waste.cause is Cause.DUPLICATE:
        left = tree.layers[waste.shipped_in].superseded
        entry = next((each for each in left if (each.path, each.size) == (waste.path, waste.bytes)), None)
        return FileVersion(node, waste.shipped_in, entry) if entry is not None else None
    version = version_at(node, waste.shipped_in)
    return _subject(node, version) if version is not None else None


def _subject(node: Node, version: Version) -> FileVersion | None:
    if version.entry is None or version.entry.kind is Kind.DIRECTORY:
        return None
    return FileVersion(node, version.layer, version.entry)


def version_at(node: Node, point: int) -> Version | None:
    """The version that a container of the layers up to a point sees; None where it sees nothing."""
    version = node.version_at(point) if point >= 0 else None
    return version if version is not None and version.entry is not None else None


def file_versions(node: Node) -> list[FileVersion]:
    """All versions of a path that can be looked into, bottom first."""
    return [
        FileVersion(node, version.layer, version.entry)
        for version in node.history
        if version.entry is not None and version.entry.kind is not Kind.DIRECTORY
    ]


def entry_summary(entry: Entry) -> list[str]:
    """Size, mode, owner and time of an entry, for people."""
    found = [size(entry.size)] if entry.kind.has_content else []
    return [*found, mode(entry), owner(entry), utc_time(entry.mtime_ns)]


def utc_time(nanoseconds: int) -> str:
    """A modification time, in UTC; odd ones as their number of seconds."""
    try:
        return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{nanoseconds // 1_000_000_000} s after 1970"


def link_target(tree: Tree, node: Node, link: str, layer: int) -> Node | None:
    """Where a symbolic link leads within what a container of the layers up to ``layer`` sees; None: to nothing."""
    names = _names(link)
    at = tree.root if link.startswith("/") else node.parent or tree.root
    hops = 0
    while names:
        name = names.pop()
        if name == "..":
            at = at.parent or tree.root
            continue
        child = (at.children or {}).get(name)
        entry = child.entry_at(layer) if child is not None else None
        if child is None or entry is None:
            return None
        if entry.kind is Kind.SYMLINK:
            hops += 1
            if hops > _HOPS or len(names) > 10_000:
                return None
            names += _names(entry.link)
            at = tree.root if entry.link.startswith("/") else at
        else:
            at = child
    return at


def _names(path: str) -> list[str]:
    """The names of a path, last first."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]
