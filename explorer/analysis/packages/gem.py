"""Ruby gems: specifications in ``specifications``, and their files in ``gems``.

A specification is a program in Ruby. It is never run: RubyGems writes the names and versions as texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from explorer.analysis.packages.database_limits import check_path_count, check_size
from explorer.analysis.packages.formats import DatabaseDamaged, Found, Stated
from explorer.analysis.packages.owned_paths import image_path

_MAX_BYTES = 4 << 20
"""Limit for a specification; that of the largest known gem has 500 kB."""
_SPECIFICATION = re.compile(r"((?:.*/)?)specifications/(default/)?([^/]+)\.gemspec", re.DOTALL)
_EXTENSION = re.compile(r"((?:.*/)?)extensions/[^/]+/[^/]+/([^/]+)/gem\.build_complete", re.DOTALL)
"""The mark in the directory of a gem's compiled files, which no specification names."""
_LIBRARY = re.compile(r"((?:.*/)?ruby/)gems/([^/]+)/", re.DOTALL)
"""The directory of gems that belongs to a Ruby, whose own libraries are beside it."""


def _field(name: str, value: str) -> re.Pattern[str]:
    return re.compile(rf"^[^\n=]{{0,200}}\.{name}[ \t]*=[ \t]*{value}", re.MULTILINE)


_TEXT = r"""(["'])([^"'\n]+)\1"""
_NAME, _VERSION, _FILES = _field("name", _TEXT), _field("version", _TEXT), _field("files", r"\[([^\]\n]*)\]")
_TEXTS = re.compile(_TEXT)


class _Gem:
    """Reads specifications, and notes the directories of compiled files."""

    kind = "gem"

    def matches(self, path: str) -> bool:
        if path.endswith(".gemspec"):
            return _SPECIFICATION.fullmatch(path) is not None
        return path.endswith("/gem.build_complete") and _EXTENSION.fullmatch(path) is not None

    def parse(self, path: str, content: bytes) -> Stated:
        place = _SPECIFICATION.fullmatch(path)
        if place is None:
            return (Found("", paths=(path.removesuffix("gem.build_complete"),)),)
        check_size(content, _MAX_BYTES)
        text = content.decode(errors="surrogateescape")
        name, version = _NAME.search(text), _VERSION.search(text)
        if not name or not version:
            raise DatabaseDamaged("it has no name and version as texts; RubyGems writes both")
        home, is_default, full_name = place.groups()
        paths = [
            path,
            f"{home}gems/{full_name}/",
            f"{home}doc/{full_name}/",
            f"{home}cache/{full_name}.gem",
            f"{home}build_info/{full_name}.info",
        ]
        if is_default:
            paths += _default_files(home, text)
        return (Found(name[2], version[2], paths=tuple(paths)),)

    def join(self, files: Mapping[str, Stated]) -> Iterator[Found]:
        extensions = {
            (place[1], place[2]): stated[0].paths
            for path, stated in files.items()
            if stated and (place := _EXTENSION.fullmatch(path))
        }
        for path, stated in files.items():
            place = _SPECIFICATION.fullmatch(path)
            for package in stated if place else ():
                compiled = extensions.get((place[1], place[3]), ()) if place else ()
                yield package._replace(paths=package.paths + compiled)


FORMAT = _Gem()


def _default_files(home: str, text: str) -> Iterator[str]:
    """Yields the files of a gem that comes with Ruby: they are among Ruby's own."""
    library, listed = _LIBRARY.fullmatch(home), _FILES.search(text)
    if library and listed:
        directory = library[1] + library[2]
        texts = _TEXTS.findall(listed[1])
        check_path_count(len(texts))
        for _, name in texts:
            file = image_path(directory, name.removeprefix("lib/"))
            if file:
                yield file
