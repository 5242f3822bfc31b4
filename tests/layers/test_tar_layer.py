"""Indexing a layer: compression, fingerprints, digests, damage and progress."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import Cancelled, UnreadableLayer
from explorer.layers import layer_builder, read_budget
from explorer.layers.fingerprints import fingerprint
from explorer.layers.read_budget import ReadBudget
from explorer.layers.streams import FileRange
from explorer.layers.tar import headers
from explorer.layers.tar_layer import AbsentLayer, TarLayer
from explorer.model import Entry, Kind
from tests.images import (
    content_of,
    digest,
    file,
    gzipped,
    hardlink,
    index_layer,
    indexed,
    layer,
    opaque,
    ranged,
    symlink,
    whiteout,
    zstded,
)


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_compression_makes_no_difference(compress: Callable[[bytes], bytes]) -> None:
    """The index of a layer does not depend on its compression, except for the fingerprints."""
    data = layer(
        file("a", b"x" * 3_000_000),
        hardlink("b", "a"),
        file("a"),
        symlink("s", "a"),
        whiteout("gone"),
        opaque("d"),
        file("../x", b"yy"),
    )
    plain, streamed = indexed(data), indexed(compress(data))
    assert streamed.fingerprints
    for field in ("entries", "superseded", "whiteouts", "opaques", "sparse", "problems"):
        assert getattr(streamed, field) == getattr(plain, field)


def test_fingerprints_tell_contents_apart() -> None:
    """Two fingerprints of a compressed layer are equal if and only if the contents are."""
    index = indexed(gzipped(layer(file("a", b"same"), file("b", b"same"), file("c", b"sane"), file("e"))))
    prints = {entry.path: index.fingerprints.get(entry.inode) for entry in index.entries}
    assert prints["a"] == prints["b"] == fingerprint([b"sa", b"me"], 4)
    assert prints["a"] != prints["c"]
    assert prints["e"] is None


def test_fingerprint_of_a_sparse_file() -> None:
    """The fingerprint of a sparse file counts holes as zeros."""
    assert fingerprint([b"abcdef"], 100_000, ((10, 4), (90_000, 2))) == fingerprint(
        [bytes(10), b"abcd", bytes(89_986), b"ef", bytes(9_998)], 100_000
    )


def test_holes_cost_little() -> None:
    """The hashed zeros of holes are limited in proportion to the stored bytes."""
    hole = 60 << 20
    stored = bytes(1 << 20)
    dense = fingerprint([stored, *([stored] * 60)], hole + len(stored))
    assert fingerprint([stored], hole + len(stored), ((hole, len(stored)),)) == dense
    assert fingerprint([], hole, ()) != fingerprint([stored] * 60, hole)
    assert fingerprint([], 100_000, ()) == fingerprint([bytes(100_000)], 100_000)


def test_fingerprint_of_a_vast_sparse_file() -> None:
    """Sparse files with exabytes of holes have fingerprints at once, different ones for different files."""
    vast = 1 << 60
    prints = {fingerprint([b"ab"], size, ((at, 2),)) for size, at in ((vast, 0), (vast, 1), (vast + 1, 0))}
    assert len(prints) == 3
    assert fingerprint([b"a", b"b"], vast, ((0, 2),)) in prints


# Digests and damage.

DATA = layer(file("a", b"x" * 10_000), file("b", random.Random(1).randbytes(5_000)))


def layer_error(data: bytes, digest: str | None = None, diff_id: str = "") -> str:
    """Returns the error message of a layer that cannot be read."""
    with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: ") as caught:
        index_layer(ranged(data), "layer 5", digest=digest, diff_id=diff_id)
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_right_digests(compress: Callable[[bytes], bytes]) -> None:
    """A compressed layer with the right digests is indexed; digests of other algorithms are ignored."""
    stored = compress(DATA)
    index = index_layer(ranged(stored), "layer 5", digest=digest(stored), diff_id=digest(DATA))
    assert len(index.entries) == 2
    assert index_layer(ranged(stored), "layer 5", digest="md5:0", diff_id="md5:0") == index


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_wrong_digests(compress: Callable[[bytes], bytes]) -> None:
    """A blob with another digest or diff ID is an error that names the actual and the expected one."""
    stored = compress(DATA)
    wrong = "sha256:" + "0" * 64
    assert f"its digest is {digest(stored)}, expected {wrong}" in layer_error(stored, digest=wrong)
    message = layer_error(stored, digest=digest(stored), diff_id=wrong)
    assert f"its uncompressed digest (diff_id) is {digest(DATA)}, expected {wrong}" in message


def test_messages_are_printable() -> None:
    """A digest from the image's documents is escaped in the error."""
    assert "expected sha256:\\x1b[2J" in layer_error(gzipped(DATA), digest="sha256:\x1b[2J")


