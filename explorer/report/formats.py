"""The formats of the report by their names.

Each imports its module when it is used, so that the commands that print no report start without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from explorer.pipeline import Exploration
from explorer.report.page import Page


def _text(exploration: Exploration, now: datetime, page: Page) -> str:
    from explorer.report.as_text import report_text

    return report_text(exploration, now, page)


def _json(exploration: Exploration, _now: datetime, _page: Page) -> str:
    from explorer.report.as_json import report_json

    return report_json(exploration)


def _markdown(exploration: Exploration, now: datetime, _page: Page) -> str:
    from explorer.report.as_markdown import report_markdown

    return report_markdown(exploration, now)


FORMATS: Mapping[str, Callable[[Exploration, datetime, Page], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
}
"""The function for each format. Arguments are the time to which the image's age refers, and the page of texts."""
