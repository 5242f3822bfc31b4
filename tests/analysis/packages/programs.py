"""Makes programs in memory: the tables of sections of each format, without code."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import NamedTuple

BASE = 0x400000
"""The address of a program's first byte in memory."""
_DATA_OFFSET = 0x400
_ALIGNMENT = 16
_READ_WRITE_SEGMENT = 6


class Target(NamedTuple):
    """A kind of machine."""

    order: str = "<"
    is_64: bool = True


DEFAULT_TARGET = Target()
TARGETS = [Target(order, is_64) for order in "<>" for is_64 in (True, False)]


def _laid_out(sections: Mapping[str, bytes]) -> tuple[dict[str, tuple[int, int]], bytes]:
    """Returns the offset and size of each section, and the bytes of all from _DATA_OFFSET on."""
    places, body = {}, b""
    for name, content in sections.items():
        places[name] = (_DATA_OFFSET + len(body), len(content))
        body += content + bytes(-len(content) % _ALIGNMENT)
    return places, body


def elf(sections: Mapping[str, bytes], target: Target = DEFAULT_TARGET, *, has_sections: bool = True) -> bytes:
    """Returns an ELF file with one loaded segment, which may be written; it has only the segment if asked."""
    places, body = _laid_out(sections)
    order, is_64 = target
    names = b"\0" + b"".join(name.encode() + b"\0" for name in [*sections, ".shstrtab"])
    names_offset = _DATA_OFFSET + len(body)
    table_offset = names_offset + len(names)
    rows = [(0, 0, 0, 0)] + [
        (names.index(name.encode() + b"\0"), BASE + at, at, size) for name, (at, size) in places.items()
    ]
    rows.append((names.index(b".shstrtab\0"), 0, names_offset, len(names)))
    section = struct.Struct(order + ("IIQQQQIIQQ" if is_64 else "IIIIIIIIII"))
    table = b"".join(section.pack(name, 1, 0, address, at, size, 0, 0, 0, 0) for name, address, at, size in rows)
    segment = struct.Struct(order + ("IIQQQQQQ" if is_64 else "IIIIIIII"))
    place = (_DATA_OFFSET, BASE + _DATA_OFFSET, 0, len(body), len(body))
    segments = segment.pack(1, 6, *place, 0) if is_64 else segment.pack(1, *place, 6, 0)
    header = struct.Struct(order + ("4sBB10xHHIQQQIHHHHHH" if is_64 else "4sBB10xHHIIIIIHHHHHH"))
    counts = (section.size, len(rows), len(rows) - 1) if has_sections else (0, 0, 0)
    head = header.pack(
        *(b"\x7fELF", 1 + is_64, 1 + (order == ">"), 2, 0, 1, BASE, header.size, table_offset if has_sections else 0),
        *(0, header.size, segment.size, 1, *counts),
    )
    return (head + segments).ljust(_DATA_OFFSET, b"\0") + body + names + (table if has_sections else b"")


def pe(sections: Mapping[str, bytes], *, is_64: bool = True) -> bytes:
    """Returns a PE file whose sections may be written."""
    places, body = _laid_out(sections)
    optional = struct.pack("<H22xQ", 0x20B, BASE) if is_64 else struct.pack("<H26xI", 0x10B, BASE)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0, len(sections), 0, 0, 0, len(optional), 0)
    rows = b"".join(
        struct.pack("<8sIIIIIIHHI", name.encode(), size, at, size, at, 0, 0, 0, 0, 0xC0000040)
        for name, (at, size) in places.items()
    )
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + coff + optional + rows
    return head.ljust(_DATA_OFFSET, b"\0") + body


def mach_o(sections: Mapping[str, bytes], target: Target = DEFAULT_TARGET) -> bytes:
    """Returns a Mach-O file with one segment, which may be written."""
    places, body = _laid_out(sections)
    order, is_64 = target
    row = struct.Struct(order + ("16s16xQQI24x4x" if is_64 else "16s16xIII20x4x"))
    rows = b"".join(row.pack(name.encode(), BASE + at, size, at) for name, (at, size) in places.items())
    segment = struct.Struct(order + ("II16sQQQQIIII" if is_64 else "II16sIIIIIIII"))
    place = (BASE + _DATA_OFFSET, len(body), _DATA_OFFSET, len(body))
    command = segment.pack(0x19 if is_64 else 1, segment.size + len(rows), b"__DATA", *place, 3, 3, len(sections), 0)
    unknown = struct.pack(order + "II", 0x7F, 8)
    head = struct.pack(order + "I12xIII", 0xFEEDFACF if is_64 else 0xFEEDFACE, 2, len(unknown + command + rows), 0)
    return (head + (bytes(4) if is_64 else b"") + unknown + command + rows).ljust(_DATA_OFFSET, b"\0") + body
