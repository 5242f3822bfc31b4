"""Sentences with code in them: the words apart from the commands, so that whoever shows them can set these off."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """Some words of a sentence; printable."""

    text: str
    is_code: bool = False


Spans = tuple[Span, ...]
"""A sentence or more."""


def sentence(template: str, **values: object) -> Spans:
    """A sentence of our own, in which code stands between backticks and values between braces.

    Values are put in last: what is in them, backticks and braces too, stays as it is.
    """
    parts = enumerate(template.split("`"))
    return tuple(Span(part.format(**values), place % 2 == 1) for place, part in parts if part)
