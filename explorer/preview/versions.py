"""Versions of a path: their metadata and their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from explorer.layers.tar_layer import whole_files
from explorer.layers.tree import Node, Tree, Version
from explorer.model import Cause, Entry, Kind, Layer, Waste
from explorer.text.point_names import LAYERS, PointNames
from explorer.text.printable import printable
from explorer.text.units import size, utc_time
from explorer.text.words import mode, owner

MAX_PREVIEW_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of a path that is no directory."""

    node: Node
    layer: int
    """The layer that ships it."""
    entry: Entry

    @property
    def path(self) -> str:
        """The path, absolute and printable."""
        return printable(f"/{self.node.path}")


@dataclass(frozen=True, slots=True)
class ImageContents:
    """The merged tree, and the layers that its contents are read from."""

    tree: Tree
    layers: Sequence[Layer]
    points: PointNames = LAYERS
    """The names of the points that the numbers of layers mean."""

    def read(self, version: FileVersion, on_progress: Callable[[int], None]) -> bytes:
        """Returns the first ``MAX_PREVIEW_BYTES`` of a file. Raises ExplorerError.

        ``on_progress`` gets the number of bytes that were read; it may raise to stop the reading.
        """
        content = bytearray()
        for piece in self._pieces(version, on_progress):
            content += piece[: MAX_PREVIEW_BYTES - len(content)]
            if len(content) >= MAX_PREVIEW_BYTES:
                break
            on_progress(len(content))
        return bytes(content)

    def digest(self, version: FileVersion, on_progress: Callable[[int], None]) -> str:
        """Returns the SHA-256 of a whole file. Raises ExplorerError."""
        sha256 = hashlib.sha256()
        done = 0
        for piece in self._pieces(version, on_progress):
            sha256.update(piece)
            done += len(piece)
            on_progress(done)
        return sha256.hexdigest()

    def _pieces(self, version: FileVersion, on_progress: Callable[[int], None]) -> Iterator[bytes | memoryview]:
        contents, index = self.layers[version.layer].contents, self.tree.layers[version.layer]
        for _, pieces in whole_files(contents, index, [version.entry], on_progress):
            yield from pieces

    def bytes_to_read(self, version: FileVersion) -> int | None:
        """Returns the bytes to read before a file; None if unknown or read directly."""
        layer = self.layers[version.layer]
        if self.tree.layers[version.layer].is_from_table:
            return None
        return (layer.contents.stored_bytes or layer.download_bytes) if layer.contents.streams else None


def file_version_at(node: Node, layer: int, since: int) -> FileVersion | None:
    """Returns the version at a layer, at ``since``, or the last one below, or None."""
    version = version_at(node, layer) or version_at(node, since)
    if version is None:
        below = [each for each in node.history if each.layer <= layer and each.entry is not None]
        version = below[-1] if below else None
    return _file_version(node, version)


def wasted_version(tree: Tree, waste: Waste) -> FileVersion | None:
    """Returns the version whose bytes are wasted; None if the tree lacks its path."""
    node = tree.find(waste.path)
    if node is None:
        return None
    if waste.cause is Cause.DUPLICATE:
        entries = tree.layers[waste.shipped_in].superseded
        entry = next((entry for entry in entries if (entry.path, entry.size) == (waste.path, waste.bytes)), None)
        return FileVersion(node, waste.shipped_in, entry) if entry is not None else None
    return _file_version(node, version_at(node, waste.shipped_in))


def file_versions(node: Node) -> list[FileVersion]:
    """Returns all versions of a path that are no directories, the lowest layer first."""
    versions = [_file_version(node, version) for version in node.history]
    return [version for version in versions if version is not None]


def _file_version(node: Node, version: Version | None) -> FileVersion | None:
    if version is None or version.entry is None or version.entry.kind is Kind.DIRECTORY:
        return None
    return FileVersion(node, version.layer, version.entry)


def version_at(node: Node, layer: int) -> Version | None:
    """Returns the version that a container of the layers up to ``layer`` sees."""
    version = node.version_at(layer) if layer >= 0 else None
    return version if version is not None and version.entry is not None else None


def entry_summary(entry: Entry) -> list[str]:
    """Returns size, mode, owner and time of an entry, for people."""
    sizes = [size(entry.size)] if entry.kind.has_content else []
    return [*sizes, mode(entry), owner(entry), utc_time(entry.mtime_ns)]
