"""Directories are opened name by name, and few of them stay open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.extract.open_directories import DIRECTORY_FLAGS, OpenDirectories


@pytest.fixture
def top(tmp_path: Path) -> Iterator[int]:
    """A directory with ``a/b/c``."""
    (tmp_path / "a/b/c").mkdir(parents=True)
    descriptor = os.open(tmp_path, DIRECTORY_FLAGS)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The names that were opened."""
    names: list[object] = []
    really_open = os.open

    def counting(name: object, *arguments: object, **options: object) -> int:
        names.append(name)
        return really_open(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", counting)
    return names


def test_a_link_is_not_followed(top: int, tmp_path: Path) -> None:
    """A directory that has become a link cannot be opened."""
    directories = OpenDirectories(top)
    (tmp_path / "a").rename(tmp_path / "moved")
    (tmp_path / "a").symlink_to("moved")
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        directories.descriptor([b"a", b"b"])


def test_only_the_way_to_the_last_one_stays_open(top: int, tmp_path: Path) -> None:
    """Directories below the last one are closed, and the first one stays open."""
    directories = OpenDirectories(top)
    deep = directories.descriptor([b"a", b"b", b"c"])
    above = directories.descriptor([b"a", b"b"])
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(deep)
    assert os.fstat(above).st_ino == (tmp_path / "a/b").stat().st_ino
    assert directories.descriptor([]) == top
    directories.close()
    os.fstat(top)


def test_deep_directories_have_a_bound(top: int, opened: list[object]) -> None:
    """On the way down and up a thousand levels, few stay open, and few are opened twice."""
    directories, names = OpenDirectories(top), [b"n"] * 1000
    before = len(list(Path("/dev/fd").iterdir()))
    for depth in range(1000):
        os.mkdir(b"n", dir_fd=directories.descriptor(names[:depth]))
    assert len(list(Path("/dev/fd").iterdir())) - before <= 64
    for depth in reversed(range(1000)):
        os.rmdir(b"n", dir_fd=directories.descriptor(names[:depth]))
    directories.close()
    assert len(list(Path("/dev/fd").iterdir())) == before
    assert len(opened) < 12_000
