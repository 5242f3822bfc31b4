"""JSON files of package databases, with limits because they take much memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from explorer.analysis.packages.database_limits import check_size
from explorer.analysis.packages.formats import DatabaseDamaged

MAX_OBJECTS = 500_000
"""Limit for the objects and lists in a file: parsed, they take thirty times their bytes."""


def parse_object(content: bytes, max_bytes: int) -> Mapping[str, Any]:
    """Returns the object that is the whole of a JSON file. Raises DatabaseDamaged."""
    check_size(content, max_bytes)
    objects = content.count(b"{") + content.count(b"[")
    if objects > MAX_OBJECTS:
        raise DatabaseDamaged(f"it has {objects:,} objects and lists, expected at most {MAX_OBJECTS:,}")
    try:
        document = json.loads(content)
    except RecursionError:
        raise DatabaseDamaged("it has too many objects or lists inside each other") from None
    except ValueError as error:
        raise DatabaseDamaged(f"it is not a JSON document: {error}") from error
    if not isinstance(document, dict):
        raise DatabaseDamaged("it is not a JSON object")
    return document


def text_of(document: Mapping[str, Any], key: str) -> str:
    """Returns a value that is text; others are empty."""
    value = document.get(key)
    return value.strip() if isinstance(value, str) else ""
