"""Layers that are listed from their tables of contents: the same as when they are read in full."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.errors import Cancelled, UnreadableImage, UnreadableLayer
from explorer.layers.read_budget import ENTRIES, ReadBudget
from explorer.layers.tables import file_reader, table_layer, table_members
from explorer.layers.tables.places import TableFormat, table_place
from explorer.layers.tables.ranges import FileRanges
from explorer.layers.tar_layer import AbsentLayer
from explorer.model import Addressing, Cause, Entry, OnProgress, Verified
from explorer.pipeline import Exploration
from explorer.report.as_json import report_json
from tests.images import (
    big,
    content_of,
    device,
    digest,
    directory,
    explored,
    fifo,
    file,
    hardlink,
    layer,
    opaque,
    opened,
    ranged,
    symlink,
    whiteout,
)
from tests.tables import ESTARGZ, ZSTD_CHUNKED, Edit, Packed, packed, table_archive

FORMATS = pytest.mark.parametrize("form", [ESTARGZ, ZSTD_CHUNKED])
NOTHING = AbsentLayer("layer 0", "not here")
WRITTEN = Path(__file__).parent / "written"
"""Layouts of one image, as ctr-remote 1.6 and skopeo 1.9 write them."""
LOW = layer(
    directory("d"),
    file("d/a", b"alpha" * 50),
    file("d/b", b"beta" * 40),
    hardlink("h", "d/a", mode=0o600),
    symlink("l", "d/a"),
    device("console", 5, 1),
    fifo("pipe"),
    file("empty"),
    file("set", b"s", mode=0o4755, uid=1000, gid=50),
    file("x/" + "long" * 40 + "/n\u00e4me", b"long", xattrs={"user.note": "hello"}),
    big("zeros", 0.3, edition=0),
)
TOP = layer(
    file("d/a", b"alpha" * 50, mode=0o600),
    whiteout("l"),
    opaque("x"),
    file("d/b", b"BETA" * 40),
    device("null", 0, 0),
    file("twice", b"1" * 99),
    file("twice", b"2" * 99),
    file("", b"nowhere"),
    symlink("last", "twice"),
)


def write(tmp_path: Path, *layers: Packed) -> Path:
    """Writes an archive of layers with tables."""
    path = tmp_path / "image.tar"
    path.write_bytes(table_archive(layers))
    return path


def both_ways(path: Path) -> tuple[Exploration, Exploration]:
    """Explores an image from its tables, and in full."""
    tables, full = explored(path), explored(path, reads_all=True)
    assert all(index.is_from_table for index in tables.tree.layers), [index.problems for index in tables.tree.layers]
    assert not any(index.is_from_table for index in full.tree.layers)
    return tables, full


def expect_same(tables: Exploration, full: Exploration) -> None:
    """Compares all that is listed, all contents, and all figures."""
    for number, (listed, read) in enumerate(zip(tables.tree.layers, full.tree.layers, strict=True)):
        for attribute in ("entries", "superseded"):
            assert without_inodes(getattr(listed, attribute)) == without_inodes(getattr(read, attribute))
        assert list(listed.whiteouts) == list(read.whiteouts)
        assert list(listed.opaques) == list(read.opaques)
        assert contents(tables, number) == contents(full, number)
    assert tables.usage == full.usage
    assert list(tables.layers) == [
        replace(figures, layer=mine.layer, is_from_table=True)
        for mine, figures in zip(tables.layers, full.layers, strict=True)
    ]


def without_inodes(entries: Sequence[Entry]) -> list[Entry]:
    return [entry._replace(inode=0) for entry in entries]


def contents(exploration: Exploration, number: int) -> list[tuple[str, bytes]]:
    """Returns the path and the content of all files of a layer."""
    index = exploration.tree.layers[number]
    entries = [entry for entry in (*index.entries, *index.superseded) if entry.kind.has_content and entry.size]
    return [(e.path, content_of(exploration.image.layers[number].contents, index, e)) for e in entries]


@pytest.mark.parametrize("name", ["estargz", "stargz-zstd", "skopeo-zstd"])
def test_what_real_tools_write_is_listed_exactly(name: str) -> None:
    """The table of a real tool gives the entries, contents and figures of the full read."""
    tables, full = both_ways(WRITTEN / f"{name}.tar.gz")
    expect_same(tables, full)
    assert {waste.cause for waste in tables.usage.wasted} >= {Cause.RECOPIED, Cause.OVERWRITTEN, Cause.REMOVED}


@FORMATS
def test_every_kind_of_member_is_as_in_the_tar(tmp_path: Path, form: TableFormat) -> None:
    """Links, devices, whiteouts, attributes and names that come twice are those of the full read."""
    tables, full = both_ways(write(tmp_path, packed(LOW, form), packed(TOP, form)))
    expect_same(tables, full)


@FORMATS
def test_json_differs_only_in_how_it_was_read(tmp_path: Path, form: TableFormat) -> None:
    """The source and one key of each layer say that a table was read; all else is the same."""
    tables, full = (report_json(each) for each in both_ways(write(tmp_path, packed(LOW, form), packed(TOP, form))))
    assert ", from the table of contents" in tables
    told = tables.replace(", from the table of contents", "")
    assert told.replace('"from_table_of_contents": true', '"from_table_of_contents": false') == full


@FORMATS
def test_a_file_in_parts_is_read_whole(tmp_path: Path, form: TableFormat) -> None:
    """The parts of a large file follow each other, and each has its digest."""
    content = bytes(range(256)) * 1000
    tables, full = both_ways(
        write(tmp_path, packed(layer(file("f", content), file("g", b"g")), form, chunk_bytes=9999))
    )
    expect_same(tables, full)


def test_files_in_one_part_are_told_apart(tmp_path: Path) -> None:
    """Files that are packed together are found by their place in the unpacked part."""

    def join(table: dict[str, Any]) -> None:
        first, second = table["entries"]
        second |= {"offset": first["offset"], "innerOffset": 5 + 512 - 5 + 512}

    tar = layer(file("a", b"a" * 5), file("b", b"b" * 7), form=0)
    tables, full = both_ways(write(tmp_path, packed(tar, ESTARGZ, join)))
    expect_same(tables, full)


def test_copies_are_found_by_digest_without_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is shipped again is recopied, and no content is read for that."""
    monkeypatch.setattr(file_reader.FileReader, "pieces", None)
    again = packed(layer(big("f", 0.1)), ESTARGZ)
    wasted = explored(write(tmp_path, again, packed(layer(big("f", 0.1, mode=0o600)), ESTARGZ))).usage.wasted
    assert ("f", Cause.RECOPIED) in [(waste.path, waste.cause) for waste in wasted]


