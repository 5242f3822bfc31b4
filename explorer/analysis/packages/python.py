"""Python packages: the files that installers leave beside the modules.

``NAME-VERSION.dist-info`` is a directory with METADATA and RECORD. Older installers leave ``NAME.egg-info``: a file, or
a directory with PKG-INFO and, after pip, installed-files.txt.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from explorer.analysis.packages.database_limits import check_path_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found, Stated
from explorer.analysis.packages.owned_paths import image_path, parent_of

_MAX_HEADER_BYTES = 1 << 20
"""Limit for the fields of METADATA; the description after them may be longer. Real ones have up to 100 kB."""
_METADATA = ("dist-info/METADATA", "egg-info/PKG-INFO", "EGG-INFO/PKG-INFO", ".egg-info")
_COMPLETE_LISTS = ("dist-info/RECORD", "egg-info/installed-files.txt")
_PARTIAL_LISTS = ("egg-info/SOURCES.txt", "egg-info/top_level.txt", "dist-info/top_level.txt")
"""Lists that count only where there is no complete one."""
_ENDINGS = _METADATA + _COMPLETE_LISTS + _PARTIAL_LISTS
_SEPARATORS = re.compile(r"[-_.]+")
_RUNTIME = "Python"
"""Some distributions ship metadata of the interpreter itself, which is no package."""


class _Python:
    """Reads METADATA, RECORD and their older forms."""

    kind = "pypi"

    def matches(self, path: str) -> bool:
        return path.endswith(_ENDINGS)

    def parse(self, path: str, content: bytes) -> Stated:
        if path.endswith(_METADATA):
            package = _metadata(content)
            return () if package.name == _RUNTIME else (package._replace(name=normalized(package.name)),)
        paths = dict.fromkeys(_paths(path, content))
        return (Found("", paths=tuple(paths)),)

    def join(self, files: Mapping[str, Stated]) -> Iterator[Found]:
        groups: defaultdict[str, dict[str, Found]] = defaultdict(dict)
        for path, stated in files.items():
            if stated:
                is_file = path.endswith(".egg-info")
                groups[path if is_file else parent_of(path)][path] = stated[0]
        for directory, members in groups.items():
            package = next((member for member in members.values() if member.name), None)
            if package:
                lists = _lists(members, _COMPLETE_LISTS) or _lists(members, _PARTIAL_LISTS)
                owned = (path for listing in lists for path in listing.paths)
                own = directory if directory in members else _own_directory(directory)
                yield package._replace(paths=tuple(dict.fromkeys((own, *owned))))


FORMAT = _Python()


def normalized(name: str) -> str:
    """Returns the name by which package indexes know a package (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def _lists(members: Mapping[str, Found], endings: tuple[str, ...]) -> list[Found]:
    return [listing for path, listing in members.items() if path.endswith(endings) and listing.paths]


def _own_directory(directory: str) -> str:
    """Returns the directory of the information, or of the egg that holds all."""
    return (parent_of(directory) if directory.endswith("/EGG-INFO") else directory) + "/"


def _metadata(content: bytes) -> Found:
    """Returns the name and the version that the fields state."""
    fields: dict[str, str] = {}
    for line in content[:_MAX_HEADER_BYTES].decode(errors="replace").lstrip().split("\n"):
        field, colon, value = line.partition(":")
        if not line.strip() or ("name" in fields and "version" in fields):
            break
        if colon and field.lower() in ("name", "version"):
            fields.setdefault(field.lower(), value.strip())
    if not fields.get("name"):
        raise DatabaseDamaged("it has no field Name at its beginning; metadata of Python packages has one")
    return Found(fields["name"], fields.get("version", ""))


def _paths(path: str, content: bytes) -> Iterator[str]:
    """Yields the paths that a list of files, or of modules, stands for."""
    information = parent_of(path)
    root = parent_of(information)
    text = content.decode(errors="surrogateescape")
    lines = text.split("\n")
    if path.endswith("top_level.txt"):
        for name in _checked(lines):
            module = image_path(root, name.strip())
            if module:
                yield from (f"{module}/", f"{module}.py")
    elif path.endswith("RECORD"):
        yield from _with_bytecode(root, root, _first_columns(text))
    elif path.endswith("installed-files.txt"):
        yield from _with_bytecode(root, information, lines)
    else:
        yield from _with_bytecode(root, _source_directory(path, root, lines), lines)


def _with_bytecode(root: str, base: str, names: Iterable[str]) -> Iterator[str]:
    """Yields files relative to ``base``, and the directories of their bytecode.

    Python itself writes bytecode, which no list has. In ``root`` itself, that of several packages is in one directory.
    """
    for name in _checked(names):
        file = image_path(base, name.strip())
        if file:
            yield file
            directory = parent_of(file)
            if file.endswith(".py") and directory.startswith(f"{root}/"):
                yield f"{directory}/__pycache__/"


def _checked(names: Iterable[str]) -> Iterator[str]:
    for count, name in enumerate(names, 1):
        check_path_count(count)
        yield name


def _first_columns(text: str) -> Iterator[str]:
    """Yields the first column of a table with commas, without unreadable rows."""
    rows = csv.reader(io.StringIO(text, newline=""))
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            continue
        if row:
            yield row[0]


def _source_directory(path: str, root: str, names: Iterable[str]) -> str:
    """Returns the directory of setup.py, to which SOURCES.txt refers.

    It may be above the one that holds the information.
    """
    for name in names:
        if name.endswith("/SOURCES.txt") and path.endswith(f"/{name}"):
            return path[: -len(name) - 1]
    return root
