"""Tells private keys from texts about them, and encrypted ones from open ones."""

from __future__ import annotations

import base64
import binascii
import re

PEM = rb"(-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[^-\0]|-(?!----)){64,20000}+-----END )"
"""Stops at the next dashes, so that many headers cost no more than one."""

_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,30}: [^\n\r]{0,500}")
_NOT_BASE64 = re.compile(rb"""["'][\s+.]{0,40}["']|\\[nrt]|[\s"'\\,;>#|*]""")
_MIN_KEY_BYTES = 30
_ASN1_SEQUENCE, _PGP_PACKET = 0x30, 0x80
_MIN_RANDOM_VALUES = 64
"""Different bytes of random ones that are as many as in a short RSA key."""
_OPENSSH_MAGIC = b"openssh-key-v1\0"
_CIPHER_NONE = b"\0\0\0\x04none"


def is_open_key(block: bytes) -> bool:
    """True if a block is a private key that needs no password."""
    return _key(block) is not None and not _is_encrypted(block)


def is_encrypted_key(block: bytes) -> bool:
    """True if a block is a private key that a password protects."""
    return _key(block) is not None and _is_encrypted(block)


def is_wrapped_key(text: bytes) -> bool:
    """True if a text is a private key in PEM in Base64, as Kubernetes keeps it."""
    try:
        return is_open_key(base64.b64decode(text + b"=" * (-len(text) % 4)))
    except binascii.Error:
        return False


def _key(block: bytes) -> bytes | None:
    """Returns the decoded key, or None if there is none."""
    label, _, rest = block[len(b"-----BEGIN ") :].partition(b"-----")
    body = rest.partition(b"-----END")[0].replace(b"\\n", b"\n").replace(b"\\r", b"")
    text = _NOT_BASE64.sub(b"", _HEADER.sub(b"", body))
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


def _is_encrypted(block: bytes) -> bool:
    if b"ENCRYPTED" in block:
        return True
    key = _key(block)
    return (
        key is not None and key.startswith(_OPENSSH_MAGIC) and not key[len(_OPENSSH_MAGIC) :].startswith(_CIPHER_NONE)
    )
