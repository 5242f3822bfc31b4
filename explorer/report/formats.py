"""All formats of the report by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.pipeline import Exploration


def _text(exploration: Exploration) -> str:
    from explorer.report.as_text import report_text

    return report_text(exploration)


def _json(exploration: Exploration) -> str:
    from explorer.report.as_json import report_json

    return report_json(exploration)


def _markdown(exploration: Exploration) -> str:
    from explorer.report.as_markdown import report_markdown

    return report_markdown(exploration)


# The command line asks for the names whatever it is about to do, hence each module when it is needed.
FORMATS: Mapping[str, Callable[[Exploration], str]] = {"text": _text, "json": _json, "markdown": _markdown}
"""Name to what writes it, as lines that end with a newline."""
