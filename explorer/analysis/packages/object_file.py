"""The sections of programs and shared libraries: ELF, PE and Mach-O.

Only the tables of sections are read, and parts of sections when they are asked for. Sizes in a file may be lies.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

_ELF = b"\x7fELF"
_PE = b"MZ"
_MACH_O = {
    b"\xfe\xed\xfa\xce": (">", False),
    b"\xfe\xed\xfa\xcf": (">", True),
    b"\xce\xfa\xed\xfe": ("<", False),
    b"\xcf\xfa\xed\xfe": ("<", True),
}
MAGIC_BYTES = 4
"""The bytes at the beginning that tell what a file is."""
_MAX_OFFSET = 1 << 40
"""The end of any file; larger offsets are lies, which a file on disk refuses."""
_MIN_HEADER_BYTES, _MAX_HEADER_BYTES = 28, 64
_MAX_TABLE_BYTES = 4 << 20
"""Limit for one table; programs have less than a hundred sections, and object files of templates some thousand."""
_MAX_NAME_BYTES = 64
_LOADED, _WRITABLE = 1, 2
"""The type of a loaded segment and the flag of a writable one, in ELF."""
_NO_BITS = 8
"""The type of a section without bytes in the file, in ELF."""
_EXTENDED_INDEX = 0xFFFF
_PE_SIGNATURE_OFFSET = 0x3C
_PE_WRITABLE_DATA = 0xC0000040
"""The flags of initialised data that may be read and written."""
_PE_64 = 0x20B
_SEGMENT, _SEGMENT_64 = 0x1, 0x19
"""The commands in Mach-O that load a segment."""
_READ_WRITE = 3


class Section(NamedTuple):
    """A named part of a file; a segment in formats that load these."""

    name: str
    address: int
    """Its place in memory."""
    offset: int
    size: int
    """Its bytes in the file."""
    is_data: bool = False
    """True if it is loaded and may be written."""


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """A program or shared library."""

    file: BinaryIO
    sections: tuple[Section, ...]
    segments: tuple[Section, ...]
    """The parts that are loaded into memory; in PE they are the sections."""

    def section(self, name: str) -> Section | None:
        """Returns the first section with a name."""
        return next((section for section in self.sections if section.name == name), None)

    def data_segment(self) -> Section | None:
        """Returns the first segment that may be written."""
        return next((segment for segment in self.segments if segment.is_data and segment.size), None)

    def read(self, section: Section, max_bytes: int) -> bytes:
        """Returns the beginning of a section."""
        return _read(self.file, section.offset, min(section.size, max_bytes))

    def read_memory(self, address: int, size: int) -> bytes:
        """Returns the bytes at an address, as far as one segment has them."""
        for segment in self.segments:
            into = address - segment.address
            if 0 <= into < segment.size:
                return _read(self.file, segment.offset + into, min(size, segment.size - into))
        return b""


def is_object_file(head: bytes) -> bool:
    """True if a file begins like one that can have sections."""
    return head.startswith((_ELF, _PE)) or head[:MAGIC_BYTES] in _MACH_O


def read_object_file(file: BinaryIO) -> ObjectFile | None:
    """Returns the sections of a file, or None if its tables are damaged or it is none."""
    head = _read(file, 0, _MAX_HEADER_BYTES)
    if len(head) < _MIN_HEADER_BYTES:
        return None
    try:
        if head.startswith(_ELF):
            return _read_elf(file, head)
        if head.startswith(_PE):
            return _read_pe(file, head)
        if head[:MAGIC_BYTES] in _MACH_O:
            return _read_mach_o(file, head)
    except struct.error:  # a table that is cut off
        return None
    return None


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    if not 0 <= offset < _MAX_OFFSET or size <= 0:
        return b""
    file.seek(offset)
    return file.read(size)


def _name(text: bytes, offset: int = 0) -> str:
    return text[offset : offset + _MAX_NAME_BYTES].partition(b"\0")[0].decode(errors="replace")


def _rows(file: BinaryIO, offset: int, row: struct.Struct, stride: int, count: int) -> Iterator[tuple[int, ...]]:
    """Yields the rows of a table, as far as the file has them."""
    if stride < row.size:
        return
    table = _read(file, offset, min(stride * count, _MAX_TABLE_BYTES))
    for start in range(0, len(table) - row.size + 1, stride):
        yield row.unpack_from(table, start)


def _read_elf(file: BinaryIO, head: bytes) -> ObjectFile:
    is_64, order = head[4] == 2, ">" if head[5] == 2 else "<"
    header = struct.Struct(order + ("16xHHIQQQIHHHHHH" if is_64 else "16xHHIIIIIHHHHHH")).unpack_from(head)
    segment_table, section_table = header[4:6]
    segment_stride, segment_count, section_stride, section_count, names_index = header[8:13]
    row = struct.Struct(order + ("IIQQQQIIQQ" if is_64 else "IIIIIIIIII"))
    first = next(_rows(file, section_table, row, section_stride, 1), None)
    if first:  # The first section has the counts that do not fit into the header.
        section_count = section_count or first[5]
        names_index = first[6] if names_index == _EXTENDED_INDEX else names_index
    rows = list(_rows(file, section_table, row, section_stride, section_count))
    names = b""
    if names_index < len(rows):
        names = _read(file, rows[names_index][4], min(rows[names_index][5], _MAX_TABLE_BYTES))
    sections = tuple(
        Section(_name(names, name), address, offset, 0 if kind == _NO_BITS else size)
        for name, kind, _, address, offset, size, *_ in rows
    )
    row = struct.Struct(order + ("IIQQQQQQ" if is_64 else "IIIIIIII"))
    segments = []
    for kind, *fields in _rows(file, segment_table, row, segment_stride, segment_count):
        if is_64:
            flags, offset, address, _, size = fields[:5]
        else:
            offset, address, _, size, _, flags = fields[:6]
        if kind == _LOADED:
            is_data = flags & (_WRITABLE | 1) == _WRITABLE  # Code that may be written is not meant.
            segments.append(Section("", address, offset, size, is_data))
    return ObjectFile(file, sections, tuple(segments))


def _read_pe(file: BinaryIO, head: bytes) -> ObjectFile | None:
    (start,) = struct.unpack_from("<I", head, _PE_SIGNATURE_OFFSET)
    header = _read(file, start, 64)
    if not header.startswith(b"PE\0\0"):
        return None
    count, optional_size = struct.unpack_from("<6xH12xH", header)
    (kind,) = struct.unpack_from("<H", header, 24)
    base = struct.unpack_from("<Q", header, 48)[0] if kind == _PE_64 else struct.unpack_from("<I", header, 52)[0]
    sections = []
    row = struct.Struct("<QIIIIIIHHI")
    for name, virtual_size, address, size, offset, *_, flags in _rows(file, start + 24 + optional_size, row, 40, count):
        is_data = flags & _PE_WRITABLE_DATA == _PE_WRITABLE_DATA and address != 0
        text = _name(name.to_bytes(8, "little"))
        sections.append(Section(text, base + address, offset, min(size, virtual_size or size), is_data))
    return ObjectFile(file, tuple(sections), tuple(sections))


def _read_mach_o(file: BinaryIO, head: bytes) -> ObjectFile:
    order, is_64 = _MACH_O[head[:MAGIC_BYTES]]
    count, commands_size = struct.unpack_from(order + "II", head, 16)
    commands = _read(file, 32 if is_64 else 28, min(commands_size, _MAX_TABLE_BYTES))
    segment_row = struct.Struct(order + ("8x16sQQQQIIII" if is_64 else "8x16sIIIIIIII"))
    section_row = struct.Struct(order + ("16s16xQQI24x4x" if is_64 else "16s16xIII20x4x"))
    sections, segments = list[Section](), list[Section]()
    start = 0
    for _ in range(count):
        if start + 8 > len(commands):
            break
        command, command_size = struct.unpack_from(order + "II", commands, start)
        if command == (_SEGMENT_64 if is_64 else _SEGMENT) and command_size >= segment_row.size:
            row = segment_row.unpack_from(commands, start)
            name, address, _, offset, size, _, protection, section_count, _ = row
            segments.append(Section(_name(name), address, offset, size, protection == _READ_WRITE and address != 0))
            place = start + segment_row.size
            for _ in range(min(section_count, (command_size - segment_row.size) // section_row.size)):
                section_name, section_address, section_size, section_offset = section_row.unpack_from(commands, place)
                sections.append(Section(_name(section_name), section_address, section_offset, section_size))
                place += section_row.size
        start += max(command_size, 8)
    return ObjectFile(file, tuple(sections), tuple(segments))
