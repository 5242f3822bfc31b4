"""Makes untrusted text safe to show.

Names, link targets, commands, labels and contents come from the people who built the image. Text that passed
``printable`` can be put on a terminal: it moves no cursor, starts no escape sequence, changes no writing direction and
stays on one line.
"""

from __future__ import annotations

import re

_CONTROL = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_LINES = "\u2028\u2029"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
_UNPRINTABLE = re.compile(
    f"[{re.escape(_CONTROL + _DIRECTION + _LINES + _INVISIBLE)}\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_RUNNER_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|#(?=#(?:\[|vso\[|teamcity\[))", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    r"""Escapes characters that disturb a terminal: ``\\x1b``, ``\\n``, ``\\xff``."""
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(_escape, text)


def shown_reference(reference: str) -> str:
    """Returns the reference of an image for a sentence."""
    return "standard input" if reference == "-" else printable(reference)


def without_workflow_commands(text: str) -> str:
    """Escapes what the runner of a build would execute in a log.

    GitHub Actions executes lines that begin with ``::``, and ``##[`` anywhere; other runners have forms of the latter.
    In JSON, the escaped text has the same value.
    """
    if "::" not in text and "##" not in text:
        return text
    return _RUNNER_COMMAND.sub(lambda match: f"{match[1] or ''}\\u{ord(match[0][-1]):04x}", text)


def encodable(text: str) -> str:
    """Escapes only what no encoding can hold: bytes that were not UTF-8."""
    return _SURROGATE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def without_login(address: str, text: str | None = None) -> str:
    """Hides the login of an address, in the address or in an error message about it.

    The user name of ``ssh`` is no secret and stays. What follows the @ of an image may be its digest.
    """
    scheme, _, rest = address.rpartition("://")
    login, at, host = rest.rpartition("@")
    if at and host.startswith(("sha256:", "sha512:")):
        login, at, _ = login.rpartition("@")
    text = address if text is None else text
    if not at or rest.startswith("/"):
        return text
    user, colon, _ = login.partition(":")
    shown = f"{user}:…" if scheme == "ssh" and colon else user if scheme == "ssh" else "…"
    return text.replace(f"{login}@", f"{shown}@")


def cut(text: str, max_chars: int) -> str:
    """Returns a text with ``…`` in place of its end if it is too long."""
    return text if len(text) <= max_chars else f"{text[: max_chars - 1]}…"


def shortened(text: str, max_chars: int) -> str:
    """Cuts a text longer than ``max_chars``, and adds how many characters are missing."""
    missing = len(text) - max_chars
    if missing <= 0:
        return text
    return f"{text[:max_chars]}… and {missing:,} more {'character' if missing == 1 else 'characters'}"
