"""An earlier report, or verdict, in a file: the baseline of a check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

from explorer.analysis.gate import Baseline
from explorer.errors import UsageError
from explorer.report.as_json import SCHEMA
from explorer.sources.files import regular_file
from explorer.text import printable

_START = 4096
"""Bytes of a file that tell whether it is a report."""
_LARGEST = 500_000_000
"""Bytes of a report."""
_EXPECTED = f"expected what `layer-explorer report --format json` prints, schema {SCHEMA}"


def read_baseline(name: str) -> Baseline | None:
    """The figures of the report or verdict at a path; None where there is no file, or one that is not JSON.

    That may be an image: a name in an engine, an archive, a directory or a pipe, from which nothing is taken. Raises
    UsageError for JSON that is no report.
    """
    try:
        with regular_file(Path(name)) as file:
            text = _json_in(file, name)
    except (OSError, ValueError):
        return None
    return None if text is None else _figures(text, name)


def _json_in(file: BinaryIO, name: str) -> bytes | None:
    if not file.read(_START).lstrip().startswith(b"{"):
        return None
    file.seek(0)
    text = file.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise UsageError(
            f"the baseline {printable(name)} is larger than {_LARGEST // 1_000_000} MB",
            "No more of a report is read. Name the image instead.",
        )
    return text


def _figures(text: bytes, name: str) -> Baseline:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"the baseline {printable(name)} is not JSON: {_EXPECTED}") from None
    image = document.get("image") if isinstance(document, dict) and document.get("schema") == SCHEMA else None
    shipped, wasted = (image.get(key) if isinstance(image, dict) else None for key in ("shipped_bytes", "wasted_bytes"))
    if not isinstance(shipped, int) or not isinstance(wasted, int) or shipped < 0 or wasted < 0:
        raise UsageError(f"the baseline {printable(name)} is no report: {_EXPECTED}")
    return Baseline(name, shipped, wasted)
