"""The formats of a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.report.check import Check
from explorer.report.check.as_github import check_github
from explorer.report.check.as_json import check_json
from explorer.report.check.as_markdown import check_markdown
from explorer.report.check.as_text import check_text
from explorer.report.page import Page


def _junit(check: Check, _: Page) -> str:
    # Imported here because the XML library is slow to import, and every start needs the names of the formats.
    from explorer.report.check.as_junit import check_junit

    return check_junit(check)


FORMATS: Mapping[str, Callable[[Check, Page], str]] = {
    "text": check_text,
    "json": lambda check, _: check_json(check),
    "markdown": lambda check, _: check_markdown(check),
    "junit": _junit,
    "github": lambda check, _: check_github(check),
}
"""The function for each format. It gets the page of texts, and returns the verdict with a final newline."""
COMMAND_FORMATS = frozenset({"github"})
"""Formats that consist of workflow commands, and stop those in the text of the image."""
