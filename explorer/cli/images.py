"""``images``: lists the images of engines with the bytes that they share."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import click

from explorer.cli.help_pages import CommandWithSections, DefinitionList, Examples, Heading, headed_option
from explorer.cli.listing_options import with_top
from explorer.cli.output import page_of, print_note, write, write_lines
from explorer.cli.output_options import with_format, with_schema
from explorer.cli.progress_line import ProgressLine
from explorer.config.paths import cache_directory
from explorer.errors import EngineUnreachable, UsageError
from explorer.report.schemas import Schema
from explorer.text.printable import printable

_ORDERS = ("created", "name", "size", "shared", "unique", "freed", "wasted")


@click.command(
    cls=CommandWithSections,
    name="images",
    short_help="List the images of your Docker and Podman, and what removing each frees.",
    sections=(
        DefinitionList(
            "FILTER chooses images; all terms must match",
            ("word, shop:*", "a part of a name or of the ID, or a glob of it"),
            ("size>1G, freed>100M", "size, shared, unique, freed or wasted bytes"),
            ("is:untagged, is:used", "without a name; used by a container"),
            ("engine:docker", "of this engine: docker or podman"),
            ("!term", "does not match"),
        ),
        Examples(
            ("lx images", "All images, the newest first."),
            ("lx images --sort freed --top 5", "The images whose removal frees most."),
            ("lx images is:untagged", "The images without a name, and what all of them together free."),
            ("lx images --format json | jq '.images[] | select(.freed_bytes > 1e9) | .tags'", "As JSON."),
        ),
    ),
)
@headed_option(
    Heading.LISTING,
    "--sort",
    "order_name",
    type=click.Choice(_ORDERS),
    help="The order: created (the newest first, the default), name, or the largest size, shared, unique, freed or "
    "wasted bytes.",
)
@with_top("List only the first N images; without --sort, the largest.")
@with_format(("text", "json"), "Text or JSON.")
@with_schema(Schema.IMAGES)
@click.argument("words", metavar="[FILTER]...", nargs=-1)
def list_images(words: tuple[str, ...], order_name: str | None, top: int | None, format_name: str) -> None:
    """List the images of your Docker and Podman, with the bytes that they share.

    Give a FILTER to list only the images that match.

    Shared are the bytes of layers that another image of the engine has, too, unique the others. Freed are the bytes
    that the engine gets back if the image is removed with all its names: its untagged parents go with it, and an image
    that a container uses stays. The last line counts each layer once, and is about all listed images together. Wasted
    bytes are known of images that were opened before.

    Nothing is removed by this command.
    """
    from explorer.analysis.engine_images.listed_image import ImageOrder, image_test, ordered
    from explorer.layers.cache import Cache
    from explorer.layers.opened_images import known_waste
    from explorer.pipeline.engine_images import read_engine_images
    from explorer.report import images as report
    from explorer.text.filter_words import BadWord

    try:
        is_wanted = image_test(words)
    except BadWord as error:
        shown = printable(" ".join(words))
        raise UsageError(f"the filter {shown} is wrong: {error}", "See `lx images --help`.") from error
    with closing(ProgressLine()) as watcher:
        *_, found = read_engine_images(watcher, Cache(cache_directory()))
    problems = found.problems
    if problems and all(each.problem for each in found.listings) and not found.storage.images:
        raise EngineUnreachable("; ".join(each.problem for each in problems), problems[0].hint)
    for each in problems:
        print_note(each.problem)
    order = ImageOrder(order_name or ("created" if top is None else "size"))
    listed = found.listed(known_waste(cache_directory()))
    images = ordered(filter(is_wanted, listed), order)[:top]
    if format_name == "json":
        write(report.as_json(images, found.storage, found.build_cache_bytes, problems), None)
        return
    if images:
        now, page = datetime.now(UTC), page_of(None)
        write_lines(report.as_text(images, found.storage, found.build_cache_bytes, now, page))
    elif listed:
        click.echo(f"No image matches {printable(' '.join(words))}.", err=True)
    else:
        click.echo("There are no images.", err=True)
