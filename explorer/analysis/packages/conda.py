"""Packages of conda: a JSON file for each in an environment's ``conda-meta``."""

from __future__ import annotations

import re

from explorer.analysis.packages.database_limits import check_path_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found, Stated
from explorer.analysis.packages.json_objects import parse_object, text_of
from explorer.analysis.packages.owned_paths import image_path, parent_of
from explorer.analysis.packages.single_file import SingleFileFormat

_MAX_BYTES = 32 << 20
"""Limit for a file; one with 20,000 paths and their checksums has about 8 MB."""
_FILE = re.compile(r"(?:.*/)?conda-meta/[^/]+\.json", re.DOTALL)


class _Conda(SingleFileFormat):
    """Reads the files in conda-meta."""

    kind = "conda"

    def matches(self, path: str) -> bool:
        return path.endswith(".json") and _FILE.fullmatch(path) is not None

    def parse(self, path: str, content: bytes) -> Stated:
        document = parse_object(content, _MAX_BYTES)
        name = text_of(document, "name")
        if not name:
            raise DatabaseDamaged("it has no name; files in conda-meta state one package")
        environment = parent_of(parent_of(path))
        listed = document.get("files")
        names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
        check_path_count(len(names))
        paths = (path, *filter(None, (image_path(environment, name) for name in names)))
        return (Found(name, text_of(document, "version"), text_of(document, "subdir"), tuple(dict.fromkeys(paths))),)


FORMAT = _Conda()
