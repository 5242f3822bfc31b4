"""Writes JSON in ASCII, also of names that are not UTF-8."""

from __future__ import annotations

import io
import json
from typing import Any

from explorer.text.printable import encodable


def dumps(document: object, indent: int | None = None) -> str:
    r"""Serializes to JSON; bytes that are not UTF-8 become ``\\\\xff``."""
    if indent is None:
        return json.dumps(_encodable(document))
    text = io.StringIO()
    # Not json.dumps, because it keeps all parts until the end: several times the memory of the text.
    text.writelines(json.JSONEncoder(indent=indent).iterencode(_encodable(document)))
    return text.getvalue()


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {key: _encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return value
