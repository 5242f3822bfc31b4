"""Tells private keys from texts about them, and encrypted ones from open ones."""

from __future__ import annotations

import base64
import binascii
import enum
import re
from functools import lru_cache

PEM = rb"(-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[^-\0]{1,64}+|-(?!----)){1,400}+-----END )"
"""Stops at the next dashes, so that many headers cost no more than one; the pieces of a line's length are fast."""

_MIN_BODY_CHARS, _MAX_BODY_CHARS = 64, 20_000
_HEADER = re.compile(rb"(?m)^[^A-Za-z\r\n]{0,20}[A-Za-z][A-Za-z0-9-]{1,30}: [^\n\r]{0,500}")
"""A header of a key, also in an indented or quoted line."""
_JOINT = re.compile(rb"""["'][\s+.]{0,40}["']|\\[nrt]""")
"""The end of a line of a key in the code of a program, and the start of the next."""
_NOT_BASE64 = b" \t\n\r\v\f\"'\\,;>#|*"
_MIN_KEY_BYTES = 30
_ASN1_SEQUENCE, _PGP_PACKET = 0x30, 0x80
_MIN_RANDOM_VALUES = 64
"""Different bytes of random ones that are as many as in a short RSA key."""
_OPENSSH_MAGIC = b"openssh-key-v1\0"
_CIPHER_NONE = b"\0\0\0\x04none"


class _Kind(enum.Enum):
    OPEN = enum.auto()
    ENCRYPTED = enum.auto()
    NO_KEY = enum.auto()


def is_open_key(block: bytes) -> bool:
    """True if a block is a private key that needs no password."""
    return _kind(block) is _Kind.OPEN


def is_encrypted_key(block: bytes) -> bool:
    """True if a block is a private key that a password protects."""
    return _kind(block) is _Kind.ENCRYPTED


def is_wrapped_key(text: bytes) -> bool:
    """True if a text is a private key in PEM in Base64, as Kubernetes keeps it."""
    try:
        return is_open_key(base64.b64decode(text + b"=" * (-len(text) % 4)))
    except binascii.Error:
        return False


@lru_cache(maxsize=2)
def _kind(block: bytes) -> _Kind:
    """Returns the kind of a block. Several rules ask for that of the same one."""
    key = _key(block)
    if key is None:
        return _Kind.NO_KEY
    is_protected = key.startswith(_OPENSSH_MAGIC) and not key[len(_OPENSSH_MAGIC) :].startswith(_CIPHER_NONE)
    return _Kind.ENCRYPTED if is_protected or b"ENCRYPTED" in block else _Kind.OPEN


def _key(block: bytes) -> bytes | None:
    """Returns the decoded key, or None if there is none."""
    label, _, rest = block[len(b"-----BEGIN ") :].partition(b"-----")
    body = rest.partition(b"-----END")[0]
    if not _MIN_BODY_CHARS <= len(body) <= _MAX_BODY_CHARS:
        return None
    text = _base64_in(body.replace(b"\\n", b"\n").replace(b"\\r", b""))
    if b"PGP" in label:
        text = text.rpartition(b"=")[0] if text[-5:-4] == b"=" else text  # the checksum
    try:
        key = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None
    if len(key) < _MIN_KEY_BYTES or len(set(key)) < 16:
        return None
    if key[0] == _ASN1_SEQUENCE or key.startswith(_OPENSSH_MAGIC) or (b"PGP" in label and key[0] & _PGP_PACKET):
        return key
    return key if b"ENCRYPTED" in body or len(set(key)) >= _MIN_RANDOM_VALUES else None


def _base64_in(body: bytes) -> bytes:
    """Returns a key's text without headers, and without what surrounds its lines."""
    if b": " in body:
        body = _HEADER.sub(b"", body)
    if b'"' in body or b"'" in body or b"\\" in body:
        body = _JOINT.sub(b"", body)
    return body.translate(None, _NOT_BASE64)
