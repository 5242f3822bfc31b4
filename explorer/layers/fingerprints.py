"""Digests of contents: what tells a file that is shipped again unchanged from one that was overwritten.

They are BLAKE3: nobody can make two contents of one digest, as with SHA-256, at a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Iterable

from blake3 import blake3

from explorer.layers.tar.sparse import Pieces, expanded, stored_bytes

_MAX_HOLES = 64 << 20
_HOLES_PER_BYTE = 256
"""Bytes of holes up to which a sparse file is compared as what a reader sees, zeros included: so many in all, and so
many for each byte that the archive spends on it. A hostile layer makes no work out of nothing."""
_HEADER_BYTES = 512

SIZE = 16
"""Bytes of a fingerprint."""


def fingerprint(stored: Iterable[bytes | memoryview], size: int, pieces: Pieces | None = None) -> bytes:
    """A digest of a file's content; ``pieces`` place the stored bytes of a sparse file.

    Equal fingerprints mean equal contents. Equal contents have equal fingerprints, but for sparse files of vast holes:
    theirs are equal when they are stored in the same way.
    """
    digest: blake3 = blake3()
    if pieces is not None:
        taken = stored_bytes(size, pieces)
        if size - taken <= min(_MAX_HOLES, _HOLES_PER_BYTE * (_HEADER_BYTES + taken)):
            stored = expanded(stored, size, pieces)
        else:
            digest.update(repr((size, pieces)).encode())
    for chunk in stored:
        digest.update(chunk)
    return digest.digest(length=SIZE)
