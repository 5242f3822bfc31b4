"""Headers of rpm: one holds the name, the version and the files of a package.

A header has an index of tags and, behind it, their values. All numbers are big-endian.

Source: rpm's manual, "Package Header format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Set

from explorer.analysis.packages.database_limits import MAX_NAME_CHARS, check_path_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.owned_paths import image_paths

_NAME, _VERSION, _RELEASE, _EPOCH, _ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
_BASENAMES, _DIRECTORY_NUMBERS, _DIRECTORIES, _OLD_PATHS = 1117, 1116, 1118, 1027
_FILE_STATES, _FILE_FLAGS, _FILE_DIGESTS = 1029, 1037, 1035
_TAGS = frozenset(
    (_NAME, _VERSION, _RELEASE, _EPOCH, _ARCHITECTURE, _BASENAMES, _DIRECTORY_NUMBERS, _DIRECTORIES, _OLD_PATHS)
) | {_FILE_STATES, _FILE_FLAGS}
_CHAR, _INT8, _INT32, _STRING, _BINARY, _STRINGS, _TRANSLATED = 1, 2, 4, 6, 7, 8, 9
_MAX_TAGS = 0xFFFF
"""rpm's own limit; packages have about 100."""
_NORMAL_STATE = 0
"""Other states: another package replaced the file, or rpm left it out."""
_CONFIGURATION, _GHOST = 1 << 0, 1 << 6
"""Flags of a file. A ghost is a file that the package does not ship, but would remove."""
_NO_PACKAGE = "gpg-pubkey"
"""The name of the headers that hold the keys of repositories."""

_Values = Mapping[int, tuple[int, bytes]]
"""Tag to the number of its values, and the values."""


def package(header: bytes, root: str) -> Found | None:
    """Returns the package of a header, or None for a key. Raises DatabaseDamaged."""
    values = _values(header)
    name, version, release, architecture = (_text(values, tag) for tag in (_NAME, _VERSION, _RELEASE, _ARCHITECTURE))
    if not name:
        raise DatabaseDamaged("a package in it has no name")
    if name == _NO_PACKAGE:
        return None
    epoch = _numbers(values, _EPOCH)[:1]
    full_version = "".join(f"{number}:" for number in epoch) + version + (f"-{release}" if release else "")
    return Found(name, full_version, architecture, image_paths(root, _owned(values)))


def file_digests(header: bytes, root: str) -> Iterator[tuple[str, str]]:
    """Yields the files of a header with their digests, in hexadecimal digits.

    Raises DatabaseDamaged.
    """
    values = _values(header, _TAGS | {_FILE_DIGESTS})
    for path, digest in zip(_listed(values), _strings(values, _FILE_DIGESTS), strict=False):
        if digest:
            yield root + path.lstrip("/"), digest


def _values(header: bytes, tags: Set[int] = _TAGS) -> dict[int, tuple[int, bytes]]:
    """Returns the tags that matter.

    If rpm added a tag behind the package's own ones, it counts in their place.
    """
    tag_count, byte_count = struct.unpack(">II", header[:8]) if len(header) >= 8 else (0, 0)
    start = 8 + 16 * tag_count
    if not 0 < tag_count <= _MAX_TAGS or start + byte_count > len(header):
        raise DatabaseDamaged("the header of a package in it has a size that is impossible")
    entries = {entry[0]: entry[1:] for entry in struct.iter_unpack(">IIII", header[8:start]) if entry[0] in tags}
    values = header[start : start + byte_count]
    return {tag: (count, _value(values, kind, offset, count)) for tag, (kind, offset, count) in entries.items()}


def _value(values: bytes, kind: int, offset: int, count: int) -> bytes:
    size = count * 4 if kind == _INT32 else count
    if kind not in (_CHAR, _INT8, _INT32, _STRING, _BINARY, _STRINGS, _TRANSLATED) or offset + size > len(values):
        raise DatabaseDamaged("the header of a package in it points out of itself")
    return values[offset:] if kind in (_STRING, _STRINGS, _TRANSLATED) else values[offset : offset + size]


def _strings(values: _Values, tag: int) -> list[str]:
    count, value = values.get(tag, (0, b""))
    check_path_count(count)
    strings = value.split(b"\0", count)[:count]
    return [string.decode("utf-8", "surrogateescape") for string in strings]


def _text(values: _Values, tag: int) -> str:
    _, value = values.get(tag, (0, b""))
    return value.partition(b"\0")[0][:MAX_NAME_CHARS].decode("utf-8", "surrogateescape")


def _numbers(values: _Values, tag: int) -> tuple[int, ...]:
    count, value = values.get(tag, (0, b""))
    return struct.unpack(f">{count}I", value) if len(value) == count * 4 else ()


def _listed(values: _Values) -> list[str]:
    """Returns the paths of all files of the package."""
    directories = _strings(values, _DIRECTORIES)
    numbers = _numbers(values, _DIRECTORY_NUMBERS)
    names = _strings(values, _BASENAMES)
    if len(numbers) != len(names) or any(number >= len(directories) for number in numbers):
        raise DatabaseDamaged("a package in it has files in directories that it does not list")
    check_path_count(len(names), sum(len(directories[number]) for number in numbers))
    paths = [directories[number] + name for number, name in zip(numbers, names, strict=True)]
    # Packages of before 2000 have whole paths.
    return paths or _strings(values, _OLD_PATHS)


def _owned(values: _Values) -> Iterator[str]:
    """Yields the paths of files that the package installed."""
    paths = _listed(values)
    states = values.get(_FILE_STATES, (0, b""))[1].ljust(len(paths), bytes((_NORMAL_STATE,)))
    flags = _numbers(values, _FILE_FLAGS) or (0,) * len(paths)
    for path, state, flag in zip(paths, states, flags, strict=False):
        if state == _NORMAL_STATE and not flag & _GHOST:
            yield path
            if flag & _CONFIGURATION:
                # rpm does not overwrite a file that the user changed, and puts its own beside it.
                yield path + ".rpmnew"
