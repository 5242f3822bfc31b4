"""Reads package databases as the program does: parses each file, then joins them."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.analysis.packages.formats import Format, Found


def packages(database: Format, files: Mapping[str, bytes | str]) -> list[Found]:
    """Returns the packages of files that are all shown, in the format's order."""
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return list(database.join({path: database.parse(path, content) for path, content in contents.items()}))
