"""Fingerprints of contents: they differ if a file was overwritten.

A fingerprint is a BLAKE3 digest: as safe against collisions as SHA-256, in a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Iterable

from blake3 import blake3

from explorer.layers.tar.sparse import Pieces, expanded, stored_bytes
from explorer.model import LayerIndex

_MAX_HOLE_BYTES = 64 << 20
_HOLE_BYTES_PER_STORED_BYTE = 256
"""Limits of the zeros that are hashed for a sparse file: in total, and for each stored byte. Otherwise a few bytes of a
hostile layer would make a lot of work."""
_HEADER_BYTES = 512
_FINGERPRINT_BYTES = 16


def fingerprint(stored: Iterable[bytes | memoryview], size: int, pieces: Pieces | None = None) -> bytes:
    """Returns the fingerprint of a file's content.

    Equal fingerprints mean equal contents. Equal contents have equal fingerprints, except for sparse files with huge
    holes: theirs are only equal if they are stored in the same way. ``size`` includes the holes.
    """
    digest: blake3 = blake3()
    if pieces is not None:
        taken = stored_bytes(size, pieces)
        if size - taken <= min(_MAX_HOLE_BYTES, _HOLE_BYTES_PER_STORED_BYTE * (_HEADER_BYTES + taken)):
            stored = expanded(stored, size, pieces)
        else:
            digest.update(repr((size, pieces)).encode())
    for chunk in stored:
        digest.update(chunk)
    return digest.digest(length=_FINGERPRINT_BYTES)


def has_all_fingerprints(index: LayerIndex) -> bool:
    """True if the content of each file of a layer is known by fingerprint or digest."""
    files = {entry.inode for entry in index.entries if entry.size}
    return not files - index.fingerprints.keys() - index.digests.keys()
