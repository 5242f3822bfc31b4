"""``packages``: lists the packages of an image with their files and bytes."""

from __future__ import annotations

import click

from explorer.cli.help_pages import CommandWithSections, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage, with_damage_option, with_image_options
from explorer.cli.output import page_of, write, write_lines
from explorer.cli.output_options import with_format, with_schema
from explorer.report.schemas import Schema

_ORDERS = ("size", "wasted", "name", "layer")


@click.command(
    cls=CommandWithSections,
    name="packages",
    short_help="List the packages of IMAGE with their bytes.",
    sections=(
        Examples(
            ("lx packages demo", "All packages, the largest first, and the files that no package owns."),
            ("lx packages --sort wasted --top 10 demo", "The ten packages that waste most."),
        ),
    ),
)
@headed_option(
    Heading.LISTING,
    "--sort",
    "order_name",
    type=click.Choice(_ORDERS),
    default="size",
    show_default=True,
    help="The order: size (visible and wasted bytes), wasted (bytes), name or layer.",
)
@headed_option(
    Heading.LISTING, "--top", type=click.IntRange(min=1), metavar="N", help="List only the first N packages."
)
@with_format(("text", "json"), "Text or JSON.")
@with_schema(Schema.PACKAGES)
@with_image_options
@with_damage_option
def list_packages(requested: RequestedImage, order_name: str, top: int | None, format_name: str) -> None:
    """List the packages of all layers of IMAGE, with the bytes that each owns.

    The size is that of the files that a container sees; wasted are the bytes that it does not see, of the package that
    owned them when they were shipped. The packages and the files of no package add up to the image.
    """
    from explorer.report import packages as report

    exploration = requested.explore_for_list()
    found = exploration.packages
    rows = [(usage.package, usage) for usage in found.usages if usage.package is not None]
    rows = report.ordered(rows, report.PackageOrder(order_name))
    for layer, problem in found.problems:
        click.echo(f"layer {layer}: {problem}", err=True)
    if format_name == "json":
        write(report.as_json(rows[:top], found), None)
    else:
        write_lines(report.as_text(rows[:top], found.unowned if top is None else None, page_of(None)))
    requested.require_undamaged(exploration)
