"""Causes in binary files."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

from explorer.analysis.image_diff.rebuilds.causes import Evidence
from explorer.analysis.image_diff.rebuilds.text_causes import MAX_LINES, text_causes
from explorer.text.units import counted

_MAX_REGIONS = 2_000
_REGION_GAP_BYTES = 8
"""Equal bytes between two differences that make them one region."""
_CONTEXT_BYTES = 64
_BLOCK_BYTES = 4_096
_MAX_DIFFERING_BLOCKS = 250
_MAX_NOTES_BYTES = 64 << 10
"""Linkers write build IDs near the start of a program."""
_MAX_BUILD_IDS = 8
_MAX_SORTED_BYTES = 1 << 20
_BUILD_SPAN_SECONDS = 2 * 86_400
"""A number this near to the time of the build is taken for a time."""
_TIME_FORMS = (("<I", 1), (">I", 1), ("<Q", 1_000), (">Q", 1_000), ("<d", 1), (">d", 1))
"""Numbers of a time: their bytes, and their count in a second."""
_TEXT = re.compile(rb"[\t\x20-\x7e]{4,4096}")
_NO_TEXT = re.compile(rb"[^\t\x20-\x7e]")
_BUILD_ID = re.compile(rb"\x04\0\0\0[\x08\x10\x14\x20]\0\0\0\x03\0\0\0GNU\0")
_GO_BUILD_ID = re.compile(
    rb"(?<=Go build ID: \")[^\"\n]{1,200}(?=\")|(?<=\x04\0\0\0\x53\0\0\0\x04\0\0\0Go\0\0).{83}", re.S
)


def binary_causes(old: bytes, new: bytes, build_seconds: tuple[float, float] | None) -> list[Evidence]:
    """Returns the causes why two binary files differ.

    ``content`` stands for a part without a known cause.

    Args:
        old: The old content.
        new: The new content.
        build_seconds: The times of both builds in seconds since 1970, if they are known.
    """
    before, after = _without_build_ids(old), _without_build_ids(new)
    causes = [Evidence("build-id")] if _zeroed(old, before) != _zeroed(new, after) else []
    if before == after:
        return causes
    if len(before) == len(after):
        causes += _causes_in_place(before, after, build_seconds)
    else:
        texts = [[match.group() for match in islice(_TEXT.finditer(each), MAX_LINES + 1)] for each in (before, after)]
        causes += text_causes(texts[0], texts[1], "text") or [Evidence("content")]
    return causes


def _zeroed(content: bytes, without_ids: bytes) -> list[int]:
    """Returns the bytes that were replaced by zeros."""
    pairs = zip(content[:_MAX_NOTES_BYTES], without_ids[:_MAX_NOTES_BYTES], strict=True)
    return [byte for byte, zero in pairs if byte != zero]


def _without_build_ids(content: bytes) -> bytes:
    """Returns a program with zeros for the build IDs of the linker and of Go."""
    if not content.startswith(b"\x7fELF"):
        return content
    head = content[:_MAX_NOTES_BYTES]
    for match in islice(_BUILD_ID.finditer(head), _MAX_BUILD_IDS):
        end = match.end() + head[match.start() + 4]
        head = head[: match.end()] + bytes(end - match.end()) + head[end:]
    for match in islice(_GO_BUILD_ID.finditer(head), _MAX_BUILD_IDS):
        head = head[: match.start()] + bytes(match.end() - match.start()) + head[match.end() :]
    return head[:_MAX_NOTES_BYTES] + content[_MAX_NOTES_BYTES:]


def _causes_in_place(old: bytes, new: bytes, build_seconds: tuple[float, float] | None) -> Iterator[Evidence]:
    """Yields the causes in two files of the same size."""
    regions = _differing_regions(old, new)
    if not regions:
        # There are too many.
        yield Evidence("order", "bytes") if _has_same_bytes(old, new) else Evidence("content")
        return
    old_texts, new_texts, unexplained, times = [], [], False, 0
    for start, end in regions:
        text = _text_around(old, new, start, end)
        if text is not None:
            old_texts.append(text[0])
            new_texts.append(text[1])
        elif build_seconds is not None and _is_time(old, new, start, end, build_seconds):
            times += 1
        else:
            unexplained = True
    if times:
        yield Evidence("date", f"{counted(times, 'number')} near the time of the build, in seconds since 1970")
    causes = text_causes(old_texts, new_texts, "text")
    if (unexplained or Evidence("content") in causes) and _has_same_bytes(old, new):
        yield Evidence("order", "bytes")
        return
    yield from causes
    if unexplained and Evidence("content") not in causes:
        yield Evidence("content")


def _differing_regions(old: bytes, new: bytes) -> list[tuple[int, int]]:
    """Returns start and end of the parts that differ; nothing if there are too many."""
    starts = range(0, len(old), _BLOCK_BYTES)
    blocks = [start for start in starts if old[start : start + _BLOCK_BYTES] != new[start : start + _BLOCK_BYTES]]
    if len(blocks) > _MAX_DIFFERING_BLOCKS:
        return []
    regions: list[tuple[int, int]] = []
    for start in blocks:
        before, after = old[start : start + _BLOCK_BYTES], new[start : start + _BLOCK_BYTES]
        for at, (one, other) in enumerate(zip(before, after, strict=True), start):
            if one == other:
                continue
            if regions and at - regions[-1][1] < _REGION_GAP_BYTES:
                regions[-1] = (regions[-1][0], at + 1)
            else:
                regions.append((at, at + 1))
        if len(regions) > _MAX_REGIONS:
            return []
    return regions


def _text_around(old: bytes, new: bytes, start: int, end: int) -> tuple[bytes, bytes] | None:
    """Returns the texts that have a difference; None if it is not in a text."""
    if _NO_TEXT.search(old, start, end) or _NO_TEXT.search(new, start, end):
        return None
    low = max(0, start - _CONTEXT_BYTES)
    breaks = [match.end() for match in _NO_TEXT.finditer(old, low, start)]
    first = breaks[-1] if breaks else low
    stop = _NO_TEXT.search(old, end, end + _CONTEXT_BYTES)
    last = stop.start() if stop else min(len(old), end + _CONTEXT_BYTES)
    return old[first:last], new[first:last]


def _is_time(old: bytes, new: bytes, start: int, end: int, build_seconds: tuple[float, float]) -> bool:
    """True if a difference is in a number near the time of the build."""
    for at in range(max(0, end - 8), start + 1):
        for form, unit in _TIME_FORMS:
            if at + struct.calcsize(form) < end or at + struct.calcsize(form) > len(old):
                continue
            times = (struct.unpack_from(form, content, at)[0] / unit for content in (old, new))
            if all(abs(time - built) < _BUILD_SPAN_SECONDS for time, built in zip(times, build_seconds, strict=True)):
                return True
    return False


def _has_same_bytes(old: bytes, new: bytes) -> bool:
    """True if two small files have the same bytes in another order."""
    return len(old) == len(new) <= _MAX_SORTED_BYTES and all(old.count(byte) == new.count(byte) for byte in range(256))
