"""Reads the layers of a save while its end still arrives.

The members of a save say which layers they are: their names have the diff ID, or files before them name the layer
below. What cannot be read yet is left to the end, when the manifest is there, so no oddity is an error here.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO, ClassVar

from explorer.errors import UnreadableImage
from explorer.layers.readers import WindowReader
from explorer.layers.streams import FileRange
from explorer.layers.tar import headers
from explorer.layers.tar_layer import TarLayer
from explorer.model import (
    Addressing,
    Entry,
    FileContents,
    Image,
    Layer,
    LayerContents,
    LayerIndex,
    OnProgress,
    Verified,
)
from explorer.sources.request import Request

_MAX_DESCRIPTION_BYTES = 1 << 20


class ArrivingLayers:
    """The layers of a save that have arrived."""

    def __init__(self, diff_ids: Sequence[str], request: Request, *, is_trusted: bool) -> None:
        """Takes the diff IDs that the engine names, and the request that saves the image."""
        self._diff_ids = diff_ids
        self._request = request
        self._is_trusted = is_trusted
        self._indexes: dict[FileRange, LayerIndex | None] = {}
        """The indexes of the layers that arrived; None for a layer that cannot be read alone."""

    def look(self, file: BinaryIO) -> None:
        """Reads the layers that have arrived in a file since the last look."""
        whole = FileRange.whole(file)
        for number, member in self._arrived(whole):
            part = FileRange(whole.file, member.offset, member.size)
            if part not in self._indexes and number < len(self._diff_ids):
                self._indexes[part] = self._read(number, part)

    def _arrived(self, whole: FileRange) -> Iterator[tuple[int, headers.Member]]:
        """Yields the numbers and the members of the layers that are complete."""
        members: dict[str, headers.Member] = {}
        below: dict[str, str] = {}
        # What raises these errors has not arrived, or is left to the end.
        with suppress(headers.TarError, UnreadableImage, ValueError, AttributeError, RecursionError):
            for member in headers.Members(WindowReader(whole).read_at):
                if member.offset + member.size > whole.size:
                    break
                directory, _, name = posixpath.normpath(member.name).rpartition("/")
                if name == "json" and member.size <= _MAX_DESCRIPTION_BYTES:
                    description = json.loads(whole.read_at(member.offset, member.size))
                    below[directory] = str(description.get("parent", ""))
                elif member.type in headers.FILE_TYPES:
                    members[directory if name == "layer.tar" else name.removesuffix(".tar")] = member
        numbers = {diff_id.removeprefix("sha256:"): number for number, diff_id in enumerate(self._diff_ids)}
        numbers |= _numbers_by_chain(below)
        return ((numbers[name], member) for name, member in members.items() if name in numbers)

    def _read(self, number: int, part: FileRange) -> LayerIndex | None:
        diff_id, request = self._diff_ids[number], self._request
        contents = TarLayer(
            f"layer {number}", part, diff_id=diff_id, is_trusted=self._is_trusted, budget=request.budget
        )
        try:
            index = None if contents.streams else contents.index(lambda _: None)
        except UnreadableImage:
            return None
        if index is not None:
            request.watcher.layer_arrived(Layer(number, contents, diff_id), index)
        return index

    def used_in(self, image: Image) -> Image:
        """Returns the saved image with the indexes of the layers that were read."""
        layers = []
        for layer in image.layers:
            contents = layer.contents
            index = self._indexes.get(contents.part) if isinstance(contents, TarLayer) else None
            layers.append(layer if index is None else replace(layer, contents=_ReadLayer(contents, index)))
        return replace(image, layers=tuple(layers))


def _numbers_by_chain(below: Mapping[str, str]) -> Mapping[str, int]:
    """Returns the numbers of the layers that follow each other from the bottom on.

    ``below`` names the layer below each; the bottom one has none.
    """
    above = {lower: name for name, lower in below.items()}
    numbers: dict[str, int] = {}
    name = above.get("")
    # A save may describe layers that stand on each other.
    while name is not None and name not in numbers:
        numbers[name] = len(numbers)
        name = above.get(name)
    return numbers


@dataclass(frozen=True, slots=True)
class _ReadLayer:
    """A layer whose index is known. Satisfies LayerContents."""

    stored_bytes: ClassVar[int] = 0
    streams: ClassVar[bool] = False

    contents: LayerContents
    known: LayerIndex = field(compare=False)

    @property
    def verified(self) -> Verified:
        return self.contents.verified

    @property
    def addressing(self) -> Addressing:
        return self.contents.addressing

    def index(self, on_progress: OnProgress) -> LayerIndex:  # noqa: ARG002 - of the protocol
        return self.known

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        return self.contents.read(index, entries, on_progress)
