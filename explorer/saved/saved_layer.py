"""A layer of a saved exploration: its index and its packages, without contents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from explorer.errors import NoContents, UnreadableLayer
from explorer.layers.fingerprints import has_all_fingerprints
from explorer.layers.index_format import CHECKSUM_BYTES, CHECKSUM_OFFSET, DECODE_ERRORS, decode_index
from explorer.layers.read_budget import ENTRIES, ReadBudget
from explorer.layers.streams import FileRange
from explorer.model import Addressing, Entry, FileContents, LayerIndex, OnProgress, Verified
from explorer.saved import SAVE_AGAIN
from explorer.saved.check_index import check_index
from explorer.saved.document import PackageDatabases

_MAX_RATIO = 64
"""Bytes of a large index for each stored one. A million empty files with one date have 52."""
_indexes: WeakValueDictionary[bytes, LayerIndex] = WeakValueDictionary()
"""The indexes in memory by the SHA-256 of their bytes, because two images that are compared share layers."""


@dataclass(frozen=True, slots=True)
class SavedLayer:
    """A layer whose index is stored. Satisfies LayerContents."""

    name: str = field(compare=False)
    """Name in errors: ``layer 3``."""
    file_name: str
    """The saved exploration, printable."""
    image_name: str
    """The reference that it was saved from, printable."""
    part: FileRange
    """The bytes of the index."""
    damage: tuple[str, ...]
    """Reasons why the layer is not the one that its digests promise; printable."""
    databases: Callable[[], PackageDatabases] = field(compare=False)
    """Returns the packages that its files state. Raises UnreadableImage."""
    budget: ReadBudget = field(compare=False)
    streams: bool = False
    verified: Verified = Verified.NOTHING
    addressing: Addressing = Addressing.TAR

    @property
    def stored_bytes(self) -> int:
        return self.part.size

    @property
    def index_digest(self) -> bytes:
        """The SHA-256 of the index, which reading it verifies."""
        return self.part.read_at(CHECKSUM_OFFSET, CHECKSUM_BYTES)

    def index(self, on_progress: OnProgress) -> LayerIndex:
        """See LayerContents."""
        content = self.part.read_at(0, self.part.size)
        on_progress(0)
        key = hashlib.sha256(content).digest()
        try:
            index = _indexes.get(key)
            if index is None:
                index = decode_index(content, _MAX_RATIO, lambda count: self.budget.take(ENTRIES, count))
                check_index(index)
                # Unknown contents of one layer are no proof for another.
                if has_all_fingerprints(index):
                    _indexes[key] = index
            else:
                self.budget.take(ENTRIES, len(index.entries) + len(index.superseded))
        except DECODE_ERRORS as error:
            raise UnreadableLayer(
                f"{self.name} cannot be read: its index in {self.file_name} is damaged", SAVE_AGAIN
            ) from error
        on_progress(self.part.size)
        return replace(index, damage=self.damage) if self.damage else index

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:  # noqa: ARG002
        raise NoContents(
            f"{self.file_name} holds no contents of files: it is a saved exploration",
            f"Open the image itself: lx {self.image_name or 'IMAGE'}",
        )
