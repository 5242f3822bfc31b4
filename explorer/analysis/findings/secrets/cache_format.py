"""The format of a layer's secrets in the cache. It holds no text of a secret."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from blake3 import blake3

from explorer.analysis import packages
from explorer.analysis.findings.secrets.engine import RULES_VERSION
from explorer.analysis.findings.secrets.layer_secrets import FoundSecret, LayerSecrets, SecretFile
from explorer.text.printable import printable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MAGIC = b"layer-explorer secrets\n"
_CHECKSUM_BYTES = hashlib.sha256().digest_size
_MAX_BODY_BYTES = 64 << 20
_MAX_TEXT_CHARS = 200
_INODES = 1 << 64
_DECODE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, RecursionError, zstd.ZstdError)


def encode_secrets(secrets: LayerSecrets, scanned: Iterable[int]) -> bytes:
    """Returns the secrets of a layer as bytes; ``scanned`` are the inodes searched."""
    document = {
        "files": [
            [file.inode, file.fingerprint.hex(), [list(secret) for secret in file.secrets]] for file in secrets.files
        ],
        "problems": secrets.problems,
    }
    packed = zstd.compress(json.dumps(document).encode(), 1)
    return b"".join((_head(scanned), hashlib.sha256(packed).digest(), packed))


def decode_secrets(content: bytes, scanned: Iterable[int]) -> LayerSecrets | None:
    """Reverses ``encode_secrets``.

    None for other bytes, for other rules, and if other inodes were searched.
    """
    head = _head(scanned)
    start = len(head) + _CHECKSUM_BYTES
    packed = content[start:]
    if not content.startswith(head) or hashlib.sha256(packed).digest() != content[len(head) : start]:
        return None
    try:
        reader = zstd.ZstdDecompressor()
        body = reader.decompress(packed, _MAX_BODY_BYTES)
        return _decoded(json.loads(body)) if reader.eof else None
    except _DECODE_ERRORS:
        return None


def _decoded(document: Any) -> LayerSecrets:
    """Raises one of _DECODE_ERRORS for a document of another shape."""
    files = [
        SecretFile(
            _number(inode),
            bytes.fromhex(fingerprint),
            tuple(FoundSecret(_text(rule), _number(line), _text(masked)) for rule, line, masked in found),
        )
        for inode, fingerprint, found in document["files"]
    ]
    return LayerSecrets(tuple(files), tuple(map(_text, document["problems"])))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    # It is shown as it is, so a changed entry must not bring other characters.
    return printable(value[:_MAX_TEXT_CHARS])


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("not a number")
    return value


def _head(scanned: Iterable[int]) -> bytes:
    inodes = b"".join((inode % _INODES).to_bytes(8, "little") for inode in sorted(scanned))
    return b"".join((_MAGIC, _code_digest(), blake3(inodes).digest()))


@cache
def _code_digest() -> bytes:
    """Returns a digest of the rules and of all code that decides what is found."""
    sha256 = hashlib.sha256(RULES_VERSION.encode())
    for folder in (Path(__file__).parent, Path(packages.__file__).parent):
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            sha256.update(path.read_bytes())
    return sha256.digest()
