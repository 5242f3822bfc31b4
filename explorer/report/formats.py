"""All formats of the report by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.pipeline import Exploration
from explorer.report.as_json import report_json
from explorer.report.as_markdown import report_markdown
from explorer.report.as_text import report_text

FORMATS: Mapping[str, Callable[[Exploration], str]] = {
    "text": report_text,
    "json": report_json,
    "markdown": report_markdown,
}
"""Name to what writes it, as lines that end with a newline."""
