"""``--schema``: what a command prints in JSON, described for machines; no image is needed for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from explorer.cli.command_line import reporting_errors, write
from explorer.cli.manual import OUTPUT_OPTIONS, HeadedOption
from explorer.report.schemas import Schema


def with_schema(schema: Schema) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option that prints a schema and does nothing else."""

    @reporting_errors
    def tell() -> None:
        write(schema.text(), None)

    def told(ctx: click.Context, _: click.Parameter, wanted: bool) -> Any:
        if wanted and not ctx.resilient_parsing:
            tell()
            ctx.exit()

    return click.option(
        "--schema",
        cls=HeadedOption,
        heading=OUTPUT_OPTIONS,
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=told,
        help="Print the JSON Schema of what --format json prints, and do nothing else.",
    )