@FORMATS
def test_a_copy_of_a_layer_without_table_is_compared_by_its_bytes(tmp_path: Path, form: TableFormat) -> None:
    """Only the files whose copies have no digest are fetched."""
    lower = layer(file("same", b"same" * 9), file("other", b"1" * 50), file("alone", b"alone"))
    upper = layer(file("same", b"same" * 9), file("other", b"2" * 50))
    plain = Packed(upper, upper, {})
    exploration = explored(write(tmp_path, packed(lower, form), plain))
    wasted = {waste.path: waste.cause for waste in exploration.usage.wasted}
    assert wasted == {"same": Cause.RECOPIED, "other": Cause.OVERWRITTEN}
    assert len(exploration.tree.layers[0].fingerprints) == 2
    assert exploration.image.source.endswith(", 1 of 2 layers from the table of contents")


def test_a_table_without_digests_of_files_still_compares(tmp_path: Path) -> None:
    """If only the parts have digests, contents are fetched and compared."""

    def strip(table: dict[str, Any]) -> None:
        for entry in table["entries"]:
            entry["chunkDigest"] = entry.pop("digest")

    layers = [packed(layer(file("f", b"same")), ESTARGZ, strip) for _ in range(2)]
    causes = {waste.path: waste.cause for waste in explored(write(tmp_path, *layers)).usage.wasted}
    assert causes["f"] is Cause.RECOPIED


# Tables that cannot be used


def replaced(**values: Any) -> Edit:
    """Changes the entry of the file ``f``."""
    return lambda table: table["entries"][0].update(values)


