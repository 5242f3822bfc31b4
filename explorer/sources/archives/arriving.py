"""Reads the layers of an archive while its end still arrives.

A thread follows the archive as it grows, and indexes each member that may be a layer. Most archives name their layers
only at the end: then the indexes are there already. If a member tells earlier which layers belong to the image, the
layers are shown as they arrive. An index is used only for the same bytes, verified by the same digest, and oddities
are left to the end. So the image is the same as without reading ahead.
"""

from __future__ import annotations

import os
import posixpath
import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import BinaryIO, Self

from explorer.errors import Cancelled, UnreadableImage
from explorer.layers.layer_wrapper import LayerWrapper
from explorer.layers.read_budget import ReadBudget
from explorer.layers.readers import WindowReader
from explorer.layers.streams import FileRange
from explorer.layers.tar import headers
from explorer.layers.tar_layer import TarLayer
from explorer.model import (
    Image,
    Layer,
    LayerIndex,
    OnProgress,
)
from explorer.sources.archives.arriving_documents import ArrivingDocuments, member_digits
from explorer.sources.archives.json_documents import MAX_DOCUMENT_BYTES
from explorer.sources.interruptible import INTERVAL
from explorer.sources.request import Request

_POLL_SECONDS = 0.02
"""Time between two looks at a file that grows: so much arrives meanwhile that a thread need not wake for each chunk."""
_MAX_JOIN_SECONDS = 1.0
_MAX_ARCHIVE_BYTES = 1 << 62
_MAX_OTHER_MEMBERS = 1_000
"""Members before the first layer; a root filesystem has more, and no layers."""


@dataclass(frozen=True, slots=True)
class _ArrivingRange(FileRange):
    """A part of a file that grows. Reads wait for the bytes, or for the end of all."""

    ended: threading.Event = field(compare=False)

    def read_at(self, offset: int, size: int) -> bytes:
        end = self.offset + offset + min(size, self.size - offset)
        while self.arrived_bytes < end and not self.ended.wait(_POLL_SECONDS):
            pass
        return FileRange.read_at(self, offset, size)

    def part(self, member: headers.Member) -> _ArrivingRange:
        return _ArrivingRange(self.file, self.offset + member.offset, member.size, self.ended)

    @property
    def arrived_bytes(self) -> int:
        """Bytes of the file so far."""
        return os.fstat(self.file.descriptor).st_size

    @property
    def plain(self) -> FileRange:
        return FileRange(self.file, self.offset, self.size)


@dataclass(slots=True)
class _Reading:
    """A layer that is read, or was read, while it arrived."""

    digits: str
    """The hexadecimal digits in its name."""
    contents: TarLayer
    budget: ReadBudget
    """The bounds of this layer alone, because the image may not have it."""
    result: Future[LayerIndex | None] = field(default_factory=Future)
    """The index; None if the layer must be read again. No error, because it would keep the file open."""
    done: int = 0
    """Bytes that are read."""

    @property
    def index(self) -> LayerIndex | None:
        """The index, if it is known by now."""
        return self.result.result() if self.result.done() else None

    def fits(self, contents: TarLayer) -> bool:
        """True if the index is that of a layer of the image."""
        is_same = contents.part == self.contents.part and not contents.damage
        has_failed = self.result.done() and self.index is None
        return is_same and not has_failed and (not self.contents.streams or contents.digest == self.contents.digest)


