"""Packages of npm: directories in ``node_modules`` that have a package.json."""

from __future__ import annotations

import re

from explorer.analysis.packages.formats import Found, Stated
from explorer.analysis.packages.json_objects import parse_object, text_of
from explorer.analysis.packages.owned_paths import parent_of
from explorer.analysis.packages.single_file import SingleFileFormat

_MAX_BYTES = 4 << 20
"""Limit for a package.json; the longest known ones have a few hundred kilobytes."""
_PACKAGE_JSON = "/package.json"
_PACKAGE = re.compile(
    r"(?:.*/)?(?:node_modules|usr/share/nodejs)/(?:@[^/]+/)?[^/@.][^/]*/package\.json"
    r"|opt/yarn-v[^/]+/package\.json",  # the archive of yarn, which the official images of Node.js unpack
    re.DOTALL,
)
"""Packages, and none of the files of the same name that packages have in their tests and builds."""


class _Npm(SingleFileFormat):
    """Reads package.json."""

    kind = "npm"

    def matches(self, path: str) -> bool:
        return path.endswith(_PACKAGE_JSON) and _PACKAGE.fullmatch(path) is not None

    def parse(self, path: str, content: bytes) -> Stated:
        document = parse_object(content, _MAX_BYTES)
        scope, _, name = text_of(document, "name").rpartition("/")
        # A directory without a name is a part of an application, which no registry has.
        if not name:
            return ()
        version = text_of(document, "version")
        return (Found(name, version, paths=(f"{parent_of(path)}/",), namespace=scope),)


FORMAT = _Npm()
