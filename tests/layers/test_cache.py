"""The index cache: it stores every field, and a damaged entry counts as missing."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.layers import index_format
from explorer.layers.cache import Cache
from explorer.layers.index_format import DECODE_ERRORS, decode_index, encode_index
from explorer.layers.path_resolver import unpacked_path
from explorer.model import Addressing, Entry, Kind, LayerIndex
from explorer.text.printable import printable
from tests.images import (
    digest,
    directory,
    file,
    hardlink,
    indexed,
    layer,
    symlink,
    whiteout,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DIFF_ID = digest(b"a layer")
OTHER = digest(b"another layer")
INDEX = indexed(
    layer(
        directory("etc"),
        file("etc/a", b"first"),
        file("etc/a", b"second", xattrs={"user.x": "y"}),
        hardlink("b", "etc/a"),
        symlink("c", "b"),
        whiteout("gone"),
    )
)


# Any index


def plain(index: LayerIndex) -> dict[str, object]:
    """Returns an index as a dictionary with lists, so that a tuple equals a list."""
    return {
        "entries": list(index.entries),
        "superseded": list(index.superseded),
        "whiteouts": list(index.whiteouts),
        "opaques": list(index.opaques),
        "fingerprints": dict(index.fingerprints),
        "sparse": dict(index.sparse),
        "problems": list(index.problems),
    }


numbers = st.integers(-(1 << 63), (1 << 63) - 1)
counts = st.integers(0, (1 << 63) - 1)
names = st.binary(max_size=12).map(lambda name: name.replace(b"\0", b"/").decode("utf-8", "surrogateescape"))
"""Names as they come from an image: bytes, UTF-8 or not."""
paths = names.map(lambda name: unpacked_path(name) or "")
entries = st.builds(
    Entry,
    path=paths,
    kind=st.sampled_from(Kind),
    size=counts,
    mode=st.integers(0, 0o7777),
    uid=numbers,
    gid=numbers,
    mtime_ns=numbers,
    link=names,
    xattrs=st.lists(st.tuples(names, st.binary(max_size=9)), max_size=2).map(tuple),
    inode=counts,
)
indexes = st.builds(
    LayerIndex,
    entries=st.lists(entries, max_size=6, unique_by=attrgetter("path")),
    superseded=st.lists(entries, max_size=2),
    whiteouts=st.lists(paths.filter(bool), max_size=3),
    opaques=st.lists(paths, max_size=3),
    fingerprints=st.dictionaries(numbers, st.binary(min_size=16, max_size=16), max_size=3),
    sparse=st.just({}),
    problems=st.lists(names.map(printable), max_size=2),
)
patiently = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@patiently
@given(index=indexes, addressing=st.sampled_from(Addressing))
def test_every_field_of_any_index_is_kept(index: LayerIndex, addressing: Addressing, tmp_path: Path) -> None:
    """Every field of an index is stored and loaded: names that are not UTF-8, attributes, holes, fingerprints."""
    cache = Cache(tmp_path / "cache")
    cache.store(DIFF_ID, addressing, index)
    loaded = cache.load(DIFF_ID, addressing)
    assert loaded is not None
    assert plain(loaded) == plain(index)


forged_heads = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=6,
)


@given(
    index=indexes,
    key=st.sampled_from(["order", "entries", "sections", "xattrs", "sparse"]),
    value=forged_heads,
    whole=st.booleans(),
)
def test_a_forged_head_with_a_valid_checksum_is_a_miss_or_an_index(
    index: LayerIndex, key: str, value: object, whole: bool
) -> None:
    """Any value in the head of an entry gives an index or one of the errors that mean a miss."""
    with suppress(*DECODE_ERRORS):
        decode_index(forged(index, lambda head: value if whole else {**head, key: value}))


def forged(
    index: LayerIndex, changed: Callable[[dict[str, object]], object], old: bytes = b"", new: bytes = b""
) -> bytes:
    """Returns an entry whose head and body were changed, with the checksum that belongs to them."""
    magic = b"layer-explorer index\n"
    body = zstd.decompress(encode_index(index)[len(magic) + 32 :])
    head, _, sections = body.partition(b"\n")
    packed = zstd.compress(json.dumps(changed(json.loads(head))).encode() + b"\n" + sections.replace(old, new or old))
    return magic + hashlib.sha256(packed).digest() + packed


@pytest.mark.parametrize(
    "path", ["/etc", "../etc", "a/../b", "a/..", ".", "a/./b", "a/././.b", "a/../.b", "./.a", "a//b", "a/", "..", "/"]
)
def test_forged_paths_that_lead_elsewhere_are_a_miss(path: str) -> None:
    """An entry, a whiteout or an opaque directory with a path that is absolute or has dots is a miss."""
    entry = INDEX.entries[0]
    for index in (
        LayerIndex([entry, entry._replace(path=path)]),
        LayerIndex([entry], whiteouts=[path]),
        LayerIndex([entry], opaques=["a", path]),
    ):
        with pytest.raises(ValueError, match="no layer has"):
            decode_index(encode_index(index))


def test_odd_names_that_layers_have_are_kept() -> None:
    """The root, names that begin or end with dots, and names of members that were left out are no miss."""
    entry = INDEX.entries[0]
    paths = ["", "...", "a/...", "..a", "a..", "a/.b", ".b"]
    left_out = [entry._replace(path=path) for path in ("../etc", "a//b", "/etc", "../etc")]
    index = LayerIndex([entry._replace(path=path) for path in paths], left_out, opaques=["", "..a"])
    assert decode_index(encode_index(index)).entries == index.entries
    assert decode_index(encode_index(index)).superseded == left_out


@pytest.mark.parametrize("entries", [-1, 9, None, "1"])
def test_a_forged_number_of_entries_is_a_miss(entries: object) -> None:
    """An index has as many entries as its columns, or fewer."""
    with pytest.raises(DECODE_ERRORS):
        decode_index(forged(INDEX, lambda head: {**head, "entries": entries}))


def test_a_path_that_comes_twice_is_a_miss() -> None:
    """A layer's index has each path once."""
    with pytest.raises(ValueError, match="no layer has"):
        decode_index(encode_index(LayerIndex([INDEX.entries[0]] * 2)))