BAD = {
    "a type": replaced(type="socket"),
    "a number": replaced(size="5"),
    "a huge number": replaced(uid=1 << 70),
    "a truth": replaced(mode=True),
    "a negative size": replaced(size=-1),
    "a name": replaced(name=["f"]),
    "a lost name": replaced(name="caf\ufffd"),
    "half a character": replaced(name="f\udc80"),
    "a time": replaced(modtime="yesterday"),
    "a digest": replaced(digest="md5:00"),
    "attributes": replaced(xattrs=[1]),
    "an attribute": replaced(xattrs={"user.a": "%%%"}),
    "too small parts": replaced(chunkSize=1),
    "too large parts": replaced(chunkSize=1000),
    "a part elsewhere": replaced(chunkOffset=3),
    "more bytes than the layer can hold": replaced(size=1 << 40),
    "nowhere": replaced(offset=0),
    "behind the end": replaced(offset=1 << 40),
    "an inner offset": replaced(innerOffset=-5),
    "a part of nothing": lambda table: table["entries"].insert(0, {"type": "chunk", "name": "f"}),
    "a part of another file": lambda table: table["entries"].append(
        {"type": "chunk", "name": "g", "offset": 1, "chunkSize": 1}
    ),
    "a name in capitals": replaced(NAME="g"),
    "no name, and too little": lambda table: table["entries"][0].update(name="", chunkSize=1),
    "no objects": lambda table: table.update(entries=[1]),
    "no list": lambda table: table.update(entries={}),
    "another list": lambda table: table.update(more=[1]),
    "deep lists": lambda table: table["entries"][0].update(name=_nested(900)),
}


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


JSON_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 70), 1 << 70), st.text(max_size=9), st.just([]), st.just({})
)
KEYS = st.sampled_from([*sorted(table_members._KEYS), "more"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), KEYS, JSON_VALUES), min_size=1, max_size=3), st.sampled_from(TableFormat))
def test_a_changed_table_is_read_or_refused(changes: list[tuple[int, str, Any]], form: TableFormat) -> None:
    """A layer whose table was changed has an index, or a reason to be read in full."""

    def change(made: dict[str, Any]) -> None:
        for number, key, value in changes:
            made["entries"][number][key] = value

    each = packed(layer(*(file(f"f{n}", b"content" * 9) for n in range(3)), symlink("l", "f0")), form, change, 30)
    place = table_place(each.annotations)
    assert place is not None
    contents = table_layer.TableLayer("layer 0", place, FileRanges(ranged(each.blob)), NOTHING, ReadBudget())
    index = contents.index(lambda _: None)
    assert index.is_from_table or "cannot be used" in index.problems[-1]
    for entry in index.entries if index.is_from_table else ():
        with suppress(UnreadableLayer):
            content_of(contents, index, entry)


@FORMATS
@pytest.mark.parametrize("edit", BAD.values(), ids=BAD)
def test_a_wrong_table_means_a_full_read(tmp_path: Path, form: TableFormat, edit: Edit) -> None:
    """The layer is read in full, with the reason as a problem."""
    exploration = explored(write(tmp_path, packed(layer(file("f", b"a file")), form, edit)))
    index = exploration.tree.layers[0]
    assert not index.is_from_table
    assert index.entries[0].path == "f"
    (problem,) = (text for text in index.problems if "table of contents" in text)
    assert "was read in full: " in problem
    assert not exploration.image.source.endswith("contents")


def other_digest(each: Packed) -> Packed:
    wrong = {
        key: f"sha256:{'0' * 64}" if value.startswith("sha256:") else value for key, value in each.annotations.items()
    }
    return replace(each, annotations=wrong)


@FORMATS
def test_a_table_with_another_digest_is_not_used(tmp_path: Path, form: TableFormat) -> None:
    """A table that the manifest does not vouch for counts as wrong."""
    each = other_digest(packed(layer(file("f", b"a file")), form))
    index = explored(write(tmp_path, each)).tree.layers[0]
    assert not index.is_from_table
    assert any("its digest is sha256:" in problem for problem in index.problems)


@pytest.mark.parametrize("position", ["1:2:3:1", "9999999:10:20:1", "0:10:20:1", "10:0:0:1"])
def test_a_place_without_table_means_a_full_read(tmp_path: Path, position: str) -> None:
    """A place outside of the layer, or of something else, counts as a wrong table."""
    each = packed(layer(file("f", b"a file")), ZSTD_CHUNKED)
    wrong = {key: position if "position" in key else value for key, value in each.annotations.items()}
    index = explored(write(tmp_path, replace(each, annotations=wrong))).tree.layers[0]
    assert (index.is_from_table, [entry.path for entry in index.entries]) == (False, ["f"])


