"""What is shown of some bytes, and what differs between two of them: pure functions."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.preview.file_type import type_description
from explorer.preview.highlighting import highlights
from explorer.preview.preview import MAX_HEX_BYTES, MAX_LINES, hex_line, preview, printable_line
from explorer.preview.text_diff import NO_NEWLINE, steps, unified_diff
from explorer.preview.versions import file_version_at, file_versions, link_target, utc_time
from explorer.text.printable import printable
from explorer.tui.viewer.text_rows import MAX_LINE_CHARS, Match, TextRow, find_matches, unwrapped_rows, wrapped_rows
from tests.images import file, layer, merged, symlink, tar_of, whiteout

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.layers.tree import Node, Tree

# Text or not


@pytest.mark.parametrize(
    ("content", "text", "note"),
    [
        (b"one\ntwo\n", ["one", "two"], "ASCII"),
        (b"no end", ["no end"], "ASCII"),
        ("größe\n".encode(), ["größe"], "UTF-8"),
        (b"\xef\xbb\xbfx\n", ["x"], "UTF-8 with a mark"),
        ("größe\n日本".encode("utf-16"), ["größe", "日本"], "UTF-16"),
        ("plain words\n".encode("utf-16-le"), ["plain words"], "UTF-16 LE without a mark"),
        ("plain words\n".encode("utf-16-be"), ["plain words"], "UTF-16 BE without a mark"),
        ("größe und mehr".encode("latin-1"), ["größe und mehr"], "not UTF-8, shown as Latin-1"),
        (b"a\r\nb\r\n", ["a", "b"], "lines end in CR LF"),
        (b"\n\nx", ["", "", "x"], "ASCII"),
    ],
)
def test_text(content: bytes, text: list[str], note: str) -> None:
    """Text is told from its bytes, and how it was read is said."""
    found = preview(content, len(content))
    assert found.text == text
    assert note in found.notes


@pytest.mark.parametrize("content", [b"a\0b", bytes(range(256)), b"\x80\x81\x90" * 50, b"\xff\xfe\x00\xd8", b"\x01"])
def test_binary(content: bytes) -> None:
    """What is no text shows in hexadecimal."""
    found = preview(content, len(content))
    assert found.text is None
    assert found.notes == ["binary"]
    assert found.hex_lines == (len(content) + 15) // 16


def test_cut_character() -> None:
    """A text that is cut off within a character is a text all the same, and said to be cut off."""
    content = "日本".encode()[:-1]
    found = preview(content, 5_000_000)
    assert found.text == ["日"]
    assert found.extent(is_hex=False) == "the first 5 B"
    assert preview(content, len(content)).notes != found.notes


def test_packed_text() -> None:
    """A text that gzip packed is shown, with what it is packed in; at most a megabyte of it is unpacked."""
    found = preview(gzip.compress(b"one\ntwo\n"), 28)
    assert found.text == ["one", "two"]
    assert found.notes == ["gzip archive", "text inside: ASCII"]
    assert found.extent(is_hex=False) == ""
    large = gzip.compress(b"0123456789abcde\n" * 1_000_000)
    found = preview(large, len(large))
    assert found.text is not None
    assert len(found.text) == (1 << 20) // 16
    assert found.extent(is_hex=False) == "the first 1.0 MB of what is inside"
    assert found.content == large
    for content in (gzip.compress(b""), gzip.compress(bytes(100)), b"\x1f\x8bnothing"):
        assert preview(content, len(content)).text is None


def test_bounds() -> None:
    """Lines and bytes that show have bounds, which are told."""
    found = preview(b"\n" * 200_000, 200_000)
    assert found.text is not None
    assert len(found.text) == MAX_LINES
    assert found.extent(is_hex=False) == f"the first {MAX_LINES:,} lines"
    assert found.extent(is_hex=True) == ""
    for content in (bytes(1 << 20), b"text\n" * 90_000):
        found = preview(content, len(content))
        assert found.hex_lines * 16 == MAX_HEX_BYTES
        assert found.extent(is_hex=True) == "the first 262 kB"
    assert found.extent(is_hex=False) == ""


def test_nothing_disturbs_the_terminal() -> None:
    """Escape sequences, controls and odd directions show escaped; tabs are blanks."""
    found = preview(b"\x1b[31mred\x07\tx\x0c\n\xc2\x9b2J \xe2\x80\xae", 100)
    assert found.text == ["\\x1b[31mred\\x07 x\\x0c", "\\x9b2J \\u202e"]
    assert printable_line("a\tb\r") == "a       b"
    offset, bytes_, characters = hex_line(b"\x1b[2J\xff" + bytes(12), 0)
    assert (offset, characters) == ("00000000", "·[2J·" + "·" * 11)
    assert bytes_.startswith("1b 5b 32 4a ff 00 00 00  00")


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes(content: bytes, is_cut: bool) -> None:
    """Whatever the bytes, all that shows is printable."""
    found = preview(content, len(content) + 10 * is_cut)
    for line in (*found.notes, *(found.text or ()), *("".join(hex_line(content, n)) for n in range(found.hex_lines))):
        assert line == printable(line)


# What it is


def elf(machine: int = 62, kind: int = 3) -> bytes:
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", kind, machine)
    return head + bytes(100) + b"/lib64/ld-linux.so.2\0"


def zipped(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 30)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (elf(), "ELF 64-bit shared object or program, x86-64, loaded by /lib64/ld-linux.so.2"),
        (elf(183, 2), "ELF 64-bit program, ARM 64"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480), "PNG picture, 640 × 480"),
        (b"GIF89a" + struct.pack("<HH", 10, 20), "GIF picture, 10 × 20"),
        (b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08" + struct.pack(">HH", 7, 9) + bytes(9), "JPEG picture, 9 × 7"),
        (gzip.compress(b"x" * 100), "gzip archive"),
        (gzip.compress(tar_of({"in/it": b"12345"})), "gzip archive of a tar"),
        (gzip.compress(tar_of({"in/it": b"12345"})), "  5 B  in/it"),
        (tar_of({"in/it": b"12345"}), "tar archive"),
        (zipped("a", "META-INF/x"), "JAR or zip archive, 2 members"),
        (zipped("a"), "zip archive, 1 member"),
        (zipped("a\x1b"), "a\\x1b"),
        (b"SQLite format 3\0" + bytes(100), "SQLite database"),
        (b"\xa7\x0d\x0d\x0a" + bytes(20), "compiled Python"),
        (b"\x1f\x8bnothing", "gzip archive, damaged"),
        (b"PK\x03\x04nothing", "zip archive"),
    ],
    # Some hold the time at which they were made.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_recognized(content: bytes, words: str) -> None:
    """What many files are is told by their first bytes."""
    assert words in "\n".join(type_description(content))


def test_many_members() -> None:
    """Of an archive the first members are named, and that there are more."""
    found = type_description(tar_of({f"file{number}": b"" for number in range(50)}))
    assert len(found) == 22
    assert found[-1].strip() == "…"


STARTS = [elf(), b"\x89PNG\r\n\x1a\n", b"GIF8", b"\xff\xd8\xff\xe0", b"\x1f\x8b\x08", b"PK\x03\x04"]


@given(st.sampled_from(STARTS), st.binary(max_size=80))
def test_damaged(start: bytes, rest: bytes) -> None:
    """Nothing that looks like a known kind of file can do any harm."""
    for length in (3, 8, 20, len(start)):
        assert all(isinstance(line, str) for line in type_description(start[:length] + rest))


# Colours


def test_highlights() -> None:
    """Known kinds of text are coloured by name or first line, as they are shown; others are not."""
    found = highlights("x.py", ["import os", 'x = """two', 'lines"""'])
    assert (0, 6, "keyword") in found[0]
    assert any(style == "string" for _, _, style in found[2])
    assert highlights("script", ["#!/usr/bin/env python3.11", "import os"])[1][0] == (0, 6, "keyword")
    assert highlights("README", ["import os"]) == {}
    assert highlights("x.txt", ["import os"]) == {}
    assert highlights("empty.py", []) == {}


def test_highlights_have_bounds() -> None:
    """Of a long text the beginning is coloured; a minified one is not."""
    found = highlights("x.py", ["import os"] * 100_000)
    assert 1000 < len(found) < 20_000
    assert highlights("x.js", ["var a=1;" * 10_000]) == {}


# Rows and matches


def test_wrapped() -> None:
    """A line that is too wide takes several rows; wide characters are not cut in two."""
    lines = ["abcdefgh", "", "日本語名前"]
    assert wrapped_rows(lines, 4) == [
        TextRow(0, 0, 4),
        TextRow(0, 4, 8),
        TextRow(1, 0, 0),
        TextRow(2, 0, 2),
        TextRow(2, 2, 4),
        TextRow(2, 4, 5),
    ]
    assert unwrapped_rows(["x" * 20_000])[0] == TextRow(0, 0, MAX_LINE_CHARS)


@given(st.lists(st.text("ab日 é", max_size=30), max_size=8), st.integers(2, 12))
def test_wrapped_is_all(lines: list[str], width: int) -> None:
    """Rows in a line hold all of it, in order."""
    rows = wrapped_rows(lines, width)
    assert ["".join(lines[n][a:b] for m, a, b in rows if m == n) for n in range(len(lines))] == lines


def test_matches() -> None:
    """A text in small letters is found in any; one with a capital as it is; nothing in it is a pattern."""
    lines = ["Error: none", "an error (a.b)", "axb"]
    assert find_matches(lines, "error") == [Match(0, 0, 5), Match(1, 3, 8)]
    assert find_matches(lines, "Error") == [Match(0, 0, 5)]
    assert find_matches(lines, "a.b") == [Match(1, 10, 13)]
    assert find_matches(lines, "") == []


# Differences

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "x y"]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(LINES, LINES, st.booleans())
def test_steps_lead_from_one_to_the_other(old: list[str], new: list[str], padded: bool) -> None:
    """The steps of a difference, one after the other, are both texts without gaps."""
    if padded:
        old = [*map(str, range(150)), *old, *map(str, range(300, 450))]
        new = [*map(str, range(20, 150)), *new, *map(str, range(300, 470))]
    found = steps(old, new)
    a = c = 0
    for step in found:
        assert (step.old_start, step.new_start) == (a, c)
        a, c = step.old_end, step.new_end
        assert not step.same or old[step.old_start : a] == new[step.new_start : c]
    assert (a, c) == (len(old), len(new))
    assert bool(unified_diff(old, new)) == (old != new)


def test_unified() -> None:
    """A hunk has three lines around what differs, and says where it is; what is close together is one hunk."""
    old = [f"line {number}" for number in range(30)]
    new = [*old[:10], "new", *old[11:13], *old[14:29], "last"]
    assert unified_diff(old, new) == [
        "@@ -8,10 +8,9 @@",
        "  line 7",
        "  line 8",
        "  line 9",
        "− line 10",
        "+ new",
        "  line 11",
        "  line 12",
        "− line 13",
        "  line 14",
        "  line 15",
        "  line 16",
        "@@ -27,4 +26,4 @@",
        "  line 26",
        "  line 27",
        "  line 28",
        "− line 29",
        "+ last",
    ]
    assert unified_diff(["a", "b" + NO_NEWLINE], ["A", "b"]) == [
        "@@ -1,2 +1,2 @@",
        "− a",
        "− b",
        "\\ No newline at end of file",
        "+ A",
        "+ b",
    ]
    assert unified_diff([], ["a"]) == ["@@ -0,0 +1,1 @@", "+ a"]
    assert unified_diff(["a"], []) == ["@@ -1,1 +0,0 @@", "− a"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([str(number) for number in range(20_000)], [str(number) for number in reversed(range(20_000))]),
        (["a", "b"] * 10_000, ["b", "b", "a"] * 6_600),
        ([""] * 20_000, ["x"] * 20_000),
        ([str(number % 5000) for number in range(20_000)], [str(number % 4999) for number in range(20_000)]),
    ],
)
def test_no_text_takes_long(old: list[str], new: list[str]) -> None:
    """The most lines there can be, in whatever order, are compared in a time that nobody minds."""
    begin = time.perf_counter()
    steps(old, new)
    assert time.perf_counter() - begin < 5


# Which version


def at(tree: Tree, path: str) -> Node:
    found = tree.find(path)
    assert found is not None
    return found


def test_subject() -> None:
    """At its layer a path is itself; where it was removed, what it was; of a directory there is nothing to read."""
    tree = merged(layer(file("d/a", b"1")), layer(whiteout("d/a")), layer(file("d/a", b"23")), layer(whiteout("d")))
    node = at(tree, "d/a")
    for point, size in [(0, 1), (1, 1), (2, 2), (3, 2)]:
        subject = file_version_at(node, point, point - 1)
        assert subject is not None
        assert subject.entry.size == size
    assert file_version_at(at(tree, "d"), 0, -1) is None
    assert [each.layer for each in file_versions(node)] == [0, 2]


def test_links_lead_within_the_image() -> None:
    """A link is followed as in a container: absolute, relative, over other links, never above the root."""
    tree = merged(
        layer(
            file("usr/bin/x"),
            symlink("bin", "usr/bin"),
            symlink("etc/a", "../../../bin/./x"),
            symlink("etc/b", "/etc/a"),
            symlink("etc/loop", "loop"),
            symlink("etc/none", "nothing"),
        )
    )
    wanted = at(tree, "usr/bin/x")
    for path in ("etc/a", "etc/b"):
        node = at(tree, path)
        entry = node.entry_at(0)
        assert entry is not None
        assert link_target(tree, node, entry.link, 0) is wanted
    assert link_target(tree, at(tree, "etc/loop"), "loop", 0) is None
    assert link_target(tree, at(tree, "etc/none"), "nothing", 0) is None
    assert link_target(tree, at(tree, "etc/none"), "..", 0) is tree.root


def test_moment() -> None:
    """Times that are no dates are shown all the same."""
    assert utc_time(1_700_000_000_000_000_000) == "2023-11-14 22:13:20"
    assert utc_time(2**70) == f"{2**70 // 10**9} s after 1970"
    assert utc_time(-(2**70)).endswith("s after 1970")


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("headers", [30_000, 1])
def test_a_hostile_tar_is_described_at_once(compress: Callable[[bytes], bytes], headers: int) -> None:
    """A tar of vast or very many extension headers takes no time, and can still be looked at."""
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 900_000 // headers
    tar = (member.tobuf(tarfile.USTAR_FORMAT) + b"1" * member.size).ljust(1024, b"1") * min(headers, 900)
    began = time.process_time()
    assert any("tar" in line or "gzip" in line for line in type_description(compress(tar)))
    assert time.process_time() - began < 2
