"""File types, recognized by the first bytes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from itertools import islice

from explorer.layers.tar import headers
from explorer.text.printable import printable
from explorer.text.units import counted, size

_MAX_MEMBERS = 20
_MAX_UNPACKED_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"
_MACHINES = {
    3: "x86",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC 64",
    22: "S/390",
    40: "ARM",
    62: "x86-64",
    183: "ARM 64",
    243: "RISC-V",
    247: "BPF",
    258: "LoongArch",
}
_ELF_TYPES = {1: "object file", 2: "program", 3: "shared object or program", 4: "core dump"}
_NAMED = (
    (b"SQLite format 3\0", "SQLite database"),
    (b"\xca\xfe\xba\xbe", "Java class, or Mach-O program for several machines"),
    (b"\0asm", "WebAssembly module"),
    (b"%PDF-", "PDF document"),
    (b"MZ", "Windows program"),
    (b"\xcf\xfa\xed\xfe", "Mach-O program"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ\0", "xz archive"),
    (b"\x28\xb5\x2f\xfd", "zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"!<arch>\ndebian-binary", "Debian package"),
    (b"!<arch>\n", "ar archive of object files"),
    (b"\xed\xab\xee\xdb", "RPM package"),
    (b"\x00\x01\x00\x00\x00", "TrueType font"),
    (b"OTTO", "OpenType font"),
    (b"wOF2", "web font"),
    (b"\xde\x12\x04\x95", "message catalogue"),
    (b"TZif", "time zone"),
    (b"-----BEGIN ", "PEM: a key or certificate"),
    (b"RIFF", "RIFF: sound, film or WebP picture"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 data"),
    (b"\x93NUMPY", "NumPy array"),
    (b"PAR1", "Parquet table"),
)


def type_description(content: bytes) -> list[str]:
    """Returns a file's type from its first bytes: printable lines, none if unknown."""
    for start, describe in _DESCRIBED:
        if content.startswith(start):
            try:
                return describe(content)
            except (ValueError, struct.error, IndexError, OverflowError):
                return []
    if headers.has_magic(content):
        return ["tar archive", *_tar_members(content)]
    if len(content) > 16 and content[2:4] == b"\r\n" and content[1] in range(0x0B, 0x10):
        return ["compiled Python"]
    return [name for start, name in _NAMED if content.startswith(start)][:1]


def _elf(content: bytes) -> list[str]:
    bits = {1: "32-bit", 2: "64-bit"}[content[4]] if content[4] in (1, 2) else "?"
    order = ">" if content[5] == 2 else "<"
    kind, machine = struct.unpack_from(f"{order}HH", content, 16)
    words = f"ELF {bits} {_ELF_TYPES.get(kind, 'file')}, {_MACHINES.get(machine, f'machine {machine}')}"
    loader = next((part for part in (b"/lib64/ld-", b"/lib/ld-") if part in content[:8192]), None)
    if loader is not None:
        start = content.index(loader)
        words += f", loaded by {printable(content[start : start + 64].split(bytes(1))[0].decode('latin-1'))}"
    return [words]


def _png(content: bytes) -> list[str]:
    width, height = struct.unpack_from(">II", content, 16)
    return [f"PNG picture, {width:,} × {height:,}"]


def _gif(content: bytes) -> list[str]:
    width, height = struct.unpack_from("<HH", content, 6)
    return [f"GIF picture, {width:,} × {height:,}"]


def _jpeg(content: bytes) -> list[str]:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            return [f"JPEG picture, {width:,} × {height:,}"]
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return ["JPEG picture"]


def gunzip(content: bytes) -> tuple[bytes, bool] | None:
    """Returns the first megabyte inside, and True if there is more; None if not gzip."""
    if not content.startswith(_GZIP):
        return None
    decompressor = zlib.decompressobj(31)
    try:
        unpacked = decompressor.decompress(content, _MAX_UNPACKED_BYTES)
    except zlib.error:
        return None
    return unpacked, not decompressor.eof


def _gzip(content: bytes) -> list[str]:
    unpacked = gunzip(content)
    if unpacked is None:
        return ["gzip archive, damaged"]
    head, _ = unpacked
    if headers.has_magic(head):
        return ["gzip archive of a tar", *_tar_members(head)]
    return ["gzip archive"]


def _tar_members(content: bytes) -> list[str]:
    """Lines for the first members, from the header reader that bounds hostile tars."""
    members = []
    # Members before the damage are kept.
    with suppress(headers.TarError):
        archive = headers.Members(lambda offset, size: content[offset : offset + size])
        for member in islice(archive, _MAX_MEMBERS + 1):
            members.append((member.name, member.size))  # noqa: PERF401
    return _member_lines(members)


def _zip(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        return ["zip archive"]
    name = "JAR or zip archive" if any(info.filename.startswith("META-INF/") for info in infos[:50]) else "zip archive"
    lines = _member_lines([(info.filename, info.file_size) for info in infos[: _MAX_MEMBERS + 1]])
    return [f"{name}, {counted(len(infos), 'member')}", *lines]


def _member_lines(members: list[tuple[str, int]]) -> list[str]:
    lines = [f"  {size(max(bytes_, 0)):>7}  {printable(name)[:200]}" for name, bytes_ in members[:_MAX_MEMBERS]]
    return [*lines, "  …"] if len(members) > _MAX_MEMBERS else lines


_DESCRIBED: tuple[tuple[bytes, Callable[[bytes], list[str]]], ...] = (
    (b"\x7fELF", _elf),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"\xff\xd8\xff", _jpeg),
    (_GZIP, _gzip),
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
)