def test_a_layer_without_footer_is_read_in_full(tmp_path: Path) -> None:
    """An annotation alone does not make a layer eStargz."""
    each = packed(layer(file("f", b"a file")), ESTARGZ)
    index = explored(write(tmp_path, replace(each, blob=each.blob[:-51]))).tree.layers[0]
    assert not index.is_from_table
    assert any("no footer of eStargz" in problem for problem in index.problems)


def test_a_large_table_means_a_full_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that no memory should be taken for is not read."""
    monkeypatch.setattr(table_layer, "_MAX_TABLE_BYTES", 10)
    index = explored(write(tmp_path, packed(LOW, ESTARGZ))).tree.layers[0]
    assert any("expected at most 10" in problem for problem in index.problems)


def test_a_table_of_too_many_entries_is_refused(tmp_path: Path) -> None:
    """The bounds for hostile images count the entries of a table, too."""

    def multiply(table: dict[str, Any]) -> None:
        table["entries"] = [{"name": f"d{n}", "type": "dir"} for n in range(3000)]

    image = opened(write(tmp_path, packed(layer(file("f", b"a file")), ZSTD_CHUNKED, multiply)))
    contents = image.layers[0].contents
    assert isinstance(contents, table_layer.TableLayer)
    contents.budget.take(ENTRIES, 999_000)
    with pytest.raises(UnreadableImage, match="more than 1,000,000 entries"):
        contents.index(lambda _: None)


def test_a_table_of_too_many_parts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds for hostile images count the parts of files, too."""
    monkeypatch.setattr(table_members, "_KEPT_CHUNK_BYTES", 100 << 20)
    path = write(tmp_path, packed(layer(file("f", b"a file")), ZSTD_CHUNKED, chunk_bytes=1))
    with pytest.raises(UnreadableImage, match=r"more than .* bytes of long names"):
        explored(path)


def test_a_damaged_manifest_vouches_for_no_table(tmp_path: Path) -> None:
    """If a local manifest has another digest, its layers are read in full."""
    path = write(tmp_path, packed(layer(file("f", b"a file")), ESTARGZ))
    path.write_bytes(
        path.read_bytes().replace(
            b'"schemaVersion": 2, "mediaType": "application/vnd.oci.image.m',
            b'"schemaVersion": 2,  "mediaType":"application/vnd.oci.image.m',
        )
    )
    exploration = explored(path)
    assert exploration.damage
    assert not exploration.tree.layers[0].is_from_table


# Contents


@FORMATS
def test_a_file_that_is_not_that_of_the_table_is_an_error(tmp_path: Path, form: TableFormat) -> None:
    """The content of a file has the digest of the table, or is not shown."""
    lie = replaced(digest=f"sha256:{'1' * 64}")
    exploration = explored(write(tmp_path, packed(layer(file("f", b"a file")), form, lie)))
    index = exploration.tree.layers[0]
    assert index.is_from_table
    with pytest.raises(UnreadableLayer, match="“f” is not the file of the table of contents") as caught:
        content_of(exploration.image.layers[0].contents, index, index.entries[0])
    assert "--full" in caught.value.hint


@FORMATS
def test_a_file_in_parts_must_have_its_own_digest_too(tmp_path: Path, form: TableFormat) -> None:
    """A table whose parts are right may still name the digest of another file, for which it would count as a copy."""

    def lie(table: dict[str, Any]) -> None:
        table["entries"][0]["digest"] = digest(b"another file")

    exploration = explored(write(tmp_path, packed(layer(file("f", b"abc" * 99)), form, lie, chunk_bytes=99)))
    with pytest.raises(UnreadableLayer, match="“f” is not the file of the table of contents: it has the digest"):
        contents(exploration, 0)


