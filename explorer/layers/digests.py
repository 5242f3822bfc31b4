"""Digests as images name contents by: ``sha256:`` and 64 hexadecimal digits, or ``sha512:`` and 128."""

from __future__ import annotations

import hashlib
import re

_DIGESTS = {"sha256": re.compile("sha256:[0-9a-f]{64}"), "sha512": re.compile("sha512:[0-9a-f]{128}")}


def is_digest(text: str) -> bool:
    """Whether this is a digest that can be verified."""
    pattern = _DIGESTS.get(algorithm_of(text))
    return pattern is not None and pattern.fullmatch(text) is not None


def is_sha256(digest: str | None) -> bool:
    """Whether a digest is of the algorithm that layers are verified by."""
    return digest is not None and algorithm_of(digest) == "sha256"


def algorithm_of(digest: str) -> str:
    """What stands before the colon."""
    return digest.partition(":")[0]


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """The digest of some bytes; the algorithm is one that ``is_digest`` knows."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"
