"""Indexes one layer: plain, gzip or zstd, verified by the image's digests.

The contents of a compressed layer are fingerprinted while they stream past; of a plain one, only headers are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from explorer.errors import UnreadableImage, UnreadableLayer
from explorer.layers.fingerprints import fingerprint
from explorer.layers.layer_builder import build_index
from explorer.layers.streams import FileRange, InflatedStream, StreamReader, WindowReader, compression
from explorer.layers.tar import headers
from explorer.model import LayerIndex, OnProgress


def index_layer(
    part: FileRange,
    name: str,
    *,
    digest: str | None = None,
    diff_id: str = "",
    on_progress: OnProgress = lambda _: None,
) -> LayerIndex:
    """Returns the index of a layer's tar. Raises UnreadableLayer, with its ``name``.

    Only compressed layers are verified against ``digest`` and ``diff_id``, because only they are read through.
    """
    with errors_for_layer(name):
        if not compression(part):
            members = headers.Members(WindowReader(part, on_progress).read_at, part.size)
            index = _with_end_problem(build_index(members, {}), members)
            on_progress(part.size)
            return index
        stream = InflatedStream(part, on_progress, digest=digest, diff_id=diff_id)
        reader = StreamReader(stream)
        members = headers.Members(reader.read_at)
        fingerprints: dict[int, bytes] = {}
        index = build_index(_fingerprinted(members, reader, fingerprints), fingerprints)
        stream.verify()
        return _with_end_problem(index, members)


@contextmanager
def errors_for_layer(name: str) -> Iterator[None]:
    """Turns errors about unreadable bytes into UnreadableLayer with the layer's name."""
    try:
        yield
    except UnreadableLayer:
        raise
    except UnreadableImage as error:
        raise UnreadableLayer(f"{name} cannot be read: {error.message}", error.hint) from error


def _fingerprinted(
    members: headers.Members, reader: StreamReader, fingerprints: dict[int, bytes]
) -> Iterator[headers.Member]:
    """Yields the members of a stream, and fingerprints their contents on the way."""
    for member in members:
        if member.stored:
            pieces = reader.pieces(member.offset, member.stored)
            fingerprints[member.offset] = fingerprint(pieces, member.size, member.pieces)
        yield member


def _with_end_problem(index: LayerIndex, members: headers.Members) -> LayerIndex:
    if members.has_end_mark:
        return index
    return replace(index, problems=[*index.problems, "the layer's tar ends without an end mark; it may be cut off"])
