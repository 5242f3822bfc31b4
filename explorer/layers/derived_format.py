"""The format of documents that are made from a layer and cached beside its index.

A head names the kind and its version; a checksum and a compressed JSON document follow.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from explorer.text.printable import printable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHECKSUM_BYTES = hashlib.sha256().digest_size
_MAX_BODY_BYTES = 512 << 20
_MAX_SMALL_BODY_BYTES, _MAX_RATIO = 16 << 20, 100
"""A longer body has at most this many bytes for each stored one. Lists of paths have five."""
_DECODE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, RecursionError, zstd.ZstdError)
_Value = TypeVar("_Value")


def pack(head: bytes, document: object) -> bytes:
    """Returns a document as bytes."""
    return pack_bytes(head, json.dumps(document).encode())


def pack_bytes(head: bytes, body: bytes, level: int = 1) -> bytes:
    """Returns a compressed body, behind a head and a checksum.

    ``level`` is that of zstd.
    """
    packed = zstd.compress(body, level)
    return b"".join((head, hashlib.sha256(packed).digest(), packed))


def unpack(head: bytes, content: bytes, decode: Callable[[Any], _Value]) -> _Value | None:
    """Returns what a document holds; None for other bytes and for another head.

    Args:
        head: The kind and the version that is expected.
        content: The bytes, which anything may have written.
        decode: Reads the document. An error of a wrong shape or type means that it is foreign.
    """
    body = unpack_bytes(head, content, _MAX_BODY_BYTES)
    try:
        return None if body is None else decode(json.loads(body))
    except _DECODE_ERRORS:
        return None


def unpack_bytes(head: bytes, content: bytes, max_bytes: int) -> bytes | None:
    """Reverses ``pack_bytes``; None for other bytes, another head, or a longer body."""
    start = len(head) + _CHECKSUM_BYTES
    packed = content[start:]
    if not content.startswith(head) or hashlib.sha256(packed).digest() != content[len(head) : start]:
        return None
    try:
        reader = zstd.ZstdDecompressor()
        body = reader.decompress(packed, min(max_bytes, _MAX_SMALL_BODY_BYTES + _MAX_RATIO * len(packed)))
        return body if reader.eof else None
    except zstd.ZstdError:
        return None


def text_in(value: object) -> str:
    """Returns a value that is text. Raises TypeError for others."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def printable_in(value: object) -> str:
    """Returns a text that is shown as it is, so a changed entry must not harm.

    Raises TypeError.
    """
    return printable(text_in(value))


@cache
def code_digest(*folders: Path) -> bytes:
    """Returns a digest of the code in folders, because a change makes results void."""
    sha256 = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            sha256.update(path.read_bytes())
    return sha256.digest()
