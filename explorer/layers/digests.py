"""Digests of content: ``sha256:`` and 64 hex digits, or ``sha512:`` and 128."""

from __future__ import annotations

import hashlib
import re

_PATTERNS = {"sha256": re.compile("sha256:[0-9a-f]{64}"), "sha512": re.compile("sha512:[0-9a-f]{128}")}


def is_digest(text: str) -> bool:
    """True if the text is a digest that can be verified."""
    pattern = _PATTERNS.get(algorithm_of(text))
    return pattern is not None and pattern.fullmatch(text) is not None


def is_sha256(digest: str | None) -> bool:
    """True if the digest has the algorithm that layers are verified with."""
    return digest is not None and algorithm_of(digest) == "sha256"


def algorithm_of(digest: str) -> str:
    """Returns the text before the colon."""
    return digest.partition(":")[0]


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """Returns the digest of bytes, for an algorithm that ``is_digest`` accepts."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"
