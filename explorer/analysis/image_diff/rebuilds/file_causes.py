"""The causes why two versions of a file differ, found in their bytes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from explorer.analysis.image_diff.rebuilds.binary_causes import binary_causes
from explorer.analysis.image_diff.rebuilds.causes import Evidence
from explorer.analysis.image_diff.rebuilds.members import Member, Unreadable, archive_kind, members_of
from explorer.analysis.image_diff.rebuilds.text_causes import line_causes
from explorer.analysis.image_diff.rebuilds.unpacked import unpacked
from explorer.layers.frames import compression_of
from explorer.text.printable import printable
from explorer.text.units import counted, utc_time

MAX_UNPACKED_BYTES = 96 << 20
"""For both versions of one file with all archives in it."""
_MAX_DIFFERING_MEMBERS = 1_000
_MAX_COMPARED_BYTES = 16 << 20
"""For both versions of the members that differ, in one file: comparing texts takes a second for each megabyte."""
_MAX_DEPTH = 4
_MAX_JSON_BYTES = 4 << 20
_BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_BYTECODE_HEADER_BYTES = 16
_KEY_STORE, _SHA1_BYTES = b"\xfe\xed\xfe\xed", 20
"""Start of a key store of Java, and the size of its checksum at the end."""
_GZIP_HEADER_BYTES = 10
_PEM = b"-----BEGIN "


class FileCauses:
    """Finds the causes for one file, within limits for all that is packed in it."""

    def __init__(self, build_seconds: tuple[float, float] | None = None) -> None:
        """Takes the times of both builds, if they are known, in seconds since 1970."""
        self._build_seconds = build_seconds
        self._left_bytes = MAX_UNPACKED_BYTES
        self._left_compared_bytes = _MAX_COMPARED_BYTES

    def find(self, old: bytes, new: bytes) -> list[Evidence]:
        """Returns the causes; ``content`` if something stays unexplained."""
        # Without repetitions, in order.
        return list(dict.fromkeys(self._causes(old, new, 0)))

    def _causes(self, old: bytes, new: bytes, depth: int) -> Iterator[Evidence]:
        if old == new:
            return
        packed = compression_of(old[:512])
        if depth < _MAX_DEPTH and packed and packed == compression_of(new[:512]):
            yield from self._packed_causes(packed, old, new, depth)
            return
        kind = archive_kind(old)
        if depth < _MAX_DEPTH and kind and kind == archive_kind(new):
            yield from self._archive_causes(kind, old, new, depth)
        elif _is_bytecode(old) and old[:8] == new[:8]:
            yield from self._bytecode_causes(old, new)
        elif old.startswith(new[:4]) and old.startswith(_KEY_STORE):
            # The last bytes are a checksum of the others.
            end = -_SHA1_BYTES
            yield from binary_causes(old[:end], new[:end], self._build_seconds)
        elif old.startswith(_PEM) and new.startswith(_PEM):
            yield Evidence("key")
        elif _BINARY.search(old) or _BINARY.search(new):
            yield from binary_causes(old, new, self._build_seconds)
        elif _is_json_in_another_order(old, new):
            yield Evidence("order", "keys of JSON")
        else:
            yield from line_causes(old, new)

    def _packed_causes(self, kind: str, old: bytes, new: bytes, depth: int) -> Iterator[Evidence]:
        before = self._unpack(old, kind)
        after = self._unpack(new, kind) if before is not None else None
        if before is None or after is None:
            yield Evidence("content")
            return
        has_times = kind == "gzip" and old[4:8] != new[4:8]
        if has_times:
            yield Evidence("archive-time", f"gzip header: {_gzip_time(old)} and {_gzip_time(new)}")
        if before != after:
            yield from self._causes(before, after, depth + 1)
        elif not has_times or old[_GZIP_HEADER_BYTES:] != new[_GZIP_HEADER_BYTES:]:
            yield Evidence("compression", kind)

    def _unpack(self, content: bytes, kind: str) -> bytes | None:
        inside = unpacked(content, kind, self._left_bytes)
        self._left_bytes -= len(inside or b"")
        return inside

    def _archive_causes(self, kind: str, old: bytes, new: bytes, depth: int) -> Iterator[Evidence]:
        try:
            before, after = members_of(kind, old), members_of(kind, new)
        except Unreadable:
            yield Evidence("content")
            return
        old_names, new_names = [each.name for each in before], [each.name for each in after]
        if old_names != new_names:
            is_reordered = Counter(old_names) == Counter(new_names)
            yield Evidence("order", f"members of {kind}") if is_reordered else Evidence("content", f"members of {kind}")
        olds = {each.name: each for each in before}
        pairs = [(olds[each.name], each) for each in after if each.name in olds]
        evidence = [*_metadata_causes(kind, pairs), *self._member_causes(pairs, depth)]
        yield from evidence
        if not evidence and old_names == new_names:
            yield Evidence("archive-time" if kind == "zip" else "content", f"other fields of {kind}")

    def _member_causes(self, pairs: Sequence[tuple[Member, Member]], depth: int) -> Iterator[Evidence]:
        differing = 0
        for before, after in pairs:
            if before.checksum is not None and before.checksum == after.checksum:
                continue
            if min(self._left_bytes, self._left_compared_bytes) <= 0 or differing >= _MAX_DIFFERING_MEMBERS:
                yield Evidence("content", "too much to compare all members")
                return
            try:
                old, new = before.read(self._left_bytes), after.read(self._left_bytes)
            except Unreadable:
                yield Evidence("content", "a member cannot be read")
                continue
            self._left_bytes -= len(old) + len(new)
            if old != new:
                differing += 1
                self._left_compared_bytes -= len(old) + len(new)
                for cause, detail in self._causes(old, new, depth + 1):
                    yield Evidence(cause, f"{_shown(after.name)}{': ' if detail else ''}{detail}")

    def _bytecode_causes(self, old: bytes, new: bytes) -> Iterator[Evidence]:
        size = _BYTECODE_HEADER_BYTES
        if old[8:size] != new[8:size]:
            is_timed = not old[4] & 1
            yield Evidence("bytecode", _bytecode_times(old, new)) if is_timed else Evidence("content", "of the source")
        for cause, detail in binary_causes(old[size:], new[size:], self._build_seconds):
            is_path = cause in ("path", "random-name")
            yield Evidence("bytecode", "the path in which it was compiled") if is_path else Evidence(cause, detail)


def _metadata_causes(kind: str, pairs: Iterable[tuple[Member, Member]]) -> Iterator[Evidence]:
    times = [(before.time, after.time) for before, after in pairs if before.time != after.time]
    if times:
        first = f"{times[0][0]} and {times[0][1]}"
        yield Evidence("archive-time", f"{counted(len(times), 'member')} of {kind}, the first {first}")
    others = sum(before.metadata != after.metadata for before, after in pairs)
    if others:
        yield Evidence("metadata", f"{counted(others, 'member')} of {kind}")


def _is_bytecode(content: bytes) -> bool:
    return len(content) > _BYTECODE_HEADER_BYTES and content[2:4] == b"\r\n" and content[1] in range(0x0B, 0x10)


def _bytecode_times(old: bytes, new: bytes) -> str:
    before, after = (_time_at(content, 8) for content in (old, new))
    return f"source of {before} and {after}" if before != after else "sources of other sizes"


def _gzip_time(content: bytes) -> str:
    return _time_at(content, 4) if any(content[4:8]) else "none"


def _time_at(content: bytes, position: int) -> str:
    """Returns the time that four bytes state in seconds."""
    return utc_time(int.from_bytes(content[position : position + 4], "little") * 1_000_000_000)


def _is_json_in_another_order(old: bytes, new: bytes) -> bool:
    if not old.lstrip().startswith((b"{", b"[")) or max(len(old), len(new)) > _MAX_JSON_BYTES:
        return False
    try:
        return bool(json.loads(old) == json.loads(new))
    except (ValueError, RecursionError):
        return False


def _shown(name: str) -> str:
    return printable(name)[:200]
