"""``packages``: lists the packages of an image with their files and bytes."""

from __future__ import annotations

import click

from explorer.cli.help_pages import CommandWithSections, DefinitionList, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage, with_damage_option, with_image_options
from explorer.cli.listing_options import with_top
from explorer.cli.output import page_of, print_note, write, write_lines
from explorer.cli.output_options import with_format, with_schema
from explorer.errors import UsageError
from explorer.report.schemas import Schema
from explorer.text.printable import printable

_ORDERS = ("size", "wasted", "name", "layer")
_UNOWNED = "is:unowned"
"""The filter for the files that no package owns, as in `lx ls`."""


@click.command(
    cls=CommandWithSections,
    name="packages",
    short_help="List the packages of IMAGE with their bytes.",
    sections=(
        DefinitionList(
            "FILTER chooses packages; all terms must match",
            ("word, lib*-dev, pkg:npm/lodash@4*", "a part of the name, a glob of it, or of the package URL"),
            ("package:NAME", "exactly this name, or a glob of it"),
            ("kind:KIND", "deb, apk, rpm, pypi, conda, npm, gem, maven, golang or cargo"),
            ("is:STATE", "installed, removed, upgraded or wasted"),
            ("is:unowned", "only the files that no package owns, without another term"),
            ("layer:3, layer:3-5", "installed or removed by these layers"),
            ("size>10M, wasted>1M", "the bytes of visible files, or the wasted bytes"),
            ("!term", "does not match"),
        ),
        Examples(
            ("lx packages debian:12", "All packages, the largest first, and the files that no package owns."),
            ("lx packages --sort wasted --top 10 shop:dev", "The ten packages that waste most."),
            ("lx packages shop:dev is:removed", "The packages that a later layer removed, and what they still cost."),
            ("lx packages --format cyclonedx debian:12 > sbom.json", "A bill of materials for other tools."),
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
    help="The order: size (visible bytes, then wasted), wasted (bytes), name or layer.",
)
@with_top("List only the first N packages.")
@with_format(("text", "json", "cyclonedx"), "Text, JSON, or a bill of materials in CycloneDX of what a container has.")
@with_schema(Schema.PACKAGES)
@with_image_options
@with_damage_option
@click.argument("words", metavar="[FILTER]...", nargs=-1)
def list_packages(
    requested: RequestedImage, words: tuple[str, ...], order_name: str, top: int | None, format_name: str
) -> None:
    """List the packages of all layers of IMAGE, with the bytes that each owns.

    Give a FILTER to list only the packages that match.

    The size is that of the files that a container sees; wasted are the bytes that it does not see, of the package that
    owned them when they were shipped. The packages and the files that none owns add up to the image.
    """
    from explorer.analysis.packages.package_filter import usage_test
    from explorer.analysis.packages.package_order import PackageOrder
    from explorer.report import packages as report
    from explorer.text.filter_words import BadWord

    only_unowned = [word.lower() for word in words] == [_UNOWNED]
    try:
        # A wrong word is an error before a large image is read.
        is_wanted = (lambda _: False) if only_unowned else usage_test(words)
    except BadWord as error:
        shown = printable(" ".join(words))
        raise UsageError(f"the filter {shown} is wrong: {error}", "See `lx packages --help`.") from error
    exploration = requested.explore_for_list()
    found = requested.read_packages(exploration)
    rows = report.ordered(filter(is_wanted, found.usages), PackageOrder(order_name))[:top]
    for layer, problem in found.problems:
        print_note(f"layer {layer}: {problem}")
    if format_name == "json":
        write(report.as_json(rows, found, exploration.known_base_layers), None)
    elif format_name == "cyclonedx":
        from explorer.report.cyclonedx import as_cyclonedx

        write(as_cyclonedx(exploration.image, rows, is_complete=not found.problems), None)
    else:
        has_unowned = only_unowned or (top is None and not words)
        write_lines(report.as_text(rows, found.unowned if has_unowned else None, page_of(None)))
        if not found.usages:
            click.echo("No layer has a package database.", err=True)
        elif only_unowned:
            _print_how_to_list(requested)
        elif not rows:
            click.echo(f"No package matches {printable(' '.join(words))}.", err=True)
    requested.require_undamaged(exploration)


def _print_how_to_list(requested: RequestedImage) -> None:
    """Writes the command that lists the unowned files, if it can read the image."""
    from explorer.cli.run_gate import how_to_look

    command = how_to_look(requested, "lx ls --sort size")
    if command:
        print_note(f"To list these files: {command} {_UNOWNED}")
