"""All formats of a verdict by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.report.check import Check


def _text(check: Check) -> str:
    from explorer.report.check.as_text import check_text

    return check_text(check)


def _json(check: Check) -> str:
    from explorer.report.check.as_json import check_json

    return check_json(check)


def _markdown(check: Check) -> str:
    from explorer.report.check.as_markdown import check_markdown

    return check_markdown(check)


def _junit(check: Check) -> str:
    from explorer.report.check.as_junit import check_junit

    return check_junit(check)


def _github(check: Check) -> str:
    from explorer.report.check.as_github import check_github

    return check_github(check)


# The command line asks for the names whatever it is about to do, hence each module when it is needed.
FORMATS: Mapping[str, Callable[[Check], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "junit": _junit,
    "github": _github,
}
"""Name to what writes it, as lines that end with a newline."""
