"""Disposable files: each kind is known by its place or its name, and counts once."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.disposables import disposables as disposables_module
from explorer.analysis.disposables import kinds
from explorer.analysis.disposables.disposables import disposables
from explorer.analysis.disposables.kinds import KINDS
from tests.images import Item, explored_layers, file, hardlink, layer, merged, whiteout


def found(*items: Item) -> dict[str, str]:
    """Returns path to kind of the disposable files of a layer."""
    return {each.path: each.kind for each in disposables(merged(layer(*items)))}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("var/lib/apt/lists/x_Packages", "apt_lists"),
        ("var/cache/apt/archives/x.deb", "apt_cache"),
        ("var/cache/apk/APKINDEX.gz", "apk"),
        ("var/cache/dnf/x.solv", "dnf"),
        ("root/.cache/pip/http/a", "pip"),
        ("home/app/.npm/_cacache/a", "npm"),
        ("root/.local/share/pnpm/store/v3/a", "pnpm"),
        ("usr/local/bundle/cache/rack.gem", "gem"),
        ("opt/conda/pkgs/x.conda", "conda"),
        ("root/.m2/repository/x.jar", "maven"),
        ("root/.cache/thing/a", "home_cache"),
        ("tmp/build/a.o", "temporary"),
        ("var/log/dpkg.log", "logs"),
        ("srv/core.1234", "crash_dumps"),
        ("app/.git/objects/aa/b", "version_control"),
        ("app/node_modules/.cache/x", "tools"),
        ("app/main.py~", "tools"),
        ("usr/lib/python3/dist-packages/numpy/core/tests/test_a.py", "package_tests"),
        ("usr/share/doc/bash/README", "documentation"),
        ("usr/share/man/man1/ls.1.gz", "manuals"),
        ("usr/share/locale/de/LC_MESSAGES/a.mo", "locales"),
        ("usr/include/stdio.h", "headers"),
        ("usr/lib/libm.a", "static_libraries"),
    ],
)
def test_kinds(path: str, kind: str) -> None:
    """Each kind is known by the place or the name of its files."""
    assert found(file(path, b"1")) == {path: kind}


@pytest.mark.parametrize(
    "path",
    [
        "usr/bin/ls",
        "app/doc/index.html",
        "app/tests/test_a.py",
        "var/lib/dpkg/status",
        "app/git/a",
        "core",
    ],
)
def test_needed_files(path: str) -> None:
    """Programs, package records, and the image's own documentation and tests are needed."""
    assert found(file(path, b"1")) == {}


def test_bytecode_needs_its_source() -> None:
    """Bytecode is disposable only if its source is visible beside it."""
    assert found(
        file("a/m.py", b"1"),
        file("a/__pycache__/m.cpython-311.pyc", b"1"),
        file("a/__pycache__/other.cpython-311.pyc", b"1"),
        file("b/m.pyc", b"1"),
    ) == {"a/__pycache__/m.cpython-311.pyc": "bytecode"}


def test_builders_need_headers() -> None:
    """Headers and static libraries are needed where a compiler is visible."""
    headers = (file("usr/include/a.h", b"1"), file("usr/lib/liba.a", b"1"))
    assert set(found(*headers)) == {"usr/include/a.h", "usr/lib/liba.a"}
    assert found(*headers, file("usr/bin/gcc", b"1")) == {}


def test_hidden_and_empty_files_do_not_count(tmp_path: Path) -> None:
    """A hidden file is waste and not disposable; an empty one has no bytes."""
    tree = merged(layer(file("tmp/a", b"1"), file("tmp/b", b"22"), file("tmp/empty")), layer(whiteout("tmp/a")))
    assert [(each.path, each.bytes, each.shipped_in) for each in disposables(tree)] == [("tmp/b", 2, 0)]


def test_an_inode_counts_once_and_only_if_no_name_is_needed() -> None:
    """Hard links count once; one needed name keeps the inode."""
    tree = merged(
        layer(file("tmp/a", b"1"), hardlink("tmp/b", "tmp/a"), file("tmp/c", b"22"), hardlink("usr/bin/c", "tmp/c"))
    )
    assert [(each.path, each.bytes) for each in disposables(tree)] == [("tmp/a", 1)]


def test_wanted_files_are_not_disposable() -> None:
    """Paths that the user wants are left out."""
    tree = merged(layer(file("usr/share/doc/a", b"1"), file("tmp/b", b"1")))
    assert [each.path for each in disposables(tree, lambda path: path.startswith("usr/share/doc/"))] == ["tmp/b"]


def test_largest_first(tmp_path: Path) -> None:
    """An exploration has the disposable files of all layers, largest first, and they are visible."""
    exploration = explored_layers(
        tmp_path, layer(file("tmp/a", b"1")), layer(file("var/log/b", b"333"), file("tmp/c", b"22"))
    )
    assert [each.path for each in exploration.disposables] == ["var/log/b", "tmp/c", "tmp/a"]
    assert sum(each.bytes for each in exploration.disposables) <= exploration.usage.visible_bytes


def test_the_table() -> None:
    """Each kind has a name, and kinds with one remedy have one title and one text for it."""
    remedies = {(kind.remedy.id, kind.remedy) for kind in KINDS.values()}
    assert max(Counter(key for key, _ in remedies).values()) == 1
    assert all(kind.name and (kind.directories or kind.files) for kind in KINDS.values())
    assert all(kind.remedy.do.endswith(".") and kind.remedy.title for kind in KINDS.values())


def test_line_breaks_in_names() -> None:
    """A line break in a name hides nothing."""
    assert found(file("a\nb/.git/x", b"1"), file("a\n.orig", b"1")) == {
        "a\nb/.git/x": "version_control",
        "a\n.orig": "tools",
    }


def test_paths_made_to_take_long() -> None:
    """Time grows with the length of a path and not with its square."""
    start = time.process_time()
    tree = merged(layer(*(file(f"{'gems/' * 700}{number}/x", b"x") for number in range(200))))
    assert not disposables(tree)
    assert time.process_time() - start < 1
    assert disposables(merged(layer(file(f"{'gems/' * 700}a/tests/x", b"x"))))[0].kind == "package_tests"


@given(st.from_regex(disposables_module._FILE, fullmatch=True))
def test_names_of_files_have_known_starts_or_ends(name: str) -> None:
    """The quick look at a name leaves out no name of a disposable file."""
    is_looked_at = name.endswith(disposables_module._FILE_ENDS) or name.startswith(disposables_module._FILE_STARTS)
    assert is_looked_at


@given(st.from_regex(kinds._LEFTOVER))
def test_paths_of_leftovers_have_known_starts(text: str) -> None:
    """The quick look at a path leaves out no path of a leftover."""
    match = kinds._LEFTOVER.match(text)
    assert match is None or text.startswith(kinds._LEFTOVER_STARTS)
