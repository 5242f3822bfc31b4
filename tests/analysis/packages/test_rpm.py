"""The packages of Fedora, Red Hat, SUSE and others."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.rpm import FORMAT
from tests.analysis.packages import rpm_files
from tests.analysis.packages.databases import packages
from tests.analysis.packages.rpm_files import berkeley, ndb, package, sqlite
from tests.images import explored_layers, file, layer

WRITTEN = Path(__file__).parent / "written"
_FORMS = pytest.mark.parametrize("write", [sqlite, ndb, berkeley])
_PLACE = "var/lib/rpm/Packages"
_Write = Callable[[list[bytes]], bytes]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("var/lib/rpm/rpmdb.sqlite", True),
        ("var/lib/rpm/Packages.db", True),
        ("usr/lib/sysimage/rpm/Packages", True),
        ("usr/share/rpm/rpmdb.sqlite", True),
        ("srv/root/var/lib/rpm/Packages", True),
        ("var/lib/rpmmanifest/container-manifest-2", True),
        ("var/lib/rpm/Name", False),
        ("var/lib/rpm/rpmdb.sqlite-wal", False),
        ("opt/rpm/Packages", False),
        ("xvar/lib/rpm/Packages", False),
    ],
)
def test_files_of_the_database(path: str, expected: bool) -> None:
    """Indexes beside it are none."""
    assert FORMAT.matches(path) is expected


@pytest.mark.parametrize("name", ["rpmdb.sqlite", "Packages"])
def test_databases_that_rpm_and_berkeley_db_wrote(name: str) -> None:
    """The ghost, and documentation that was not installed, are no files of the package."""
    content = gzip.decompress((WRITTEN / f"{name}.gz").read_bytes())
    found = {each.name: each for each in packages(FORMAT, {f"var/lib/rpm/{name}": content})}
    assert found == {
        "other": Found("other", "1:1.2-3", "noarch", ("opt/other",)),
        "tiny": Found(
            "tiny",
            "1:1.2-3",
            "x86_64",
            ("etc/tiny.conf", "etc/tiny.conf.rpmnew", "usr/bin/tiny", "usr/bin/tiny-link"),
        ),
    }


@_FORMS
def test_each_form_states_the_same(write: _Write) -> None:
    """The content tells the form, whatever the file's name is; keys are no packages."""
    long = [f"/usr/lib/directory-{number}/file" for number in range(200)]
    content = write([package("long", *long), package("gpg-pubkey"), package("bash", "/usr/bin/bash")])
    assert packages(FORMAT, {_PLACE: content}) == [
        Found("long", "1.0-1", "x86_64", tuple(path[1:] for path in long)),
        Found("bash", "1.0-1", "x86_64", ("usr/bin/bash",)),
    ]


@_FORMS
def test_a_database_without_packages(write: _Write) -> None:
    """It is whole, and so is an empty file."""
    assert packages(FORMAT, {_PLACE: write([])}) == []
    assert packages(FORMAT, {_PLACE: b""}) == []


def test_two_versions_of_a_package_are_two() -> None:
    """Several kernels are installed side by side; the same one in two databases counts once."""
    content = sqlite([package("kernel", "/boot/1"), package("kernel", "/boot/2", version="2.0")])
    both = {_PLACE: content, "usr/lib/sysimage/rpm/rpmdb.sqlite": content}
    assert [(found.version, found.paths) for found in packages(FORMAT, both)] == [
        ("1.0-1", ("boot/1",)),
        ("2.0-1", ("boot/2",)),
    ]


def test_a_root_below_the_root_has_paths_of_its_own() -> None:
    """Its paths are below that root, also those of a package that the image has, too."""
    content = ndb([package("bash", "/usr/bin/bash")])
    found = packages(FORMAT, {_PLACE: content, "srv/root/" + _PLACE: content})
    assert [each.paths for each in found] == [("usr/bin/bash",), ("srv/root/usr/bin/bash",)]


@_FORMS
def test_a_damaged_package_leaves_the_others(write: _Write) -> None:
    """The error has the packages that can be read, and how many cannot."""
    content = write([package("a"), b"damaged header", package("b"), rpm_files.header({rpm_files.VERSION: "1"})])
    with pytest.raises(DatabaseDamaged, match=r"impossible.*2 packages are damaged") as error:
        FORMAT.parse(_PLACE, content)
    assert [found.name for found in error.value.packages] == ["a", "b"]


def test_an_image_shows_the_packages_that_can_be_read(tmp_path: Path) -> None:
    """They own their files, and the problem says that the database is read in part."""
    content = ndb([package("a", "/usr/bin/a"), b"damaged header"])
    explored = explored_layers(tmp_path, layer(file("var/lib/rpm/Packages.db", content), file("usr/bin/a", b"12345")))
    bytes_by_name = {usage.package.name: usage.bytes for usage in explored.packages.usages if usage.package}
    assert bytes_by_name == {"a": 5}
    assert "/var/lib/rpm/Packages.db is read in part: the header" in str(explored.packages.problems)


def test_a_file_that_is_no_database() -> None:
    """The message has the forms that are expected."""
    with pytest.raises(DatabaseDamaged, match="expected SQLite, ndb or"):
        FORMAT.parse(_PLACE, b"text")


@_FORMS
@pytest.mark.parametrize("limit", ["MAX_PACKAGES", "MAX_PATHS"])
def test_a_database_larger_than_any_is_damaged(monkeypatch: pytest.MonkeyPatch, write: _Write, limit: str) -> None:
    """The limit bounds the memory."""
    monkeypatch.setattr(database_limits, limit, 2)
    with pytest.raises(DatabaseDamaged, match="more than 2 "):
        FORMAT.parse(_PLACE, write([package(name, f"/{name}") for name in "abcd"]))


def test_paths_that_are_long_together_are_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of one long directory take much memory, but little space in the database."""
    monkeypatch.setattr(database_limits, "_MAX_LISTED_CHARS", 100)
    headers = [package(name, f"/{'directory' * 5}/a") for name in "abc"]
    with pytest.raises(DatabaseDamaged, match="more than 100 characters"):
        FORMAT.parse(_PLACE, ndb(headers))


_NAME = st.text("ab+.é\udc80", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))


@given(st.dictionaries(_NAME, st.lists(st.tuples(_NAME, _NAME), unique=True, max_size=20), max_size=5))
def test_each_package_comes_back(tree: dict[str, list[tuple[str, str]]]) -> None:
    """Names and paths are those that were written, in each form."""
    expected = {name: tuple("/".join(pair) for pair in pairs) for name, pairs in tree.items()}
    headers = [package(name, *(f"/{path}" for path in paths)) for name, paths in expected.items()]
    for content in (sqlite(headers), ndb(headers), berkeley(headers), berkeley(headers, ">", 4096)):
        assert {found.name: found.paths for found in packages(FORMAT, {_PLACE: content})} == expected


@given(
    st.sampled_from([sqlite, ndb, berkeley]),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(min_size=1, max_size=8))),
)
def test_changed_bytes_are_read_or_damage(write: _Write, changes: list[tuple[int, bytes]]) -> None:
    """Damage ends in an error of this program, and no path leaves the root."""
    changed = bytearray(write([package("a", "/usr/bin/a"), package("b", "/usr/bin/b")]))
    for place, new in changes:
        start = place % len(changed)
        changed[start : start + len(new)] = new
    try:
        stated = FORMAT.parse(_PLACE, bytes(changed))
    except DatabaseDamaged as error:
        stated = error.packages
    for found in stated:
        assert all(path and not path.startswith("/") and ".." not in path.split("/") for path in found.paths)
