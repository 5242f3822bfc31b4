"""An earlier report, or verdict, in a file: the baseline of a check."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import BinaryIO

from explorer import JSON_SCHEMA
from explorer.errors import UsageError
from explorer.files import regular_file
from explorer.gate.judge import Baseline
from explorer.text.printable import printable

_START = 4096
"""Bytes of a file that tell whether it is a report."""
_LARGEST = 500_000_000
"""Bytes of a report."""
_MOST = 1 << 63
"""Bytes of an image; more is no figure of ours."""
_EXPECTED = f"expected what `layer-explorer report --format json` prints, schema {JSON_SCHEMA}"


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
    # Some programs put a mark before the text.
    if not file.read(_START).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
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
    try:
        if document["schema"] != JSON_SCHEMA:
            raise ValueError(document["schema"])
        image = document["image"]
        return Baseline(name, *(_bytes(image[key]) for key in ("shipped_bytes", "wasted_bytes")))
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"the baseline {printable(name)} is no report: {_EXPECTED}") from None


def _bytes(figure: object) -> int:
    """The figure, which must be one. Raises ValueError."""
    # True would be a number, too.
    if type(figure) is not int or not 0 <= figure < _MOST:
        raise ValueError(figure)
    return figure
