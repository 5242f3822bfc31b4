"""The formats of a verdict.

Each imports its module when it is used, so that the commands that print no verdict start without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.report.check import Check
from explorer.report.page import Page


def _text(check: Check, page: Page) -> str:
    from explorer.report.check.as_text import check_text

    return check_text(check, page)


def _json(check: Check, _: Page) -> str:
    from explorer.report.check.as_json import check_json

    return check_json(check)


def _markdown(check: Check, _: Page) -> str:
    from explorer.report.check.as_markdown import check_markdown

    return check_markdown(check)


def _junit(check: Check, _: Page) -> str:
    from explorer.report.check.as_junit import check_junit

    return check_junit(check)


def _github(check: Check, _: Page) -> str:
    from explorer.report.check.as_github import check_github

    return check_github(check)


def _sarif(check: Check, _: Page) -> str:
    from explorer.report.check.as_sarif import check_sarif

    return check_sarif(check)


FORMATS: Mapping[str, Callable[[Check, Page], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "junit": _junit,
    "github": _github,
    "sarif": _sarif,
}
"""The function for each format. It gets the page of texts, and returns the verdict with a final newline."""
FINDING_FORMATS = frozenset({"sarif"})
"""Formats that list all findings, also if no rule counts them."""
COMMAND_FORMATS = frozenset({"github"})
"""Formats that consist of workflow commands, and stop those in the text of the image."""
