"""The baseline of a check, read from the file of an earlier report or verdict."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import BinaryIO

from explorer import JSON_SCHEMA
from explorer.errors import UsageError
from explorer.files import regular_file
from explorer.gate.limits import Baseline
from explorer.text.printable import printable

_START_BYTES = 4096
"""Bytes that decide if a file can be a report."""
_MAX_REPORT_BYTES = 500_000_000
_MAX_FIGURE = 1 << 63
_EXPECTED = f"expected the output of `layer-explorer report --format json`, schema {JSON_SCHEMA}"


def read_baseline(name: str) -> Baseline | None:
    """Returns the figures of the report or verdict at a path. Raises UsageError.

    Returns None if there is no file, or one that is not JSON. In that case ``name`` may be an image: a name in an
    engine, an archive, a directory or a pipe. A pipe is not read. JSON that is not a report raises UsageError.
    """
    try:
        with regular_file(Path(name)) as file:
            text = _json_text(file, name)
    except (OSError, ValueError):
        return None
    return None if text is None else _parsed(text, name)


def _json_text(file: BinaryIO, name: str) -> bytes | None:
    # Some programs write a byte order mark before the text.
    if not file.read(_START_BYTES).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return None
    file.seek(0)
    text = file.read(_MAX_REPORT_BYTES + 1)
    if len(text) > _MAX_REPORT_BYTES:
        raise UsageError(
            f"the baseline {printable(name)} is larger than {_MAX_REPORT_BYTES // 1_000_000} MB",
            "Name the image instead of its report.",
        )
    return text


def _parsed(text: bytes, name: str) -> Baseline:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"the baseline {printable(name)} is not JSON: {_EXPECTED}") from None
    try:
        if document["schema"] != JSON_SCHEMA:
            raise ValueError(document["schema"])
        image = document["image"]
        return Baseline(name, _figure(image["shipped_bytes"]), _figure(image["wasted_bytes"]))
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"the baseline {printable(name)} is not a report: {_EXPECTED}") from None


def _figure(value: object) -> int:
    # The exact type is compared, because True is an int, too.
    if type(value) is not int or not 0 <= value < _MAX_FIGURE:
        raise ValueError(value)
    return value
