"""The format of a layer's secrets in the cache. It holds no text of a secret."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from blake3 import blake3

from explorer.analysis import packages
from explorer.analysis.findings.secrets.layer_secrets import FoundSecret, LayerSecrets, SecretFile
from explorer.layers.derived_format import code_digest, pack, printable_in, unpack

_MAGIC = b"layer-explorer secrets\n"
_MAX_TEXT_CHARS = 200
_INODES = 1 << 64


def encode_secrets(secrets: LayerSecrets, searched: Iterable[int]) -> bytes:
    """Returns the secrets of a layer as bytes; ``searched`` are the inodes searched."""
    files = [[file.inode, file.fingerprint.hex(), file.secrets] for file in secrets.files]
    return pack(_head(searched), {"files": files, "problems": secrets.problems})


def decode_secrets(content: bytes, searched: Iterable[int]) -> LayerSecrets | None:
    """Reverses ``encode_secrets``.

    None for other bytes, for other rules, and if other inodes were searched.
    """
    return unpack(_head(searched), content, _decoded)


def _head(searched: Iterable[int]) -> bytes:
    """Returns a head that other rules and other files to search do not have."""
    inodes = b"".join((inode % _INODES).to_bytes(8, "little") for inode in sorted(searched))
    digest = code_digest(Path(__file__).parent, Path(packages.__file__).parent)
    return b"".join((_MAGIC, digest, blake3(inodes).digest()))


def _decoded(document: Any) -> LayerSecrets:
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
    return printable_in(value)[:_MAX_TEXT_CHARS]


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("not a number")
    return value
