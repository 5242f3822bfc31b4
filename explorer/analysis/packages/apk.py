"""apk: the packages of Alpine, Wolfi and other distributions.

One file has all packages. Each line begins with a letter: ``P`` a package's name, ``V`` its version, ``A`` its
architecture, ``F`` a directory, ``R`` a file in the last directory. The others are checksums, modes and more.

Source: apk-tools' src/database.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from explorer.analysis.packages.database_limits import MAX_NAME_CHARS, check_package_count, check_path_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found, Stated
from explorer.analysis.packages.owned_paths import image_paths, root_of

_FILE = re.compile(r"((?:.*?/)??)(?:usr/)?lib/apk/db/installed")
"""The shortest root counts: ``usr`` is none."""
_LINE = re.compile(rb"\n(?:\n*(?=\n)|([PVAFR]):(.*+))")
"""One of the lines that matter, or, without groups, the end of a package."""


class _Apk:
    """Reads ``installed``."""

    kind = "apk"

    def matches(self, path: str) -> bool:
        return path.endswith("lib/apk/db/installed") and _FILE.fullmatch(path) is not None

    def parse(self, path: str, content: bytes) -> Stated:
        found = tuple(_packages(root_of(_FILE, path), content))
        if content.strip() and not found:
            raise DatabaseDamaged("it states no package, expected lines that begin with P: for a name")
        return found

    def join(self, files: Mapping[str, Stated]) -> Iterator[Found]:
        # An image whose /lib became a link may still have the old database.
        by_name = {(root_of(_FILE, path), found.name): found for path, stated in files.items() for found in stated}
        yield from by_name.values()


FORMAT = _Apk()


def _packages(root: str, content: bytes) -> Iterator[Found]:
    package_count = path_count = char_count = 0
    fields: dict[bytes, str] = {}
    paths: list[str] = []
    for match in _LINE.finditer(b"".join((b"\n", content, b"\n\n"))):
        letter, value = match[1], (match[2] or b"").decode("utf-8", "surrogateescape")
        if letter == b"R":
            path = f"{fields.get(b'F', '')}/{value}"
            path_count += 1
            char_count += len(path)
            check_path_count(path_count, char_count)
            paths.append(path)
            if path.startswith("etc/"):
                # apk does not overwrite a file that the user changed, and puts its own beside it.
                paths.append(path + ".apk-new")
        elif letter:
            fields[letter] = value
        else:
            package_count += 1
            check_package_count(package_count)
            if package := _package(root, fields, paths):
                yield package
            fields, paths = {}, []


def _package(root: str, fields: Mapping[bytes, str], paths: list[str]) -> Found | None:
    name, version, architecture = (fields.get(letter, "")[:MAX_NAME_CHARS].strip() for letter in (b"P", b"V", b"A"))
    return Found(name, version, architecture, image_paths(root, paths)) if name else None
