"""One layer's bytes to its index: plain, gzip or zstd, verified where the image names digests.

Where a layer is compressed its contents are fingerprinted as they stream past; of a plain one only headers are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from explorer.errors import UnreadableImage, UnreadableLayer
from explorer.layers.fingerprints import fingerprint
from explorer.layers.layer_builder import build_index
from explorer.layers.streams import FileRange, InflatedStream, StreamReader, WindowReader, compression
from explorer.layers.tar import headers
from explorer.model import LayerIndex


def index_layer(
    part: FileRange,
    name: str,
    *,
    digest: str | None = None,
    diff_id: str = "",
    on_progress: Callable[[int], None] = lambda _: None,
) -> LayerIndex:
    """Index one layer's tar: plain, gzip or zstd, told by its bytes.

    ``name`` is what errors call the layer. Of a plain tar only the headers are touched; a compressed one is read
    through, its contents fingerprinted on the way, and checked against ``digest`` (of the stored bytes) and ``diff_id``
    (of the uncompressed ones) where they are given. ``on_progress`` gets the stored bytes done. Raises UnreadableLayer.
    """
    with errors_for_layer(name):
        if not compression(part):
            members = headers.Members(WindowReader(part, on_progress), part.size)
            index = _ended(build_index(members, {}), members)
            on_progress(part.size)
            return index
        stream = InflatedStream(part, on_progress, digest=digest, diff_id=diff_id)
        reader = StreamReader(stream)
        members = headers.Members(reader)
        fingerprints: dict[int, bytes] = {}
        index = _ended(build_index(_fingerprinted(members, reader, fingerprints), fingerprints), members)
        stream.verify()
        return index


@contextmanager
def errors_for_layer(name: str) -> Iterator[None]:
    """Raises errors about damaged bytes as UnreadableLayer, with the name of the layer."""
    try:
        yield
    except UnreadableLayer:
        raise
    except UnreadableImage as error:
        raise UnreadableLayer(f"{name} cannot be read: {error.message}", error.hint) from error


def _fingerprinted(
    members: headers.Members, reader: StreamReader, fingerprints: dict[int, bytes]
) -> Iterator[headers.Member]:
    """The members of a stream; the content of each file is hashed as it passes."""
    for member in members:
        if member.stored:
            pieces = reader.pieces(member.offset, member.stored)
            fingerprints[member.offset] = fingerprint(pieces, member.size, member.pieces)
        yield member


def _ended(index: LayerIndex, members: headers.Members) -> LayerIndex:
    if members.has_end_mark:
        return index
    return replace(index, problems=[*index.problems, "the layer's tar ends without an end mark; it may be cut off"])
