"""The format of a layer's secrets in the cache. It holds no text of a secret."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from blake3 import blake3

from explorer.analysis import packages
from explorer.analysis.findings.secrets.layer_secrets import FoundSecret, LayerSecrets, SecretFile
from explorer.analysis.findings.secrets.rules import RULES_BY_ID
from explorer.analysis.findings.secrets.same_contents import Search
from explorer.layers.derived_format import code_digest, pack, printable_in, unpack

_MAGIC = b"layer-explorer secrets\n"
_MAX_TEXT_CHARS = 200
_INODES = 1 << 64


def encode_secrets(secrets: LayerSecrets, searches: Sequence[Search]) -> bytes:
    """Returns the secrets of a layer as bytes; ``searches`` were searched."""
    files = [[file.inode, file.fingerprint.hex(), file.secrets] for file in secrets.files]
    document = {"files": files, "problems": secrets.problems, "unread": secrets.unread_files}
    return pack(_head(searches), document)


def decode_secrets(content: bytes, searches: Sequence[Search]) -> LayerSecrets | None:
    """Reverses ``encode_secrets``.

    None for other bytes, for other rules, if other contents were searched, and for secrets of other contents.
    """
    secrets = unpack(_head(searches), content, _decoded)
    searched = {search.entry.inode for search in searches}
    return secrets if secrets is not None and all(file.inode in searched for file in secrets.files) else None


def _head(searches: Sequence[Search]) -> bytes:
    """Returns a head that other rules and other contents to search do not have."""
    hash_ = blake3()
    for inode, other_paths in sorted((search.entry.inode, search.other_paths) for search in searches):
        hash_.update((inode % _INODES).to_bytes(8, "little"))
        for path in other_paths:
            hash_.update(path.encode("utf-8", "surrogateescape") + b"\0")
    digest = code_digest(Path(__file__).parent, Path(packages.__file__).parent)
    return b"".join((_MAGIC, digest, hash_.digest()))


def _decoded(document: Any) -> LayerSecrets:
    files = [
        SecretFile(
            _number(inode),
            bytes.fromhex(fingerprint),
            tuple(FoundSecret(_rule(rule), _number(line), _text(masked)) for rule, line, masked in found),
        )
        for inode, fingerprint, found in document["files"]
    ]
    problems = tuple(map(_text, document["problems"]))
    return LayerSecrets(tuple(files), problems, unread_files=_number(document["unread"]))


def _text(value: object) -> str:
    return printable_in(value)[:_MAX_TEXT_CHARS]


def _rule(value: object) -> str:
    if not isinstance(value, str) or value not in RULES_BY_ID:
        raise ValueError("not the ID of a rule")
    return value


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("not a number")
    return value
