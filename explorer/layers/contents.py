"""A layer stored as a tar: its index, and one file's bytes on demand."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, BinaryIO, cast

from explorer.errors import UnreadableImage, UnreadableLayer
from explorer.layers.index import damage_of, index_layer, telling_layer
from explorer.layers.sparse import Pieces, expanded, stored_bytes
from explorer.layers.streams import CHUNK, FileRange, InflatedStream, StreamReader, WindowReader, compression, is_sha256
from explorer.model import Addressing, Entry, LayerIndex, Vouched

if TYPE_CHECKING:
    from typing_extensions import Buffer

_HELD = 16 << 20
"""Bytes of a file of a compressed layer that are held in memory; a larger one goes to a temporary file."""
_BY_INODE = attrgetter("inode")


@dataclass(frozen=True)
class TarLayer:
    """A layer whose tar, plain or compressed, lies in a file. Satisfies LayerContents."""

    name: str
    """What errors call it: ``layer 3``."""
    part: FileRange
    """Where the stored bytes are."""
    digest: str | None = None
    diff_id: str = ""
    has_witness: bool = False
    """Whether a local engine says that the bytes are those of the diff_id."""

    @property
    def vouched(self) -> Vouched:
        """See LayerContents. A compressed layer is verified as it is read, by its digest where that is known.

        To verify the diff_id as well would tell nothing new of the bytes, and take as long as all the rest.
        """
        if self.has_witness and self.diff_id:
            return Vouched.DIFF_ID
        if not self.streams:
            return Vouched.NOTHING
        return Vouched.DIGEST if is_sha256(self.digest) else Vouched.DIFF_ID if self.diff_id else Vouched.NOTHING

    @property
    def addressing(self) -> Addressing:
        """See LayerContents."""
        return Addressing.TAR

    @property
    def stored_bytes(self) -> int:
        """See LayerContents."""
        return self.part.size

    @cached_property
    def streams(self) -> bool:
        """See LayerContents."""
        with telling_layer(self.name):
            return bool(compression(self.part))

    def index(self, passed: Callable[[int], None]) -> LayerIndex:
        """See LayerContents."""
        diff_id = "" if is_sha256(self.digest) else self.diff_id
        return index_layer(self.part, self.name, digest=self.digest, diff_id=diff_id, passed=passed)

    def open(self, index: LayerIndex, entry: Entry) -> BinaryIO:
        """See LayerContents. A compressed layer is read from its start up to the file."""
        pieces = index.sparse.get(entry.inode)
        stored = stored_bytes(entry.size, pieces)
        if self.streams:
            content = self._inflated(entry.inode, stored)
        else:
            content = FileRange(self.part.file, self.part.offset + entry.inode, stored).open(damage_of(self.name))
        if pieces is None:
            return content
        return io.BufferedReader(_Chunks(expanded(iter(lambda: content.read(CHUNK), b""), entry.size, pieces)))

    def read(
        self, index: LayerIndex, entries: Iterable[Entry], passed: Callable[[int], None]
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """See LayerContents. A compressed layer is inflated once, as far as the last of the files."""
        with telling_layer(self.name):
            if self.streams:
                stream = InflatedStream(self.part, passed, damage_of(self.name))
                reader: StreamReader | WindowReader = StreamReader(stream, damage_of(self.name))
            else:
                reader = WindowReader(self.part)
        for entry in sorted(entries, key=_BY_INODE):
            passed(0 if self.streams else entry.inode)
            pieces = index.sparse.get(entry.inode)
            yield entry, self._content(reader, entry, pieces)

    def _content(
        self, reader: StreamReader | WindowReader, entry: Entry, pieces: Pieces | None
    ) -> Iterator[bytes | memoryview]:
        try:
            stored = reader.pieces(entry.inode, stored_bytes(entry.size, pieces))
            yield from stored if pieces is None else expanded(stored, entry.size, pieces)
        except UnreadableImage as error:
            # Only now: around each of tens of thousands of small files it would cost more than they do.
            with telling_layer(self.name):
                raise error

    def _stream(self) -> InflatedStream:
        return InflatedStream(self.part, lambda _: None, damage_of(self.name))

    def _inflated(self, offset: int, size: int) -> BinaryIO:
        with telling_layer(self.name), ExitStack() as undone:
            try:
                copy = undone.enter_context(tempfile.SpooledTemporaryFile(_HELD))
                for piece in StreamReader(self._stream(), damage_of(self.name)).pieces(offset, size):
                    copy.write(piece)
                copy.seek(0)
            except OSError as error:
                raise UnreadableLayer(
                    f"a file of {self.name} cannot be kept in a temporary file: {error.strerror or error}",
                    "Make room in the directory for temporary files, or set TMPDIR to one with more.",
                ) from error
            undone.pop_all()
        return cast("BinaryIO", copy)


@dataclass(frozen=True, slots=True)
class AbsentLayer:
    """A layer that is known and not there. Satisfies LayerContents."""

    name: str
    """What errors call it: ``layer 3``."""
    problem: str
    """Why it is not there; printable."""
    stored_bytes: int = 0
    streams: bool = False
    vouched: Vouched = Vouched.NOTHING
    addressing: Addressing = Addressing.TAR

    def index(self, passed: Callable[[int], None]) -> LayerIndex:
        """See LayerContents. Nothing, and the problem."""
        passed(0)
        return LayerIndex((), problems=(self.problem,))

    def open(self, index: LayerIndex, entry: Entry) -> BinaryIO:  # noqa: ARG002 -- see LayerContents
        """See LayerContents."""
        raise self._absence()

    def read(
        self,
        index: LayerIndex,  # noqa: ARG002 -- see LayerContents
        entries: Iterable[Entry],  # noqa: ARG002
        passed: Callable[[int], None],  # noqa: ARG002
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """See LayerContents."""
        raise self._absence()

    def _absence(self) -> UnreadableLayer:
        return UnreadableLayer(
            f"{self.name} cannot be read: {self.problem}", "Look at the image in a registry or an engine that has it."
        )


class _Chunks(io.RawIOBase):
    """A file out of an iterator of its bytes."""

    def __init__(self, chunks: Iterator[bytes | memoryview]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        while not self._left:
            following = next(self._chunks, None)
            if following is None:
                return 0
            self._left = memoryview(following)
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._left))
        view[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
