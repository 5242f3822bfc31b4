"""The formats of the report by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from explorer.pipeline import Exploration
from explorer.report.as_json import report_json
from explorer.report.as_markdown import report_markdown
from explorer.report.as_text import report_text
from explorer.report.page import Page

FORMATS: Mapping[str, Callable[[Exploration, datetime, Page], str]] = {
    "text": report_text,
    "json": lambda exploration, *_: report_json(exploration),
    "markdown": lambda exploration, now, _: report_markdown(exploration, now),
}
"""The function for each format. Arguments are the time to which the image's age refers, and the page of texts."""
