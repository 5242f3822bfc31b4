"""The format of a layer's parsed package databases in the cache."""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from explorer.analysis.packages.formats import Found, LayerDatabases, Stated
from explorer.text.printable import printable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MAGIC = b"layer-explorer packages\n"
_CHECKSUM_BYTES = hashlib.sha256().digest_size
_MAX_BODY_BYTES = 512 << 20
_MAX_SMALL_BODY_BYTES, _MAX_RATIO = 16 << 20, 100
"""A longer body has at most this many bytes for each stored one. Lists of paths have five."""
_DECODE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, RecursionError, zstd.ZstdError)


def encode_databases(databases: LayerDatabases) -> bytes:
    """Returns the databases of a layer as bytes."""
    document = {
        "files": [
            [kind, path, [_encoded(found) for found in stated]]
            for kind, files in databases.files.items()
            for path, stated in files.items()
        ],
        "problems": databases.problems,
    }
    packed = zstd.compress(json.dumps(document).encode(), 1)
    return b"".join((_MAGIC, _parsers_digest(), hashlib.sha256(packed).digest(), packed))


def decode_databases(content: bytes) -> LayerDatabases | None:
    """Reverses ``encode_databases``; None for other bytes and for another version."""
    head = _MAGIC + _parsers_digest()
    start = len(head) + _CHECKSUM_BYTES
    packed = content[start:]
    if not content.startswith(head) or hashlib.sha256(packed).digest() != content[len(head) : start]:
        return None
    try:
        reader = zstd.ZstdDecompressor()
        body = reader.decompress(packed, min(_MAX_BODY_BYTES, _MAX_SMALL_BODY_BYTES + _MAX_RATIO * len(packed)))
        return _decoded(json.loads(body)) if reader.eof else None
    except _DECODE_ERRORS:
        return None


def _encoded(found: Found) -> list[str]:
    # In one text, because a list of a million texts takes longer than all the rest.
    return [found.name, found.version, found.architecture, found.namespace, "\0".join(found.paths)]


def _decoded(document: Any) -> LayerDatabases:
    """Raises one of _DECODE_ERRORS for a document of another shape."""
    files: dict[str, dict[str, Stated]] = {}
    for kind, path, stated in document["files"]:
        files.setdefault(_text(kind), {})[_text(path)] = tuple(_found(*map(_text, texts)) for texts in stated)
    # They are shown as they are, so a changed entry must not bring other characters.
    return LayerDatabases(files, tuple(printable(_text(problem)) for problem in document["problems"]))


def _found(name: str, version: str, architecture: str, namespace: str, paths: str) -> Found:
    return Found(name, version, architecture, tuple(paths.split("\0")) if paths else (), namespace)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


@cache
def _parsers_digest() -> bytes:
    """Returns a digest of the parsers: a change of one makes older results wrong."""
    sha256 = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        sha256.update(path.read_bytes())
    return sha256.digest()
