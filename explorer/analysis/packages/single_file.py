"""Formats in which each file states its packages alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.analysis.packages.formats import Found, Stated


class SingleFileFormat:
    """The base of formats whose files do not refer to each other."""

    def join(self, files: Mapping[str, Stated]) -> Iterator[Found]:
        """Yields the packages of all files."""
        for stated in files.values():
            yield from stated


class ProgramFormat(SingleFileFormat):
    """A format in programs, which no path tells from other files."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def matches(self, path: str) -> bool:  # noqa: ARG002
        """False: ``executables.parse_executable`` reads what is in programs."""
        return False

    def parse(self, path: str, content: bytes) -> Stated:  # noqa: ARG002
        """Returns nothing, because no path matches."""
        return ()
