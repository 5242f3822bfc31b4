"""The files of a layer that can state packages: databases, and executables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.packages import accounts, os_release
from explorer.analysis.packages.formats import Format
from explorer.analysis.packages.kinds import FORMATS
from explorer.analysis.packages.single_file import ProgramFormat
from explorer.model import Entry, Kind, LayerIndex

_FILE, _HARDLINK = Kind.FILE, Kind.HARDLINK
_DATABASES = (*(each for each in FORMATS if not isinstance(each, ProgramFormat)), os_release.FORMAT, accounts.FORMAT)
_MIN_EXECUTABLE_BYTES = 100_000
"""The smallest program of Go has a megabyte, one of Rust with its packages 300 kB."""
_EXECUTABLE_BITS = 0o111
_LIBRARY = ".so"
_MAX_LIBRARY_BYTES = 64 << 20
"""Larger libraries are kernels for graphics cards, which state no packages and take long to read."""


class WantedFile(NamedTuple):
    """A file to read, with the formats that read it."""

    entry: Entry
    """One name of the file. Others are in ``names``."""
    names: list[tuple[Format, str]]
    """The formats, and the path for each: hard links may be several files of databases."""
    is_executable: bool
    """True if it states packages only if it is an executable; no format reads it by its path."""


def wanted_files(index: LayerIndex) -> Sequence[WantedFile]:
    """Returns the files of a layer that can state packages, each inode once."""
    by_inode: dict[int, WantedFile] = {}
    for format_, entry in _databases(index):
        by_inode.setdefault(entry.inode, WantedFile(entry, [], False)).names.append((format_, entry.path))
    for entry in _executables(index):
        if entry.inode not in by_inode:
            by_inode[entry.inode] = WantedFile(entry, [], True)
    return list(by_inode.values())


def _databases(index: LayerIndex) -> Iterator[tuple[Format, Entry]]:
    entries = [entry for entry in index.entries if entry.kind is _FILE or entry.kind is _HARDLINK]
    for each in _DATABASES:
        matches = each.matches
        yield from [(each, entry) for entry in entries if matches(entry.path)]


def _executables(index: LayerIndex) -> Iterator[Entry]:
    for entry in index.entries:
        if entry.kind is _FILE and entry.size >= _MIN_EXECUTABLE_BYTES:
            name = entry.path.rpartition("/")[2]
            if name.endswith(_LIBRARY) or f"{_LIBRARY}." in name:
                if entry.size <= _MAX_LIBRARY_BYTES:
                    yield entry
            elif entry.mode & _EXECUTABLE_BITS:
                yield entry
