"""rpm's database in SQLite."""

from __future__ import annotations

from itertools import islice

import pytest

from explorer.analysis.packages import rpm_sqlite
from explorer.analysis.packages.formats import DatabaseDamaged
from explorer.analysis.packages.rpm import FORMAT
from tests.analysis.packages.rpm_files import package, sqlite, sqlite_script


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE Other (blob BLOB)",
        "CREATE TABLE Packages (hnum INTEGER)",
        "CREATE TABLE T (blob BLOB); INSERT INTO T VALUES (x'00'); CREATE VIEW Packages AS SELECT blob FROM T",
        "CREATE VIEW Packages AS WITH RECURSIVE n(blob) AS (SELECT 1 UNION ALL SELECT blob + 1 FROM n) SELECT * FROM n",
        "CREATE TABLE Packages (a INTEGER, blob BLOB AS (zeroblob(a))); INSERT INTO Packages VALUES (1000000000)",
        "CREATE VIRTUAL TABLE Packages USING fts5(blob); INSERT INTO Packages VALUES ('text')",
        "CREATE TABLE Packages (blob BLOB); INSERT INTO Packages VALUES ('text')",
    ],
)
def test_only_a_plain_table_is_read(script: str) -> None:
    """Views, functions and other code of the database do not run."""
    with pytest.raises(DatabaseDamaged, match="table Packages"):
        list(rpm_sqlite.headers(sqlite_script(script)))


def test_text_that_is_no_text_is_damage() -> None:
    """Python cannot decode the names in the file."""
    content = sqlite([package("a")]).replace(b"CREATE TABLE Packages", b"CREATE TABLE P\x80ckages")
    with pytest.raises(DatabaseDamaged, match="table Packages"):
        list(rpm_sqlite.headers(content))


def test_triggers_do_not_run() -> None:
    """Reading fires none."""
    script = "CREATE TABLE Packages (blob BLOB); INSERT INTO Packages VALUES (x'01');"
    trigger = "CREATE TRIGGER t BEFORE DELETE ON Packages BEGIN SELECT randomblob(1000000000); END"
    assert list(rpm_sqlite.headers(sqlite_script(script + trigger))) == [b"\x01"]


def test_a_query_that_runs_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps of the query are counted."""
    monkeypatch.setattr(rpm_sqlite, "_MAX_STEPS", 1_000)
    monkeypatch.setattr(rpm_sqlite, "_STEPS_A_CHECK", 100)
    with pytest.raises(DatabaseDamaged, match="interrupted"):
        list(rpm_sqlite.headers(sqlite([b"x"] * 2_000)))


def test_a_table_that_leads_back_to_itself_ends() -> None:
    """A page of the table names itself as its child; SQLite or the limit of bytes ends it."""
    content = bytearray(sqlite([package(f"package-{number}", "/x" * 200) for number in range(400)]))
    size = int.from_bytes(content[16:18], "big")
    root = next(number for number in range(1, len(content) // size) if content[number * size] == 5)
    start = root * size
    for place in range(int.from_bytes(content[start + 3 : start + 5], "big")):
        cell = start + int.from_bytes(content[start + 12 + 2 * place : start + 14 + 2 * place], "big")
        content[cell : cell + 4] = (root + 1).to_bytes(4, "big")
    with pytest.raises(DatabaseDamaged):
        FORMAT.parse("var/lib/rpm/rpmdb.sqlite", bytes(content))


def test_packages_before_the_damage_are_read() -> None:
    """A page in the middle of the table has no type."""
    content = bytearray(sqlite([package(f"package-{number}", "/x" * 200) for number in range(100)]))
    content[10 * 4096 : 11 * 4096] = bytes(4096)
    headers = rpm_sqlite.headers(bytes(content))
    assert len(list(islice(headers, 20))) == 20
    with pytest.raises(DatabaseDamaged, match="malformed"):
        list(headers)