class ArrivingLayers:
    """The layers of an archive that have arrived.

    As a context manager it ends the thread, except for a layer that the image needs.
    """

    def __init__(self, request: Request, diff_ids: Sequence[str] = ()) -> None:
        """Takes the request for the image, and its diff IDs if they are known."""
        self._request = request
        self._documents = ArrivingDocuments(request, diff_ids)
        self._total = request.budget.empty_copy()
        """The bounds of all layers that are read, because the image may not have them."""
        self._readings: dict[FileRange, _Reading] = {}
        self._shown: set[FileRange] = set()
        self._has_preview = bool(diff_ids)
        self._ended = threading.Event()
        self._needed: set[FileRange] | None = None
        """The layers of the image, once it is known."""
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        if kind is not None or self._needed is None:
            self._needed = set()
        self._ended.set()
        if not self._needed and self._thread is not None:
            # Because the thread keeps the file open. It was not started if the system limits threads.
            with suppress(RuntimeError):
                self._thread.join(_MAX_JOIN_SECONDS)

    def look(self, file: BinaryIO) -> None:
        """Shows the layers that have arrived in a file since the last look."""
        if self._thread is None:
            whole = _ArrivingRange(FileRange.whole(file).file, 0, _MAX_ARCHIVE_BYTES, self._ended)
            # A daemon, because a thread that hangs must not delay the end of the program.
            self._thread = threading.Thread(target=self._follow, args=(whole,), name="arriving", daemon=True)
            with suppress(RuntimeError):
                self._thread.start()
        if not self._has_preview and self._documents.preview is not None:
            self._has_preview = True
            self._request.watcher.image_opened(self._documents.preview)
        if self._has_preview:
            for part, reading in [*self._readings.items()]:
                if part not in self._shown and reading.index is not None:
                    self._show(part, reading, reading.index)

    def _show(self, part: FileRange, reading: _Reading, index: LayerIndex) -> None:
        for number, diff_id in self._documents.layers(reading.digits):
            self._shown.add(part)
            self._request.watcher.layer_arrived(Layer(number, reading.contents, diff_id), index)

    def used_in(self, image: Image) -> Image:
        """Returns the image, from the complete file, with the indexes of its layers."""
        layers = []
        needed = set()
        for layer in image.layers:
            contents = layer.contents
            reading = self._readings.get(contents.part) if isinstance(contents, TarLayer) else None
            if isinstance(contents, TarLayer) and reading is not None and reading.fits(contents):
                needed.add(contents.part)
                is_late = contents.streams and not reading.result.done()
                layer = replace(layer, contents=_ReadLayer(contents, is_late, reading))
            layers.append(layer)
        self._needed = needed
        return replace(image, layers=tuple(layers))

    def end(self) -> None:
        """Reads no more layers, except for the one that is being read."""
        self._ended.set()

    def _follow(self, whole: _ArrivingRange) -> None:
        # What cannot be read now is left to the end, with its errors.
        with suppress(Exception):
            for number, member in enumerate(headers.Members(WindowReader(whole).read_at)):
                is_other = number > _MAX_OTHER_MEMBERS and not self._readings
                if is_other or self._ended.is_set():
                    return
                if member.type in headers.FILE_TYPES and member.pieces is None:
                    self._take(posixpath.normpath(member.name), whole.part(member))

    def _take(self, name: str, part: _ArrivingRange) -> None:
        digits = member_digits(name)
        if part.size <= MAX_DOCUMENT_BYTES and part.read_at(0, 1) in (b"{", b"["):
            self._documents.add(name, part)
        elif digits:
            self._read(name, digits, part)

    def _read(self, name: str, digits: str, part: _ArrivingRange) -> None:
        digest = f"sha256:{digits}" if name.startswith("blobs/") else None
        budget = self._total.empty_copy()
        arriving = TarLayer(name, part, digest, budget=budget)
        if arriving.streams and (digest is None or self._request.is_cached(digest)):
            # There is nothing to verify it by, or nothing to do.
            return
        contents = replace(arriving, part=part.plain)
        reading = self._readings[part.plain] = _Reading(digits, contents, budget)

        def on_progress(done: int) -> None:
            reading.done = done
            budget.set_stored(part.arrived_bytes)
            if self._needed is not None and reading.contents.part not in self._needed:
                raise Cancelled("the layer is not needed")

        # The size of a member may lie, so what has arrived counts.
        on_progress(0)
        try:
            index = arriving.index(on_progress)
        except BaseException:  # noqa: BLE001 - the layer is read once more at the end, which raises it again
            reading.result.set_result(None)
            return
        reading.result.set_result(index)
        self._total.set_stored(part.arrived_bytes)
        if not self._total.add(budget):
            raise UnreadableImage("the layers that arrived are more than those of one image")


@dataclass(frozen=True, slots=True)
class _ReadLayer(LayerWrapper):
    """A layer that was read while it arrived."""

    contents: TarLayer
    is_late: bool
    """True if it streams and was not complete when the image was."""
    reading: _Reading = field(compare=False)

    @property
    def streams(self) -> bool:
        return self.is_late

    def index(self, on_progress: OnProgress) -> LayerIndex:
        while not wait((self.reading.result,), INTERVAL).done:
            on_progress(self.reading.done)
        index = self.reading.index
        if index is None or not self.contents.budget.add(self.reading.budget):
            return self.contents.index(on_progress)
        on_progress(self.stored_bytes)
        return index

    def has_verified_digest(self, on_progress: OnProgress) -> bool:
        """See TarLayer."""
        return self.contents.has_verified_digest(on_progress)
