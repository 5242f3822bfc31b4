"""The names in .dockerignore: a directory stands for its files if all of them go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images import Item, explored_layers, file, hardlink, layer, symlink

BASE = "ADD rootfs.tar.xz /"
DOCUMENTATION = [f"usr/share/doc/a{number}/readme" for number in range(40)]
BACKUPS = [f"app/old/{number}/{name}~" for number in range(9) for name in "ab"]


def ignored(tmp_path: Path, copy: str, *items: Item) -> list[str]:
    """Returns the lines of the fix of a COPY."""
    history = [{"created_by": BASE}, {"created_by": copy}]
    image = explored_layers(tmp_path, layer(file("bin/sh", b"1")), layer(*items), history=history)
    (fix,) = image.fixes
    return [str(line) for line in fix.diff]


def files(*paths: str) -> list[Item]:
    """Returns a file of one byte at each path."""
    return [file(path, b"1") for path in paths]


def test_a_known_directory_below_the_source(tmp_path: Path) -> None:
    """Documentation below a source with another name than its target is one directory."""
    lines = ignored(tmp_path, "COPY rootfs /", *files("usr/bin/a", *DOCUMENTATION))
    assert lines == ["# .dockerignore", "+ rootfs/usr/share/doc"]


def test_the_whole_copy_goes(tmp_path: Path) -> None:
    """A COPY that brings documentation alone is not needed."""
    lines = ignored(tmp_path, "COPY docs /usr/share/doc/app", *files("usr/share/doc/app/a", "usr/share/doc/app/b"))
    assert lines == ["- COPY docs /usr/share/doc/app"]


def test_files_whose_directory_brings_nothing_else(tmp_path: Path) -> None:
    """The highest directory of which nothing stays is named, and a single file keeps its own name."""
    lines = ignored(tmp_path, "COPY . /app", *files("app/a.py", "app/one/b~", *BACKUPS))
    assert sorted(lines) == ["# .dockerignore", "+ old", "+ one/b~"]


@pytest.mark.parametrize("other", [file("app/old/keep", b""), symlink("app/old/keep", "a"), file("app/old/k", b"1")])
def test_a_directory_with_other_files(tmp_path: Path, other: Item) -> None:
    """A directory is not named if it holds anything else: the directories below it are, in bounded number."""
    lines = ignored(tmp_path, "COPY . /app", other, *files(*BACKUPS))
    assert lines == ["# .dockerignore", *(f"+ old/{number}" for number in range(8)), "# and 1 more"]


def test_many_single_files(tmp_path: Path) -> None:
    """Single files are bounded in number."""
    names = [f"app/{letter}/{name}" for letter in "abcdefghijklmnop" for name in ("x~", "x")]
    lines = ignored(tmp_path, "COPY . /app", *files(*names))
    assert lines == ["# .dockerignore", *(f"+ {letter}/x~" for letter in "abcdefgh"), "# and 8 more"]


def test_all_names_of_a_file_go_with_a_directory(tmp_path: Path) -> None:
    """A hidden directory whose files have second names, or are empty, is still named alone."""
    items = [file("app/.git/a", b"1"), hardlink("app/.git/b", "app/.git/a"), file("app/.git/empty", b"")]
    assert ignored(tmp_path, "COPY . /app", file("app/m", b"1"), *items) == ["# .dockerignore", "+ .git"]


def test_files_of_an_unknown_source(tmp_path: Path) -> None:
    """Without the source, a directory of any name could be another one, so files are named."""
    lines = ignored(tmp_path, "/bin/sh -c #(nop) COPY dir:0a1b in /app ", *files("app/a", "app/old/a~", "app/old/b~"))
    assert lines == ["# .dockerignore", "+ **/old/a~", "+ **/old/b~"]