def test_a_large_part_is_checked_before_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that is not kept in memory is unpacked twice."""
    monkeypatch.setattr(file_reader, "_MAX_KEPT_BYTES", 10)
    tables, full = both_ways(write(tmp_path, packed(LOW, ZSTD_CHUNKED)))
    expect_same(tables, full)


def test_a_part_that_ends_early_is_an_error(tmp_path: Path) -> None:
    """A file that unpacks to less than the table says is not shown."""
    exploration = explored(write(tmp_path, packed(layer(file("f", b"a file")), ESTARGZ, replaced(size=1 << 20))))
    index = exploration.tree.layers[0]
    with pytest.raises(UnreadableLayer, match=r"digest|lacks"):
        content_of(exploration.image.layers[0].contents, index, index.entries[0])


class _Counting:
    """Counts the reads of a blob. Satisfies BlobRanges."""

    def __init__(self, ranges: FileRanges) -> None:
        self.ranges = ranges
        self.size = ranges.size
        self.reads: list[tuple[int, int]] = []

    def read(self, offset: int, size: int, on_progress: OnProgress) -> bytes:
        self.reads.append((offset, size))
        return self.ranges.read(offset, size, on_progress)


def counted(path: Path) -> tuple[table_layer.TableLayer, _Counting]:
    """Returns the lowest layer of an image, and the count of its reads."""
    contents = opened(path).layers[0].contents
    assert isinstance(contents, table_layer.TableLayer)
    assert isinstance(contents.ranges, FileRanges)
    counting = _Counting(contents.ranges)
    return replace(contents, ranges=counting), counting


NOISE = random.Random(1).randbytes(10_000)


@pytest.mark.parametrize(("form", "expected"), [(ESTARGZ, 2), (ZSTD_CHUNKED, 1)])
def test_listing_reads_the_table_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: TableFormat, expected: int
) -> None:
    """One read lists zstd:chunked; the footer of eStargz needs another, unless the table is small."""
    monkeypatch.setattr(table_layer, "_TAIL_BYTES", 64)
    files = [file(f"f{n}", NOISE[n:]) for n in range(40)]
    contents, counting = counted(write(tmp_path, packed(layer(*files), form)))
    contents.index(lambda _: None)
    assert len(counting.reads) == expected
    assert sum(size for _, size in counting.reads) < counting.size / 10


@FORMATS
def test_one_file_is_read_from_its_range_alone(tmp_path: Path, form: TableFormat) -> None:
    """Looking into a file reads little more than the file."""
    files = [file(f"f{n}", NOISE[n:]) for n in range(100)]
    contents, counting = counted(write(tmp_path, packed(layer(*files), form)))
    index = contents.index(lambda _: None)
    counting.reads.clear()
    assert content_of(contents, index, index.entries[50]) == NOISE[50:]
    ((_, size),) = counting.reads
    assert size < counting.size / 50


def test_many_files_are_read_with_few_requests(tmp_path: Path) -> None:
    """Files that lie close together come with one read, and those between two distant ones do not."""
    files = [file(f"f{n:03}", NOISE[n:] + bytes([n])) for n in range(200)]
    contents, counting = counted(write(tmp_path, packed(layer(*files), ESTARGZ)))
    index = contents.index(lambda _: None)
    counting.reads.clear()
    wanted = index.entries[:200]
    assert [b"".join(pieces) for _, pieces in contents.read(index, wanted, lambda _: None)] == [
        each.content for each in files
    ]
    assert len(counting.reads) < 10
    counting.reads.clear()
    for _, pieces in contents.read(index, [index.entries[0], index.entries[199]], lambda _: None):
        assert b"".join(pieces)
    assert len(counting.reads) == 2


def test_reading_a_file_can_be_cancelled(tmp_path: Path) -> None:
    """An exception of the progress callback ends the reading."""
    contents, _ = counted(write(tmp_path, packed(LOW, ESTARGZ)))
    index = contents.index(lambda _: None)

    def cancel(_: int) -> None:
        raise Cancelled("enough")

    ((_, pieces),) = contents.read(index, [index.entries[1]], cancel)
    with pytest.raises(Cancelled):
        b"".join(pieces)


@FORMATS
def test_an_index_from_elsewhere_reads_the_table_again(tmp_path: Path, form: TableFormat) -> None:
    """An index that was kept finds its files in the table of another run."""
    path = write(tmp_path, packed(LOW, form))
    index = counted(path)[0].index(lambda _: None)
    contents, _ = counted(path)
    assert content_of(contents, index, index.entries[1]) == b"alpha" * 50


def test_a_table_verifies_nothing_but_itself(tmp_path: Path) -> None:
    """An index from a table has the table's digest, and an addressing of its own."""
    contents, _ = counted(write(tmp_path, packed(LOW, ESTARGZ)))
    assert (contents.verified, contents.addressing) == (Verified.TABLE_DIGEST, Addressing.TABLE)
