"""The formats of a comparison by their names.

Each imports its module when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from explorer.pipeline import ImageDiff
from explorer.report.page import Page

_MAX_ROWS = 20
_MAX_MARKDOWN_ROWS = 50


class Rows(NamedTuple):
    """The rows that the user wants in each table."""

    max_rows: int | None = None
    """The most paths, packages and settings; None: the format decides."""
    all: bool = False
    """True for all rows, also the paths that differ only in their time."""


def _text(diff: ImageDiff, page: Page, rows: Rows) -> str:
    from explorer.report.compare.as_text import comparison_text

    return comparison_text(diff, page, None if rows.all else rows.max_rows or _MAX_ROWS, with_times=rows.all)


def _json(diff: ImageDiff, _page: Page, _rows: Rows) -> str:
    from explorer.report.compare.as_json import comparison_json

    return comparison_json(diff)


def _markdown(diff: ImageDiff, _page: Page, rows: Rows) -> str:
    from explorer.report.compare.as_markdown import comparison_markdown

    return comparison_markdown(diff, None if rows.all else rows.max_rows or _MAX_MARKDOWN_ROWS)


FORMATS: Mapping[str, Callable[[ImageDiff, Page, Rows], str]] = {"text": _text, "json": _json, "markdown": _markdown}
"""The function for each format. It gets the page of texts, and returns a text with a final newline."""
