"""Sentences split into spans of text and code, so that the screen can style code."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A part of a sentence, either text or code; printable."""

    text: str
    is_code: bool = False


Spans = tuple[Span, ...]
"""One or more sentences."""


def plain_text(spans: Spans) -> str:
    """Returns sentences as plain text, with code in backticks."""
    return "".join(f"`{span.text}`" if span.is_code else span.text for span in spans)


def sentence(template: str, **values: object) -> Spans:
    """Returns the spans of a template: code is in backticks, names in braces.

    Backticks and braces in the values have no meaning.
    """
    parts = enumerate(template.split("`"))
    return tuple(Span(part.format(**values), index % 2 == 1) for index, part in parts if part)
