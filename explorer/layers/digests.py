"""Digests of content: an algorithm, a colon, and hex digits: ``sha256:…``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Protocol

from blake3 import blake3

from explorer.model import Layer
from explorer.text.printable import printable

_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128, "blake3": 64}
"""The algorithms that are verified: those of the OCI image specification and of containers/image."""

_MAX_SHOWN_CHARS = 200


class Hash(Protocol):
    """A digest that is computed piece by piece, as in hashlib."""

    def update(self, content: bytes, /) -> object:
        """Adds bytes."""

    def hexdigest(self) -> str:
        """Returns the digits."""


def shown(text: str) -> str:
    """Returns a digest, or what stands in its place, for messages."""
    return printable(text)[:_MAX_SHOWN_CHARS]


def is_digest(text: str) -> bool:
    """True if the text is a digest that can be verified."""
    algorithm, _, digits = text.partition(":")
    return len(digits) == _HEX_DIGITS.get(algorithm) and re.fullmatch("[0-9a-f]+", digits) is not None


def is_verifiable(digest: str | None) -> bool:
    """True if the digest has an algorithm that bytes are verified with."""
    return digest is not None and algorithm_of(digest) in _HEX_DIGITS


def algorithm_of(digest: str) -> str:
    """Returns the text before the colon."""
    return digest.partition(":")[0]


def new_hash(algorithm: str) -> Hash:
    """Returns a new hash for an algorithm that ``is_verifiable`` accepts."""
    return blake3() if algorithm == "blake3" else hashlib.new(algorithm)


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """Returns the digest of bytes, for an algorithm that ``is_verifiable`` accepts."""
    computed = new_hash(algorithm)
    computed.update(content)
    return f"{algorithm}:{computed.hexdigest()}"


def chain_ids(diff_ids: Sequence[str]) -> tuple[str, ...]:
    """Returns the chain ID of each layer, bottom first.

    It names a layer together with all layers below it. Engines store layers by it, so equal ones are shared.
    """
    chain: list[str] = []
    for diff_id in diff_ids:
        chain.append(digest_of(f"{chain[-1]} {diff_id}".encode("utf-8", "surrogateescape")) if chain else diff_id)
    return tuple(chain)


def claim_same_digest(one: Layer, other: Layer) -> bool:
    """True if two layers have the same digest, which an image may only claim."""
    if one.diff_id and other.diff_id:
        return one.diff_id == other.diff_id
    return one.digest is not None and one.digest == other.digest
