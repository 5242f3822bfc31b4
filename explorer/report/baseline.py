"""An earlier report as the baseline of a check."""

from __future__ import annotations

import json

from explorer.analysis.gate import Baseline
from explorer.errors import UsageError
from explorer.text import printable


def is_report(start: bytes) -> bool:
    """Whether a file, by its first bytes, is a document in JSON and no archive."""
    return start.lstrip().startswith(b"{")


def read_baseline(text: bytes, name: str) -> Baseline:
    """The figures of a report or a verdict in JSON; ``name`` is the file's. Raises UsageError for what is neither."""
    expected = "expected what `layer-explorer report --format json` prints, schema 1"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"the baseline {printable(name)} is not JSON: {expected}") from None
    image = document.get("image") if isinstance(document, dict) and document.get("schema") == 1 else None
    shipped, wasted = (image.get(key) if isinstance(image, dict) else None for key in ("shipped_bytes", "wasted_bytes"))
    if not isinstance(shipped, int) or not isinstance(wasted, int) or shipped < 0 or wasted < 0:
        raise UsageError(f"the baseline {printable(name)} is no report: {expected}")
    return Baseline(name, shipped, wasted)
