"""A base of layers that read another one's bytes."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.model import Addressing, Entry, FileContents, LayerContents, LayerIndex, OnProgress, Verified


class LayerWrapper:
    """Takes all that a subclass leaves out from ``contents``. Satisfies LayerContents."""

    __slots__ = ()

    contents: LayerContents

    @property
    def stored_bytes(self) -> int:
        return self.contents.stored_bytes

    @property
    def streams(self) -> bool:
        return self.contents.streams

    @property
    def verified(self) -> Verified:
        return self.contents.verified

    @property
    def addressing(self) -> Addressing:
        return self.contents.addressing

    def index(self, on_progress: OnProgress) -> LayerIndex:
        return self.contents.index(on_progress)

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        return self.contents.read(index, entries, on_progress)
