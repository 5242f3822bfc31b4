"""rpm: the packages of Fedora, Red Hat, SUSE, Amazon Linux and others.

The database is one file. Its form depends on the age and the distribution, but each has one header for each package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from explorer.analysis.packages import rpm_berkeley, rpm_header, rpm_manifest, rpm_ndb, rpm_sqlite
from explorer.analysis.packages.database_limits import check_package_count, check_path_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found, Stated
from explorer.analysis.packages.owned_paths import root_of

_MANIFEST = "rpmmanifest/container-manifest-2"
_NAMES = ("rpm/rpmdb.sqlite", "rpm/Packages.db", "rpm/Packages", _MANIFEST)
_FILE = re.compile(
    r"((?:.*/)?)(?:(?:var/lib|usr/lib/sysimage|usr/share)/rpm/(?:rpmdb\.sqlite|Packages\.db|Packages)"
    rf"|var/lib/{_MANIFEST})"
)
"""``usr/lib/sysimage`` is newer than ``var/lib``; images of ostree have the database in ``usr/share``."""


class _Rpm:
    """Reads the database in each of its forms."""

    kind = "rpm"

    def matches(self, path: str) -> bool:
        return path.endswith(_NAMES) and _FILE.fullmatch(path) is not None

    def parse(self, path: str, content: bytes) -> Stated:
        packages: list[Found] = []
        is_manifest = path.endswith(_MANIFEST)
        try:
            packages.extend(rpm_manifest.packages(content) if is_manifest else _packages(root_of(_FILE, path), content))
        except DatabaseDamaged as error:
            raise DatabaseDamaged(str(error), tuple(packages)) from error
        return tuple(packages)

    def join(self, files: Mapping[str, Stated]) -> Iterator[Found]:
        # An image whose database has a new form or place may still have the old one.
        packages = {(root_of(_FILE, path), *found[:3]): found for path, stated in files.items() for found in stated}
        yield from packages.values()


FORMAT = _Rpm()


def file_digests(path: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yields the files of all packages with their digests, in hexadecimal digits.

    Raises DatabaseDamaged.
    """
    for header in () if path.endswith(_MANIFEST) else _headers(content):
        with suppress(DatabaseDamaged):
            yield from rpm_header.file_digests(header, root_of(_FILE, path))


def _reader(content: bytes) -> Callable[[bytes], Iterator[bytes]]:
    if content.startswith(rpm_sqlite.MAGIC):
        return rpm_sqlite.headers
    if content.startswith(rpm_ndb.MAGIC):
        return rpm_ndb.headers
    if rpm_berkeley.is_berkeley(content):
        return rpm_berkeley.headers
    raise DatabaseDamaged("it is no database of rpm, expected SQLite, ndb or a hash of Berkeley DB")


def _headers(content: bytes) -> Iterator[bytes]:
    byte_count = 0
    for number, header in enumerate(_reader(content)(content) if content else ()):
        check_package_count(number)
        byte_count += len(header)
        if byte_count > len(content):
            raise DatabaseDamaged("its packages have more bytes than the file, so some are in others")
        yield header


def _packages(root: str, content: bytes) -> Iterator[Found]:
    """Yields all packages that can be read, then raises DatabaseDamaged for others."""
    path_count = char_count = damaged_count = 0
    damage = ""
    for header in _headers(content):
        try:
            package = rpm_header.package(header, root)
        except DatabaseDamaged as error:
            damaged_count += 1
            damage = damage or str(error)
            continue
        if package:
            path_count += len(package.paths)
            char_count += sum(map(len, package.paths))
            check_path_count(path_count, char_count)
            yield package
    if damage:
        raise DatabaseDamaged(damage if damaged_count == 1 else f"{damage} ({damaged_count:,} packages are damaged)")
