"""A layer whose files are those of several layers of an image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from explorer.layers.tree import Version
from explorer.model import Addressing, Entry, FileContents, Layer, LayerIndex, OnProgress, Verified


@dataclass(frozen=True, eq=False)
class JoinedLayer:
    """A layer that reads its files from other layers. Satisfies LayerContents."""

    joined_index: LayerIndex
    layers: Sequence[Layer]
    """The layers to read from, and their indexes."""
    indexes: Sequence[LayerIndex]
    origins: Mapping[int, Version]
    """Inode to a version of one of these layers that has its bytes."""
    stored_bytes: int = field(default=0, init=False)
    streams: bool = field(default=False, init=False)
    verified: Verified = field(default=Verified.NOTHING, init=False)
    addressing: Addressing = field(default=Addressing.TAR, init=False)

    def index(self, on_progress: OnProgress) -> LayerIndex:
        """See LayerContents. Nothing has to be read."""
        on_progress(0)
        return self.joined_index

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:  # noqa: ARG002
        """See LayerContents. The files of each layer are read in one pass."""
        by_layer: defaultdict[int, dict[int, tuple[Entry, Entry]]] = defaultdict(dict)
        for entry in entries:
            origin = self.origins.get(entry.inode)
            if origin is None or origin.entry is None:
                yield entry, iter(())
            else:
                by_layer[origin.layer][origin.entry.inode] = entry, origin.entry
        for number, files in sorted(by_layer.items()):
            stored = [origin for _, origin in files.values()]
            for read, pieces in self.layers[number].contents.read(self.indexes[number], stored, on_progress):
                yield files[read.inode][0], pieces
