"""Objects in the JSON documents of builders, which may hold anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def nested(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Returns the object below some keys; empty if a key has none."""
    for key in keys:
        value = document.get(key)
        document = value if isinstance(value, Mapping) else {}
    return document
