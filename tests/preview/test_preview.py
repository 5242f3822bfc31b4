"""The preview of a file: text, encoding, hexadecimal, and how much of it shows."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.preview.preview import MAX_HEX_BYTES, MAX_LINES, hex_line, preview, printable_line
from explorer.text.printable import printable


@pytest.mark.parametrize(
    ("content", "text", "note"),
    [
        (b"one\ntwo\n", ["one", "two"], "ASCII"),
        (b"no end", ["no end"], "ASCII"),
        ("größe\n".encode(), ["größe"], "UTF-8"),
        (b"\xef\xbb\xbfx\n", ["x"], "UTF-8 with a BOM"),
        ("größe\n日本".encode("utf-16"), ["größe", "日本"], "UTF-16"),
        ("plain words\n".encode("utf-16-le"), ["plain words"], "UTF-16 LE without a BOM"),
        ("plain words\n".encode("utf-16-be"), ["plain words"], "UTF-16 BE without a BOM"),
        ("größe und mehr".encode("latin-1"), ["größe und mehr"], "not UTF-8, shown as Latin-1"),
        (b"a\r\nb\r\n", ["a", "b"], "lines end in CR LF"),
        (b"\n\nx", ["", "", "x"], "ASCII"),
    ],
)
def test_text(content: bytes, text: list[str], note: str) -> None:
    """Bytes that are text show as lines, with a note about the encoding."""
    result = preview(content, len(content))
    assert result.text == text
    assert note in result.notes


@pytest.mark.parametrize(
    "content", [b"a\0b", bytes(range(256)), b"\x80\x81\x90" * 50, b"a letter\x80" * 50, b"\xff\xfe\x00\xd8", b"\x01"]
)
def test_binary(content: bytes) -> None:
    """Bytes that are no text show in hexadecimal."""
    result = preview(content, len(content))
    assert result.text is None
    assert result.notes == ["binary"]
    assert result.hex_lines == (len(content) + 15) // 16


def test_cut_character() -> None:
    """A text that is cut off within a character is still a text, and says that it is cut."""
    content = "日本".encode()[:-1]
    result = preview(content, 5_000_000)
    assert result.text == ["日"]
    assert result.extent(is_hex=False) == "the first 5 B"
    assert preview(content, len(content)).notes != result.notes


def test_packed_text() -> None:
    """A gzipped text shows uncompressed, at most a megabyte of it."""
    result = preview(gzip.compress(b"one\ntwo\n"), 28)
    assert result.text == ["one", "two"]
    assert result.notes == ["gzip archive", "text inside: ASCII"]
    assert result.extent(is_hex=False) == ""
    large = gzip.compress(b"0123456789abcde\n" * 1_000_000)
    result = preview(large, len(large))
    assert result.text is not None
    assert len(result.text) == (1 << 20) // 16
    assert result.extent(is_hex=False) == "the first 1.0 MB, uncompressed"
    assert result.content == large
    for content in (gzip.compress(b""), gzip.compress(bytes(100)), b"\x1f\x8bnothing"):
        assert preview(content, len(content)).text is None


def test_bounds() -> None:
    """Lines and bytes that show have limits, and the preview says so."""
    result = preview(b"\n" * 200_000, 200_000)
    assert result.text is not None
    assert len(result.text) == MAX_LINES
    assert result.extent(is_hex=False) == f"the first {MAX_LINES:,} lines"
    assert result.extent(is_hex=True) == ""
    for content in (bytes(1 << 20), b"text\n" * 90_000):
        result = preview(content, len(content))
        assert result.hex_lines * 16 == MAX_HEX_BYTES
        assert result.extent(is_hex=True) == "the first 262 kB"
    assert result.extent(is_hex=False) == ""


def test_nothing_disturbs_the_terminal() -> None:
    """Escape sequences, control characters and direction marks show escaped; tabs are blanks."""
    result = preview(b"\x1b[31mred\x07\tx\x0c\n\xc2\x9b2J \xe2\x80\xae", 100)
    assert result.text == ["\\x1b[31mred\\x07 x\\x0c", "\\x9b2J \\u202e"]
    assert printable_line("a\tb\r") == "a       b"
    line = hex_line(b"\x1b[2J\xff" + bytes(12), 0)
    assert line.startswith("00000000  1b 5b 32 4a ff 00 00 00  00")
    assert line.endswith("00  ·[2J·" + "·" * 11)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes(content: bytes, is_cut: bool) -> None:
    """Any bytes give printable lines."""
    result = preview(content, len(content) + 10 * is_cut)
    for line in (
        *result.notes,
        *(result.text or ()),
        *(hex_line(content, n) for n in range(result.hex_lines)),
    ):
        assert line == printable(line)
