"""The packages of Alpine and Wolfi images."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.apk import FORMAT
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from tests.analysis.packages.databases import packages

_INSTALLED = "lib/apk/db/installed"
_BUSYBOX = """C:Q1abcdef=
P:busybox
V:1.36.1-r5
A:x86_64
S:500000
T:Size optimized toolbox: P:no
F:bin
R:busybox
a:0:0:755
Z:Q1abcdef=
R:sh
a:0:0:777
F:etc
M:0:0:1777
F:etc/init.d
R:conf

"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("lib/apk/db/installed", True),
        ("usr/lib/apk/db/installed", True),
        ("srv/root/lib/apk/db/installed", True),
        ("xlib/apk/db/installed", False),
        ("lib/apk/db/triggers", False),
    ],
)
def test_files_of_the_database(path: str, expected: bool) -> None:
    """The database is below lib or usr/lib."""
    assert FORMAT.matches(path) is expected


@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_a_package_owns_the_files_below_its_directories(ending: str) -> None:
    """The last package counts, even if no blank line ends it."""
    busybox, musl = packages(FORMAT, {_INSTALLED: _BUSYBOX + "P:musl\nV:1.2.4-r2\nA:x86_64" + ending})
    assert busybox[:3] == ("busybox", "1.36.1-r5", "x86_64")
    assert busybox.paths == ("bin/busybox", "bin/sh", "etc/init.d/conf", "etc/init.d/conf.apk-new")
    assert musl == Found("musl", "1.2.4-r2", "x86_64")


def test_virtual_packages_count() -> None:
    """``apk add --virtual`` leaves a package without files; a stanza without a name is none."""
    text = "P:.build-deps\nV:20240101.101010\nA:noarch\n\nV:1\n\n"
    assert packages(FORMAT, {_INSTALLED: text}) == [Found(".build-deps", "20240101.101010", "noarch")]


def test_files_of_the_root_directory_and_of_none() -> None:
    """A directory without a name is the root, and so is none."""
    files = {_INSTALLED: "P:a\nF:\nR:x\n\nP:b\nR:y\nF:..\nR:z\n"}
    assert [found.paths for found in packages(FORMAT, files)] == [("x",), ("y",)]


def test_a_root_below_the_root_has_paths_of_its_own() -> None:
    """Its paths are below that root, also those of a package that the image has, too."""
    found = packages(FORMAT, {_INSTALLED: _BUSYBOX, "srv/root/" + _INSTALLED: _BUSYBOX})
    assert [each.paths[0] for each in found] == ["bin/busybox", "srv/root/bin/busybox"]


def test_a_package_of_both_places_counts_once() -> None:
    """An image may have the database of before and after its directories were merged."""
    (found,) = packages(FORMAT, {_INSTALLED: _BUSYBOX, "usr/" + _INSTALLED: _BUSYBOX})
    assert found.paths[0] == "bin/busybox"
    (found,) = packages(FORMAT, {"srv/root/usr/" + _INSTALLED: _BUSYBOX})
    assert found.paths[0] == "srv/root/bin/busybox"


def test_a_file_without_packages_is_damaged_unless_it_is_empty() -> None:
    """The message says what was expected."""
    assert packages(FORMAT, {_INSTALLED: "\n"}) == []
    with pytest.raises(DatabaseDamaged, match="P:"):
        FORMAT.parse(_INSTALLED, b"SQLite format 3\0")


@pytest.mark.parametrize(
    ("limit", "content"), [("MAX_PACKAGES", b"P:a\n\nP:b\n\nP:c\n\n"), ("MAX_PATHS", b"P:a\nR:a\nR:b\nR:c\n")]
)
def test_a_database_larger_than_any_is_damaged(monkeypatch: pytest.MonkeyPatch, limit: str, content: bytes) -> None:
    """The limit bounds the memory."""
    monkeypatch.setattr(database_limits, limit, 2)
    with pytest.raises(DatabaseDamaged, match="more than 2 "):
        FORMAT.parse(_INSTALLED, content)


def test_paths_that_are_long_together_are_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of one long directory take much memory, but little space in the database."""
    monkeypatch.setattr(database_limits, "_MAX_LISTED_CHARS", 100)
    with pytest.raises(DatabaseDamaged, match="more than 100 characters"):
        FORMAT.parse(_INSTALLED, b"P:a\nF:" + b"directory" * 5 + b"\nR:a\nR:b\nR:c\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_read(content: bytes) -> None:
    """Names and paths are those in the file, whatever they are; no path leaves the root."""
    for found in packages(FORMAT, {_INSTALLED: b"P:a\nF:a\nR:" + content}):
        assert all(path and not path.startswith("/") and ".." not in path.split("/") for path in found.paths)


_NAME = st.text("abc+.", min_size=1, max_size=5).filter(lambda name: name not in (".", ".."))


@pytest.mark.end_to_end
@given(st.dictionaries(_NAME, st.dictionaries(_NAME, st.lists(_NAME, unique=True))))
def test_each_file_has_its_package(tree: dict[str, dict[str, list[str]]]) -> None:
    """Packages, directories and files come back as they were written."""
    lines = []
    for name, folders in tree.items():
        lines += ["", f"P:{name}"]
        for folder, files in folders.items():
            lines += [f"F:{folder}", *(f"R:{file}" for file in files)]
    text = "\n".join(lines)
    assert {found.name: list(found.paths) for found in packages(FORMAT, {_INSTALLED: text})} == {
        name: [f"{folder}/{file}" for folder, files in folders.items() for file in files]
        for name, folders in tree.items()
    }
