"""Bytes in, what to show out: text with its encoding, or a description and the bytes in hexadecimal."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.preview.file_type import gunzipped, type_description
from explorer.text.printable import printable
from explorer.text.units import size

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINES = 100_000
MAX_HEX_BYTES = 256 << 10
"""Bytes that are shown in hexadecimal."""
_TAB = 8
_BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text has. Those that move cursors or start escape sequences do stand in texts: logs, man pages."""
_LOOKED_AT = 64 << 10


@dataclass(frozen=True, slots=True)
class Preview:
    """What to show of some bytes."""

    notes: Sequence[str]
    """What they are; printable."""
    text: Sequence[str] | None
    """Lines, printable; None where the bytes are no text."""
    content: bytes
    """The bytes that were looked at."""
    size: int
    """Of the whole file."""

    is_cut_at_lines: bool = False
    """Whether the text has more lines than these."""
    unpacked: int | None = None
    """Bytes of the text, where that is packed in the content; None where the content is the text itself."""
    is_cut_inside: bool = False
    """Whether more is packed there than these bytes."""
    ends_in_newline: bool = True
    """Whether the last line of the text is a whole one."""

    @property
    def hex_lines(self) -> int:
        """Number of lines in hexadecimal."""
        return (min(len(self.content), MAX_HEX_BYTES) + 15) // 16

    def extent(self, *, is_hex: bool) -> str:
        """How much of the file is shown, as text or in hexadecimal; empty for all of it."""
        if not is_hex and self.text is not None and self.is_cut_at_lines:
            return f"the first {len(self.text):,} lines"
        if not is_hex and self.unpacked is not None:
            return f"the first {size(self.unpacked)} of what is inside" if self.is_cut_inside else ""
        shown = min(len(self.content), MAX_HEX_BYTES) if is_hex else len(self.content)
        return f"the first {size(shown)}" if shown < self.size else ""


def preview(content: bytes, whole: int) -> Preview:
    """What to show of a file of ``whole`` bytes that begins with ``content``."""
    notes = type_description(content)
    packed = gunzipped(content)
    if packed is not None and not packed[0]:
        packed = None
    inside, is_cut = packed or (content, len(content) < whole)
    decoded = decode(inside, is_cut=is_cut)
    if decoded is None:
        return Preview(notes or ["binary"], None, content, whole)
    text, encoding = decoded
    lines, left_out = _lines(text)
    notes.append(f"text inside: {encoding}" if packed else encoding)
    if "\r\n" in text[:_LOOKED_AT]:
        notes.append("lines end in CR LF")
    return Preview(
        notes,
        lines,
        content,
        whole,
        is_cut_at_lines=left_out,
        unpacked=len(inside) if packed else None,
        is_cut_inside=is_cut,
        ends_in_newline=text.endswith("\n") or not text,
    )


def decode(content: bytes, *, is_cut: bool) -> tuple[str, str] | None:
    """The text that the bytes are, and its encoding for people; None where they are no text."""
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            text = _decoded(content[len(mark) :], codec, is_cut)
            return (text, name) if text is not None else None
    guessed = _without_mark(content)
    if guessed is not None:
        text = _decoded(content, guessed, is_cut)
        if text is not None and not _BINARY.search(text[:_LOOKED_AT].encode("utf-8", "replace")):
            return text, f"{guessed.upper().replace('-LE', ' LE').replace('-BE', ' BE')} without a mark"
    if _BINARY.search(content):
        return None
    text = _decoded(content, "utf-8", is_cut)
    if text is not None:
        return text, "ASCII" if text.isascii() else "UTF-8"
    # Latin-1 has no letters from 80 to 9f: many of these are something else.
    odd = len(re.findall(rb"[\x7f-\x9f]", content[:_LOOKED_AT]))
    if odd * 20 > min(len(content), _LOOKED_AT):
        return None
    return content.decode("latin-1"), "not UTF-8, shown as Latin-1"


_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a mark"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


def _decoded(content: bytes, codec: str, is_cut: bool) -> str | None:
    """The text; the last character may be incomplete where the content is cut off. None where it is not this codec."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(content, final=not is_cut)
    except UnicodeDecodeError:
        return None


def _without_mark(content: bytes) -> str | None:
    """UTF-16 of mostly ASCII, which has a zero in every other byte."""
    head = content[:_LOOKED_AT]
    half = len(head) // 2
    if half < 8:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > half * 0.7 and even < half * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.7 and odd < half * 0.05 else None


def _lines(text: str) -> tuple[list[str], bool]:
    """The lines as they are shown, and whether some are left out."""
    lines = text.split("\n", MAX_LINES)
    left_out = len(lines) > MAX_LINES
    if left_out or not lines[-1]:
        lines.pop()
    return [printable_line(line) for line in lines], left_out


def printable_line(line: str) -> str:
    """A line as it is shown: tabs as blanks, what disturbs a terminal escaped."""
    line = line.removesuffix("\r")
    if "\t" not in line:
        return printable(line)
    return "\t".join(map(printable, line.split("\t"))).expandtabs(_TAB)


def hex_line(content: bytes, number: int) -> tuple[str, str, str]:
    """Offset, bytes and characters of the line ``number`` of a file in hexadecimal."""
    start = number * 16
    part = content[start : start + 16]
    left, right = part[:8].hex(" "), part[8:].hex(" ")
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in part)
    return f"{start:08x}", f"{left:<23}  {right:<23}", text
