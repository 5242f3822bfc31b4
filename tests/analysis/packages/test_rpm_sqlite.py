"""rpm's database in SQLite."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.formats import DatabaseDamaged
from explorer.analysis.packages.rpm_sqlite import headers
from tests.analysis.packages.rpm_files import package, sqlite, sqlite_script

_PAGE_BYTES = 4096


@given(
    st.lists(st.integers(0, 20_000), max_size=30),
    st.sampled_from([512, 1024, 4096, 65536]),
    st.lists(st.integers(0, 29), max_size=5),
)
def test_rows_are_those_that_sqlite_reads(sizes: list[int], page_bytes: int, deleted: list[int]) -> None:
    """Any size of rows and pages, with free pages and free places in them."""
    rows = "".join(f"INSERT INTO Packages (blob) VALUES (randomblob({size}));" for size in sizes)
    content = sqlite_script(
        f"PRAGMA page_size = {page_bytes}; CREATE TABLE Other (a TEXT); CREATE INDEX i ON Other (a);"
        f"CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL); {rows}"
        f"DELETE FROM Packages WHERE hnum IN ({','.join(map(str, deleted))})"
    )
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content)
        expected = [row for (row,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum")]
    assert list(headers(content)) == expected


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE Other (blob BLOB)",
        "CREATE TABLE T (blob BLOB); INSERT INTO T VALUES (x'00'); CREATE VIEW Packages AS SELECT blob FROM T",
        "CREATE VIEW Packages AS WITH RECURSIVE n(blob) AS (SELECT 1 UNION ALL SELECT blob + 1 FROM n) SELECT * FROM n",
        "CREATE TABLE Packages (a INTEGER, blob BLOB AS (zeroblob(a))); INSERT INTO Packages VALUES (1000000000)",
        "CREATE VIRTUAL TABLE Packages USING fts5(blob); INSERT INTO Packages VALUES ('text')",
        "CREATE TABLE Packages (a TEXT PRIMARY KEY, blob BLOB) WITHOUT ROWID; INSERT INTO Packages VALUES ('a', x'00')",
        "CREATE TABLE Packages (blob BLOB); INSERT INTO Packages VALUES ('text')",
    ],
)
def test_only_a_plain_table_is_read(script: str) -> None:
    """Views, functions and other code in the file have no effect."""
    with pytest.raises(DatabaseDamaged):
        list(headers(sqlite_script(script)))


@pytest.mark.parametrize(
    ("place", "new"),
    [
        (16, b"\x00\x00"),
        (16, b"\x03\x00"),
        (16, b"\x02\x00\x01\x01\xff"),
        (100, b"\x02"),
        (103, b"\xff\xff"),
        (108, b"\xff\xff"),
    ],
)
def test_a_beginning_that_cannot_be_is_damage(place: int, new: bytes) -> None:
    """The size of pages, the type of the first one, its number of rows or their place is impossible."""
    content = sqlite([package("a")])
    with pytest.raises(DatabaseDamaged):
        list(headers(content[:place] + new + content[place + len(new) :]))


@pytest.mark.parametrize("byte_count", [16, 20, 21, 100, 4095, 4096, 5000])
def test_a_file_that_is_cut_off_is_damage(byte_count: int) -> None:
    """Its table Packages is in the second page."""
    with pytest.raises(DatabaseDamaged):
        list(headers(sqlite([package("a")])[:byte_count]))


def test_pages_that_lead_back_to_themselves_end() -> None:
    """Each page counts once: as a page of the table, or as the rest of a row."""
    content = bytearray(sqlite([package(f"package-{number}", "/x" * 200) for number in range(100)]))
    root = next(place for place in range(_PAGE_BYTES, len(content), _PAGE_BYTES) if content[place] == 5)
    cell = root + int.from_bytes(content[root + 12 : root + 14], "big")
    content[cell : cell + 4] = (root // _PAGE_BYTES + 1).to_bytes(4, "big")
    with pytest.raises(DatabaseDamaged, match="something else"):
        list(headers(bytes(content)))


@pytest.mark.parametrize(("row_bytes", "words"), [(3_000, "more bytes than the file"), (10, "more than 50 packages")])
def test_rows_that_share_their_bytes_end(monkeypatch: pytest.MonkeyPatch, row_bytes: int, words: str) -> None:
    """Each place of a page is that of one row."""
    monkeypatch.setattr(database_limits, "MAX_PACKAGES", 50)
    content = bytearray(sqlite([b"x" * row_bytes]))
    page = content.index(b"x" * row_bytes) // _PAGE_BYTES * _PAGE_BYTES
    content[page + 3 : page + 5] = (100).to_bytes(2, "big")
    content[page + 8 : page + 208] = content[page + 8 : page + 10] * 100
    with pytest.raises(DatabaseDamaged, match=words):
        list(headers(bytes(content)))


def test_packages_before_the_damage_are_read() -> None:
    """A page in the middle of the table has no type."""
    content = bytearray(sqlite([package(f"package-{number}", "/x" * 200) for number in range(100)]))
    content[10 * _PAGE_BYTES : 11 * _PAGE_BYTES] = bytes(_PAGE_BYTES)
    rows = headers(bytes(content))
    assert len(list(islice(rows, 20))) == 20
    with pytest.raises(DatabaseDamaged, match="not that of a table"):
        list(rows)
