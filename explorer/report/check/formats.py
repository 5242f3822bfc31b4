"""All formats of a verdict by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.report.check import Check
from explorer.report.check.as_github import check_github
from explorer.report.check.as_json import check_json
from explorer.report.check.as_markdown import check_markdown
from explorer.report.check.as_text import check_text


def _junit(check: Check) -> str:
    # The names are asked for at every start, and XML takes longest to import.
    from explorer.report.check.as_junit import check_junit

    return check_junit(check)


FORMATS: Mapping[str, Callable[[Check], str]] = {
    "text": check_text,
    "json": check_json,
    "markdown": check_markdown,
    "junit": _junit,
    "github": check_github,
}
"""Name to what writes it, as lines that end with a newline."""