@pytest.mark.parametrize("readable", [0, 8])
@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_disks_that_fail(monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes], readable: int) -> None:
    """A file that the system cannot read is an error that names the layer and has a hint."""
    contents = TarLayer("layer 5", ranged(compress(DATA)))
    index = contents.index(lambda _: None)
    pread = os.pread

    def failing(descriptor: int, size: int, offset: int) -> bytes:
        if size <= readable:
            return pread(descriptor, size, offset)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def read() -> None:
        content_of(contents, index, index.entries[0])

    monkeypatch.setattr(os, "pread", failing)
    looks = (read, lambda: contents.index(lambda _: None), lambda: index_layer(contents.part, "layer 5"))
    for look in looks:
        with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: .*Input/output error") as caught:
            look()
        assert caught.value.hint


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_files_that_lose_their_end(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """A content that was cut off is an error, not a shorter content."""
    path = tmp_path / "layer"
    path.write_bytes(compress(DATA))
    with path.open("rb") as opened:
        contents = TarLayer("layer 5", FileRange.whole(opened))
    index = contents.index(lambda _: None)
    os.truncate(path, path.stat().st_size // 3)
    with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: .*cut off"):
        content_of(contents, index, index.entries[1])


def test_an_absent_layer_says_what_to_do() -> None:
    """An absent layer has a problem instead of entries, and an error with a hint instead of contents."""
    absent = AbsentLayer("layer 5", "it is not included")
    index = absent.index(lambda _: None)
    assert (index.entries, index.problems) == ((), ("it is not included",))
    with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: it is not included") as caught:
        content_of(absent, index, Entry("a", Kind.FILE, 1, 0o644, 0, 0, 0, "", (), 0))
    assert caught.value.hint


@pytest.mark.parametrize("compress", [bytes, gzipped, zstded])
def test_a_tar_without_an_end_mark(compress: Callable[[bytes], bytes]) -> None:
    """A tar that was cut between two members is indexed, and the missing end is a problem."""
    cut = DATA[: DATA.index(b"b\0\0\0")]
    assert len(cut) % 512 == 0
    index = indexed(compress(cut))
    assert [entry.path for entry in index.entries] == ["a"]
    assert list(index.problems) == ["the layer's tar ends without an end mark; it may be cut off"]
    assert not indexed(compress(DATA)).problems


def test_a_footer_behind_the_tar_is_an_end_mark() -> None:
    """A tar in front of the footer of zstd:chunked was not cut off."""
    cut = DATA[: DATA.index(b"b\0\0\0")]
    footer = b"\x50\x2a\x4d\x18\x04\0\0\0last"
    assert not indexed(zstded(cut) + footer).problems
    assert indexed(footer + zstded(cut)).problems


def test_foreign_compression_names_the_layer() -> None:
    """A layer in an unsupported compression is an error that names the layer."""
    contents = TarLayer("layer 5", ranged(b"LZIP" + bytes(600)))
    with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: the data is compressed with lzip"):
        _ = contents.streams


def test_bytes_behind_the_end_count_for_the_digest() -> None:
    """Bytes behind the end marks of a tar count for the diff ID."""
    longer = DATA + b"\1" * 3_000_000
    index = index_layer(ranged(gzipped(longer)), "layer 5", diff_id=digest(longer))
    assert len(index.entries) == 2
    layer_error(gzipped(longer), diff_id=digest(DATA))


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_truncated_compression(compress: Callable[[bytes], bytes]) -> None:
    """Compressed data that is cut off is an error, also behind the last member."""
    stored = compress(DATA)
    for stop in (*range(20, len(stored), 997), len(stored) - 9, len(stored) - 1):
        assert f"cut off: its {stop:,} bytes end" in layer_error(stored[:stop])


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_damaged_compression(compress: Callable[[bytes], bytes]) -> None:
    """A changed byte in compressed data is an error."""
    stored = bytearray(compress(DATA))
    stored[len(stored) // 2] ^= 0xFF
    layer_error(bytes(stored), digest=digest(compress(DATA)))


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_garbage_behind_compression(compress: Callable[[bytes], bytes]) -> None:
    """Foreign bytes behind compressed data are ignored, as gzip does, and are a problem."""
    index = index_layer(ranged(compress(DATA) + b"garbage, and some more of it"), "layer 5")
    assert index.entries == indexed(DATA).entries
    assert "28 bytes behind the end of the compressed data" in index.problems[0]


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_compression_in_several_members(compress: Callable[[bytes], bytes]) -> None:
    """Compressed data in several consecutive members is one layer."""
    stored = compress(DATA[:7_000]) + compress(DATA[7_000:7_001]) + compress(b"") + compress(DATA[7_001:])
    index = index_layer(ranged(stored), "layer 5", digest=digest(stored), diff_id=digest(DATA))
    assert index.entries == indexed(DATA).entries


def test_unsupported_compression() -> None:
    """The error for an unsupported compression names it."""
    assert "compressed with lzip, expected gzip, zstd, xz, bzip2 or a plain tar" in layer_error(b"LZIP" + DATA)


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers with too many members for their image are refused with their names."""
    monkeypatch.setattr(layer_builder, "ENTRIES", read_budget.ENTRIES._replace(sum=7, ratio=0))
    assert len(indexed(layer(*(file(str(number)) for number in range(7)))).entries) == 7
    assert "the image has more than 7 entries" in layer_error(layer(*(file(str(number)) for number in range(8))))


def test_members_of_a_damaged_layer_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain layer that is read again because of its damage takes its entries and names from the budget once."""
    data = layer(*(file(f"{number}{'n' * 300}", bytes(5_000)) for number in range(8)))
    data = data[: data.rindex(b"7nnn") + 1_000]
    monkeypatch.setattr(layer_builder, "_COUNTED_ENTRIES", 1)
    monkeypatch.setattr(layer_builder, "ENTRIES", read_budget.ENTRIES._replace(sum=8, ratio=0))
    monkeypatch.setattr(headers, "KEPT_BYTES", read_budget.KEPT_BYTES._replace(sum=9 * 2_000, ratio=0))
    index = index_layer(ranged(data), "layer 5", keeps_damage=True)
    assert index.damage
    assert index.entries


def test_attributes_and_names_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contents of the extension headers of an image have a bound together; a packed archive's size counts."""
    data = layer(*(file(f"{number}{'n' * 3_000}", b"") for number in range(50)))
    monkeypatch.setattr(headers, "KEPT_BYTES", read_budget.KEPT_BYTES._replace(sum=100_000))
    assert len(indexed(data).entries) == 50
    budget = ReadBudget()
    budget.set_stored(300)
    with pytest.raises(UnreadableLayer, match=r"layer 5 .* more than 100,000 bytes of long names"):
        index_layer(ranged(zstded(data)), "layer 5", budget=budget)
    budget = ReadBudget(is_unlimited=True)
    assert len(index_layer(ranged(zstded(data)), "layer 5", budget=budget).entries) == 50


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_progress_and_cancelling(compress: Callable[[bytes], bytes]) -> None:
    """The callback gets the number of all stored bytes at the end, and stops the work if it raises."""
    stored = compress(DATA)
    heard: list[int] = []
    index_layer(ranged(stored), "layer 5", on_progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == len(stored)

    def stop(_: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        index_layer(ranged(stored), "layer 5", on_progress=stop)
