"""Finds secrets in contents that come in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.analysis.findings.secrets.engine import find_secrets
from explorer.analysis.findings.secrets.layer_secrets import FoundSecret

_WINDOW_BYTES = 256 << 10
"""Bytes that are searched at once: with more, the screen waits for longer."""
_BEFORE_BYTES, _BEHIND_BYTES = 1 << 10, 16 << 10
"""Bytes around a window: for a name in front of a secret, and for the longest private keys."""


def blocks(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Yields pieces as fewer, larger ones."""
    waiting: list[bytes | memoryview] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        if count >= _WINDOW_BYTES:
            yield b"".join(waiting)
            waiting, count = [], 0
    if waiting:
        yield b"".join(waiting)


def secrets_in(text_blocks: Iterable[bytes], path: str) -> Iterator[FoundSecret]:
    """Yields the secrets of a content, in the order of their places."""
    for text, start, end, lines_before in _windows(text_blocks):
        for match in find_secrets(text, path):
            if start <= match.start < end:
                yield FoundSecret(match.rule.id, lines_before + match.line, match.masked)


def _windows(text_blocks: Iterable[bytes]) -> Iterator[tuple[bytes, int, int, int]]:
    """Yields texts, the range of each in which secrets begin, and the lines before it."""
    text, start, lines_before = b"", 0, 0
    for block in text_blocks:
        text += block
        while len(text) >= start + _WINDOW_BYTES + _BEHIND_BYTES:
            end = start + _WINDOW_BYTES
            yield text[: end + _BEHIND_BYTES], start, end, lines_before
            next_start = end - _BEFORE_BYTES
            lines_before += text.count(b"\n", 0, next_start)
            text, start = text[next_start:], _BEFORE_BYTES
    yield text, start, len(text), lines_before
