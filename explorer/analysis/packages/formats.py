"""The common shape of package databases: files that state packages.

Each file of a database is parsed on its own, so that a cache can keep the result with the layer that ships the file.
The files that a layer shows are then joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Found(NamedTuple):
    """A package as one file states it; the text is not yet printable."""

    name: str
    version: str = ""
    architecture: str = ""
    paths: tuple[str, ...] = ()
    """Paths that it owns, relative to the root. A path that ends with a slash owns everything below it."""
    namespace: str = ""
    """The first part of a package URL: a group of Maven, a scope of npm, a distribution."""


Stated = tuple[Found, ...]
"""The packages that one file states."""


@dataclass(frozen=True, slots=True)
class LayerDatabases:
    """The packages that the files of a layer state."""

    files: Mapping[str, Mapping[str, Stated]] = field(default_factory=dict)
    """Kind to path to packages. Files that could not be read are missing."""
    problems: tuple[str, ...] = ()
    """Reasons why files are missing; printable."""
    needs_fetch: bool = False
    """True if files are missing because they were not fetched, and may be."""


PACKAGE_KINDS = ("deb", "apk", "rpm", "pypi", "conda", "npm", "gem", "maven", "golang", "cargo")
"""The types of package URLs that are read."""
SYSTEM_KINDS = frozenset({"deb", "apk", "rpm"})
"""Kinds of packages of the operating system."""


class DatabaseDamaged(Exception):
    """A database file cannot be read.

    The message says what is wrong and what was expected.
    """

    def __init__(self, message: str, packages: Stated = ()) -> None:
        super().__init__(message)
        self.packages = packages
        """The packages that could be read."""


class DatabaseUnread(DatabaseDamaged):
    """A file cannot be read now, because of this machine and not of its content."""


class Format(Protocol):
    """A kind of package database."""

    @property
    def kind(self) -> str:
        """The type in package URLs: one of PACKAGE_KINDS."""

    def matches(self, path: str) -> bool:
        """True if the path is that of a file of this database.

        It is called for every path of an image.
        """

    def parse(self, path: str, content: bytes) -> Stated:
        """Returns the packages that a file states. Raises DatabaseDamaged.

        A file that only lists paths states one package with its name or without.
        """

    def join(self, files: Mapping[str, Stated]) -> Iterable[Found]:
        """Returns the installed packages.

        ``files`` has all files of the database that a layer shows, by path.
        """
