"""``cache``: shows or clears the layer cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import click

from explorer.cli.help_pages import CommandWithSections, Examples
from explorer.cli.output import page_of, write_lines
from explorer.config.paths import cache_directory
from explorer.errors import ExplorerError
from explorer.layers.cache import Cache, CacheEntry, EntryKind
from explorer.layers.opened_images import OpenedImage, forget_images, opened_images
from explorer.text.printable import printable
from explorer.text.units import age, counted, size

_HEADS = ("size", "layers", "opened", "image")
_UNNAMED = {
    EntryKind.FILE: "layers of plain archives",
    EntryKind.TABLE: "tables of contents",
}
"""Words for entries that do not have the digest of a layer."""


@click.command(
    cls=CommandWithSections,
    name="cache",
    short_help="Show or clear the layer cache.",
    sections=(
        Examples(
            ("lx cache", "The size of the cache, and the images whose layers it holds."),
            ("lx cache clear", "Delete all of it, as --clear does; layers are read again when needed."),
        ),
    ),
)
@click.option("--clear", is_flag=True, help="Delete the cached layers and the names of images.")
@click.argument("action", metavar="[clear]", type=click.Choice(["clear"]), required=False)
def show_cache(clear: bool, action: str | None) -> None:
    """Show the size of the layer cache, and the images whose layers it holds.

    The image that was opened last comes first. A layer that several images share counts for each of them.
    """
    cache = Cache(cache_directory())
    shown = printable(str(cache.directory))
    if clear or action:
        click.echo(f"{size(cache.clear() + forget_images(cache.directory))} freed in {shown}")
        if left := len(cache.entries()):
            raise ExplorerError(
                f"{counted(left, 'cached layer')} cannot be deleted", "Check the owner and the mode of the directory."
            )
        return
    entries = cache.entries()
    total = sum(entry.bytes for entry in entries)
    images = opened_images(cache.directory)
    write_lines([f"{size(total)} of at most {size(cache.max_bytes)} in {shown}"])
    write_lines(_image_lines(entries, images, datetime.now(UTC)))


def _image_lines(entries: Sequence[CacheEntry], images: Sequence[OpenedImage], now: datetime) -> Iterator[str]:
    """Yields a table of the images whose layers are cached, and of the other entries.

    A layer that was read in two ways has two entries.
    """
    cached: Counter[str] = Counter()
    for entry in entries:
        if entry.kind is EntryKind.LAYER:
            cached[entry.key] += entry.bytes
    others = dict(cached)
    rows = []
    for image in images:
        layers = [cached.keys() & pair for pair in zip(image.diff_ids, image.digests, strict=True)]
        digests: set[str] = set().union(*layers)
        for digest in digests:
            others.pop(digest, None)
        name = "  ".join(filter(None, map(printable, (image.name, image.platform))))
        if digests:
            held = f"{sum(map(bool, layers))} of {len(layers)}"
            rows.append((size(sum(cached[digest] for digest in digests)), held, age(image.opened, now), name))
    unnamed = [(words, [entry.bytes for entry in entries if entry.kind is kind]) for kind, words in _UNNAMED.items()]
    for words, sizes in (("other images", list(others.values())), *unnamed):
        if sizes:
            rows.append((size(sum(sizes)), str(len(sizes)), "", words))
    if rows:
        table = [_HEADS, *rows]
        widths = [max(len(row[place]) for row in table) for place in range(3)]
        yield ""
        page = page_of(None)
        for row in table:
            start = "".join(f"{text.rjust(width)}  " for text, width in zip(row, widths, strict=False))
            yield start + page.fitted(row[-1], len(start))
