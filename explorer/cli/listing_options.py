"""The options of the commands that list one line for each path."""

from __future__ import annotations

from collections.abc import Callable

import click

from explorer.cli.help_pages import Heading, headed_option
from explorer.cli.image_options import with_damage_option, with_image_options
from explorer.cli.output_options import Decorator, with_format, with_schema
from explorer.errors import UsageError
from explorer.pipeline import Exploration
from explorer.report.schemas import Schema
from explorer.text.printable import shown_reference


def with_layer(purpose: str) -> Decorator:
    """The option ``--layer``; the command gets the number or None as ``number``."""
    return headed_option(Heading.LISTING, "--layer", "number", type=int, metavar="N", help=purpose)


def with_top(purpose: str) -> Decorator:
    """The option ``--top``; the command gets the number of lines or None as ``top``."""
    return headed_option(Heading.LISTING, "--top", type=click.IntRange(min=1), metavar="N", help=purpose)


def with_lines(schema: Schema) -> Decorator:
    """IMAGE with its options, and ``--format`` for one object of ``schema`` per line."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        command = with_schema(schema)(with_image_options(with_damage_option(command)))
        return with_format(("text", "json"), "Text, or one JSON object per line.")(command)

    return decorated


def layer_number(exploration: Exploration, number: int | None, reference: str) -> int:
    """Returns a valid layer number, by default the top one. Raises UsageError."""
    count = len(exploration.layers)
    if number is not None and not 0 <= number < count:
        numbers = f"layers 0 to {count - 1}" if count else "no layers"
        raise UsageError(f"there is no layer {number}", f"{shown_reference(reference)} has {numbers}.")
    return count - 1 if number is None else number
