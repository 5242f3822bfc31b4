"""The options for the output: ``--format``, ``-o`` and ``--schema``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import click

from explorer.cli.help_pages import Heading, headed_option
from explorer.cli.output import write

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def with_format(names: Iterable[str], purpose: str, default: str | None = "text") -> Decorator:
    """The option ``--format``; the command gets the format's name as ``format_name``."""
    return headed_option(
        Heading.OUTPUT,
        "--format",
        "format_name",
        type=click.Choice(list(names)),
        default=default,
        show_default=default is not None,
        help=purpose,
    )


with_output_file: Decorator = headed_option(
    Heading.OUTPUT,
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of stdout.",
)
"""The option ``-o``; the command gets a path or None as ``output``."""


class HasText(Protocol):
    """A JSON Schema."""

    def text(self) -> str:
        """The schema as JSON."""


def with_schema(schema: HasText, subject: str = "--format json") -> Decorator:
    """The option ``--schema``, which only prints the schema of the JSON output."""

    def print_schema(ctx: click.Context, _: click.Parameter, wanted: bool) -> Any:
        # This happens while arguments are parsed, so no IMAGE is needed.
        if wanted and not ctx.resilient_parsing:
            write(schema.text(), None)
            ctx.exit()

    return headed_option(
        Heading.OUTPUT,
        "--schema",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=print_schema,
        help=f"Print the JSON Schema of {subject}, and do nothing else.",
    )