def test_forged_zeros_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small entry with a vast body is a miss, and only a small part of it is unpacked."""
    monkeypatch.setattr(index_format, "_MAX_SMALL_BODY_BYTES", 1 << 20)
    packed = zstd.compress(bytes(64 << 20), 1)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="too large"):
            decode_index(b"layer-explorer index\n" + hashlib.sha256(packed).digest() + packed)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_forged_values_that_no_layer_has() -> None:
    """A negative size, a whiteout of the root, a vast path and a negative piece are misses; problems are printable."""
    entry = INDEX.entries[0]
    for index in (
        LayerIndex([entry._replace(size=-1)]),
        LayerIndex([entry._replace(mode=0o10000)]),
        LayerIndex([entry], whiteouts=[""]),
        LayerIndex([entry._replace(path="d/" * 3000 + "f")]),
        *(
            LayerIndex([entry._replace(size=9, inode=1)], sparse=sparse)
            for sparse in ({1: ((-1, 2),)}, {1: ((0, 5), (4, 1))}, {1: ((8, 2),)}, {2: ((0, 1),)}, {1: ((0, -1),)})
        ),
    ):
        with pytest.raises(ValueError, match=r"no |piece"):
            decode_index(encode_index(index))
    kept = LayerIndex([entry._replace(size=9, inode=1)], sparse={1: ((0, 2), (4, 5))})
    assert decode_index(encode_index(kept)).sparse == kept.sparse
    content = forged(LayerIndex([entry], problems=["odd"]), lambda head: head, b"odd", b"\x1b\xff[")
    assert decode_index(content).problems == [r"\x1b\xff["]


@patiently
@given(index=indexes, place=st.integers(0, 5), text=st.sampled_from(["\0", "a\0b", "\0\0", "\ud800", "a\udfff"]))
def test_texts_that_no_layer_has_are_a_miss_or_kept(index: LayerIndex, place: int, text: str, tmp_path: Path) -> None:
    """A link with a NUL or half a surrogate pair is stored exactly or counts as missing."""
    odd = Entry("odd path", Kind.SYMLINK, 0, 0o777, 0, 0, 0, text, (), 0)
    index = replace(index, entries=[*index.entries[:place], odd, *index.entries[place:]])
    cache = Cache(tmp_path / "cache")
    cache.clear()
    cache.store(DIFF_ID, Addressing.TAR, index)
    loaded = cache.load(DIFF_ID, Addressing.TAR)
    assert loaded is None or plain(loaded) == plain(index)


def test_numbers_that_are_too_large_are_not_kept(tmp_path: Path) -> None:
    """An index with a time beyond 64 bits is not stored, and raises no error."""
    cache = Cache(tmp_path)
    entry = INDEX.entries[0]._replace(mtime_ns=1 << 70)
    cache.store(DIFF_ID, Addressing.TAR, replace(INDEX, entries=[entry]))
    assert cache.load(DIFF_ID, Addressing.TAR) is None
    assert list(tmp_path.rglob("*new*")) == []


def files(cache: Cache) -> list[Path]:
    """Returns the files of all versions of the cache."""
    return sorted(cache.directory.glob("*/*"))


# Damaged, foreign, odd


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Cache, Path]:
    """A cache with one entry, and the file of the entry."""
    cache = Cache(tmp_path / "cache")
    cache.store(DIFF_ID, Addressing.TAR, INDEX)
    (path,) = files(cache)
    return cache, path


def test_an_entry_of_any_shorter_length_is_a_miss(stored: tuple[Cache, Path]) -> None:
    """A truncated entry counts as missing."""
    cache, path = stored
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert cache.load(DIFF_ID, Addressing.TAR) is None
    path.write_bytes(whole)
    assert cache.load(DIFF_ID, Addressing.TAR) is not None


def test_an_entry_with_any_byte_changed_is_a_miss(stored: tuple[Cache, Path]) -> None:
    """An entry with one changed bit counts as missing."""
    cache, path = stored
    whole = path.read_bytes()
    for position, byte in enumerate(whole):
        path.write_bytes(whole[:position] + bytes([byte ^ 1 << position % 8]) + whole[position + 1 :])
        assert cache.load(DIFF_ID, Addressing.TAR) is None


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"PK\3\4 something else", b'{"entries": []}\n' * 1000])
def test_a_foreign_file_is_a_miss_and_is_replaced(stored: tuple[Cache, Path], content: bytes) -> None:
    """A foreign file at the path of an entry counts as missing, and is replaced."""
    cache, path = stored
    path.write_bytes(content)
    assert cache.load(DIFF_ID, Addressing.TAR) is None
    cache.store(DIFF_ID, Addressing.TAR, INDEX)
    assert cache.load(DIFF_ID, Addressing.TAR) is not None


def test_more_than_the_entry_is_a_miss(stored: tuple[Cache, Path]) -> None:
    """An entry with extra bytes at its end counts as missing."""
    cache, path = stored
    path.write_bytes(path.read_bytes() + b"\0")
    assert cache.load(DIFF_ID, Addressing.TAR) is None


def test_a_huge_file_is_not_read(stored: tuple[Cache, Path]) -> None:
    """A file larger than any entry counts as missing and is not read."""
    cache, path = stored
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    assert cache.load(DIFF_ID, Addressing.TAR) is None


def test_another_version_is_another_directory(stored: tuple[Cache, Path]) -> None:
    """Entries of another format version count as missing."""
    cache, path = stored
    path.parent.rename(path.parent.with_name("another"))
    assert not cache.has(DIFF_ID, Addressing.TAR)
    assert cache.load(DIFF_ID, Addressing.TAR) is None


@pytest.mark.parametrize(
    "diff_id", ["", "sha256:", "sha256:" + "0" * 63, "sha256:../../etc/passwd", f"{DIFF_ID}\n", f"md5:{'0' * 32}"]
)
def test_what_is_no_diff_id_names_no_file(diff_id: str, tmp_path: Path) -> None:
    """A text that is not a SHA-256 digest leads to no path."""
    cache = Cache(tmp_path / "cache")
    cache.store(diff_id, Addressing.TAR, INDEX)
    assert not cache.has(diff_id, Addressing.TAR)
    assert cache.load(diff_id, Addressing.TAR) is None
    assert list(tmp_path.rglob("*")) == [tmp_path / "home"]


def test_a_directory_in_the_place_of_an_entry(tmp_path: Path) -> None:
    """A directory at the path of an entry counts as missing, and raises no error."""
    cache = Cache(tmp_path / "cache")
    cache.store(DIFF_ID, Addressing.TAR, INDEX)
    (path,) = files(cache)
    path.unlink()
    path.mkdir()
    cache.store(DIFF_ID, Addressing.TAR, INDEX)
    assert not cache.has(DIFF_ID, Addressing.TAR)
    assert cache.load(DIFF_ID, Addressing.TAR) is None
    assert cache.clear() == 0


def test_how_an_index_addresses_bytes_is_part_of_its_name(tmp_path: Path) -> None:
    """An index of a directory is not used for a tar, nor the other way round."""
    cache = Cache(tmp_path)
    cache.store(DIFF_ID, Addressing.DIRECTORY, INDEX)
    assert cache.load(DIFF_ID, Addressing.TAR) is None
    assert not cache.has(DIFF_ID, Addressing.TAR)
    cache.store(OTHER, Addressing.TAR, INDEX)
    assert cache.load(OTHER, Addressing.DIRECTORY) is None


# Room


def test_a_cache_that_may_not_be_searched_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that denies access raises no error."""

    def refused(*_: object, **__: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    cache = Cache(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", refused)
        assert not cache.has(DIFF_ID, Addressing.TAR)
        assert cache.load(DIFF_ID, Addressing.TAR) is None


def test_a_cache_that_may_only_be_read_is_used(stored: tuple[Cache, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry is used even if the time of its last use cannot be stored."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "utime", refused)
    cache, _ = stored
    assert cache.load(DIFF_ID, Addressing.TAR) is not None


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    """Beyond max_bytes, the least recently used entry is removed; loading an entry is a use."""
    cache = Cache(tmp_path / "cache")
    diff_ids = [digest(bytes([number])) for number in range(5)]
    for age, diff_id in enumerate(diff_ids[:4]):
        cache.store(diff_id, Addressing.TAR, INDEX)
        (path,) = cache.directory.glob(f"*/{diff_id.removeprefix('sha256:')}.tar")
        os.utime(path, (1_000_000 + age, 1_000_000 + age))
    size = path.stat().st_size
    assert cache.load(diff_ids[0], Addressing.TAR) is not None
    small = Cache(cache.directory, max_bytes=3 * size)
    small.store(diff_ids[4], Addressing.TAR, INDEX)
    assert [diff_ids.index(diff_id) for diff_id, *_ in small.entries()] == [4, 0, 3]
    assert {entry.bytes for entry in small.entries()} == {size}


@pytest.mark.parametrize("max_bytes", [0, 1, 100])
def test_what_was_just_written_stays(max_bytes: int, tmp_path: Path) -> None:
    """An entry is not removed when it is stored, even if it is too large or the clock went back."""
    cache = Cache(tmp_path / "cache", max_bytes)
    cache.store(OTHER, Addressing.TAR, INDEX)
    (path,) = files(cache)
    os.utime(path, (1 << 33, 1 << 33))
    cache.store(DIFF_ID, Addressing.TAR, INDEX)
    assert [entry.key for entry in cache.entries()] == [DIFF_ID]


def test_clearing_removes_only_its_own_files(stored: tuple[Cache, Path], tmp_path: Path) -> None:
    """Foreign files, links and what links lead to stay; entries of earlier versions go."""
    cache, path = stored
    kept = [path.with_name("notes.txt"), path.with_name(".new-notes"), cache.directory / "readme"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    kept.append(elsewhere / path.name)
    for foreign in kept:
        foreign.write_bytes(b"kept")
    earlier = cache.directory / "1" / path.name
    earlier.parent.mkdir()
    earlier.write_bytes(b"old")
    link = path.with_name(f"{'f' * 64}.tar")
    link.symlink_to(kept[0])
    (cache.directory / "2").symlink_to(elsewhere)
    assert cache.clear() > 0
    assert all(foreign.read_bytes() == b"kept" for foreign in kept)
    assert link.is_symlink()
    assert not earlier.exists()
    assert not path.exists()


def test_leftovers_of_interrupted_writes(stored: tuple[Cache, Path]) -> None:
    """An unfinished file is not listed as an entry, and ``clear`` removes it."""
    cache, path = stored
    size = path.stat().st_size
    leftover = path.with_name(".new-abc12345")
    leftover.write_bytes(b"half")
    assert [entry.key for entry in cache.entries()] == [DIFF_ID]
    assert cache.clear() == size + 4
    assert list(path.parent.iterdir()) == []


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves no file behind."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    cache = Cache(tmp_path / "cache")
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache.store(DIFF_ID, Addressing.TAR, INDEX)
    assert files(cache) == []


@pytest.mark.end_to_end
def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """Two readers always get a complete entry while two writers replace it 200 times."""
    cache = Cache(tmp_path / "cache")
    versions = [replace(INDEX, problems=[f"{number}" * 5_000]) for number in range(2)]
    cache.store(DIFF_ID, Addressing.TAR, versions[0])
    writing = threading.Event()
    writing.set()

    def write(version: LayerIndex) -> None:
        for _ in range(200):
            cache.store(DIFF_ID, Addressing.TAR, version)

    def read() -> int:
        count = 0
        while writing.is_set() or not count:
            loaded = cache.load(DIFF_ID, Addressing.TAR)
            assert loaded is not None
            assert plain(loaded) in map(plain, versions)
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for writer in [pool.submit(write, version) for version in versions]:
                writer.result()
        finally:
            writing.clear()
        assert all(reader.result() for reader in readers)
    assert [path.name for path in files(cache)] == [f"{DIFF_ID.removeprefix('sha256:')}.tar"]


@pytest.mark.parametrize("order", ["little", "big"])
def test_the_bytes_are_those_of_every_machine(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are little-endian: a machine of the other order exchanges their bytes on the way in and out."""
    content = encode_index(INDEX)
    monkeypatch.setattr("sys.byteorder", order)
    assert (encode_index(INDEX) == content) == (order == "little")
    assert plain(decode_index(encode_index(INDEX))) == plain(INDEX)
