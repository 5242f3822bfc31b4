"""Preview of a file: its text, or its type and its bytes in hexadecimal."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.preview.file_type import gunzip, type_description
from explorer.text.printable import printable
from explorer.text.units import size

MAX_LINES = 100_000
MAX_HEX_BYTES = 256 << 10
_TAB_CELLS = 8
_BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text has. Texts do have those that move the cursor or start an escape sequence: logs, man pages."""
_SAMPLE_BYTES = 64 << 10
"""Bytes from the start that tell the encoding and the line ends."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first bytes of a file, prepared for display."""

    notes: Sequence[str]
    """Type and encoding; printable."""
    text: Sequence[str] | None
    """Lines, printable; None if the bytes are no text."""
    content: bytes
    size: int
    """Bytes of the whole file."""

    text_extent: str = ""
    """The part of the text that shows, for people; empty for all of it."""
    is_packed: bool = False
    """True if the content is gzip, and the text is inside."""
    ends_in_newline: bool = True

    @property
    def hex_lines(self) -> int:
        """Number of lines in hexadecimal."""
        return (min(len(self.content), MAX_HEX_BYTES) + 15) // 16

    def extent(self, *, is_hex: bool) -> str:
        """The part of the file that shows, for people; empty for the whole file."""
        if not is_hex:
            return self.text_extent
        shown = min(len(self.content), MAX_HEX_BYTES)
        return f"the first {size(shown)}" if shown < self.size else ""


def preview(content: bytes, whole: int) -> Preview:
    """Returns the preview of a file of ``whole`` bytes that begins with ``content``."""
    notes = type_description(content)
    unpacked = gunzip(content)
    is_packed = unpacked is not None and bool(unpacked[0])
    inside, is_cut = unpacked if unpacked is not None and is_packed else (content, len(content) < whole)
    decoded = _decode(inside, is_cut=is_cut)
    if decoded is None:
        return Preview(notes or ["binary"], None, content, whole)
    text, encoding = decoded
    lines, is_cut_at_lines = _lines(text)
    notes.append(f"text inside: {encoding}" if is_packed else encoding)
    if "\r\n" in text[:_SAMPLE_BYTES]:
        notes.append("lines end in CR LF")
    extent = ""
    if is_cut_at_lines:
        extent = f"the first {len(lines):,} lines"
    elif is_cut:
        extent = f"the first {size(len(inside))}{', uncompressed' if is_packed else ''}"
    return Preview(notes, lines, content, whole, extent, is_packed, ends_in_newline=text.endswith("\n") or not text)


def _decode(content: bytes, *, is_cut: bool) -> tuple[str, str] | None:
    """Text and encoding of some bytes; None if they are no text."""
    for mark, codec, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            text = _decode_as(codec, content[len(mark) :], is_cut)
            return (text, name) if text is not None else None
    order = _utf16_order(content)
    if order:
        text = _decode_as(f"utf-16-{order}", content, is_cut)
        if text is not None and not _BINARY.search(text[:_SAMPLE_BYTES].encode("utf-8", "replace")):
            return text, f"UTF-16 {order.upper()} without a BOM"
    if _BINARY.search(content):
        return None
    text = _decode_as("utf-8", content, is_cut)
    if text is not None:
        return text, "ASCII" if text.isascii() else "UTF-8"
    # Because Latin-1 has no letters from 80 to 9f, content with many of these bytes is something else.
    unlikely = len(re.findall(rb"[\x7f-\x9f]", content[:_SAMPLE_BYTES]))
    if unlikely * 20 > min(len(content), _SAMPLE_BYTES):
        return None
    return content.decode("latin-1"), "not UTF-8, shown as Latin-1"


_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a BOM"),
    # Begins with the mark of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


def _decode_as(codec: str, content: bytes, is_cut: bool) -> str | None:
    """Text in an encoding, maybe cut within a character; None if it is another one."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(content, final=not is_cut)
    except UnicodeDecodeError:
        return None


def _utf16_order(content: bytes) -> str:
    """Byte order of UTF-16 that is mostly ASCII, by its zeros; empty if it is not."""
    head = content[:_SAMPLE_BYTES]
    half = len(head) // 2
    if half < 8:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > half * 0.7 and even < half * 0.05:
        return "le"
    return "be" if even > half * 0.7 and odd < half * 0.05 else ""


def _lines(text: str) -> tuple[list[str], bool]:
    """Printable lines, and True if some are left out."""
    lines = text.split("\n", MAX_LINES)
    is_cut = len(lines) > MAX_LINES
    if is_cut or not lines[-1]:
        lines.pop()
    return [printable_line(line) for line in lines], is_cut


def printable_line(line: str) -> str:
    """Makes a line printable, with its tabs as blanks."""
    line = line.removesuffix("\r")
    if "\t" not in line:
        return printable(line)
    return "\t".join(map(printable, line.split("\t"))).expandtabs(_TAB_CELLS)


def hex_line(content: bytes, number: int) -> str:
    """Returns offset, bytes and characters of a line in hexadecimal."""
    start = number * 16
    part = content[start : start + 16]
    left, right = part[:8].hex(" "), part[8:].hex(" ")
    characters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in part)
    return f"{start:08x}  {left:<23}  {right:<23}  {characters}"
