"""``cache``: shows or clears the layer cache."""

from __future__ import annotations

import click

from explorer.cli.help_pages import CommandWithSections, Examples
from explorer.config.paths import cache_directory
from explorer.layers.cache import Cache
from explorer.text.printable import printable
from explorer.text.units import size


@click.command(
    cls=CommandWithSections,
    name="cache",
    short_help="Show or clear the layer cache.",
    sections=(
        Examples(
            ("lx cache", "The cached layers and their size on disk; the total goes to stderr."),
            ("lx cache --clear", "Delete them all; they are read again when needed."),
        ),
    ),
)
@click.option("--clear", is_flag=True, help="Delete all cached layers.")
def show_cache(clear: bool) -> None:
    """Show the size on disk and the digest of each cached layer, last used first."""
    cache = Cache(cache_directory())
    if clear:
        click.echo(f"{size(cache.clear())} freed in {printable(str(cache.directory))}")
        return
    entries = cache.entries()
    for digest, count in entries:
        click.echo(f"{count:>12,}  {digest}")
    total = sum(count for _, count in entries)
    click.echo(
        f"{total:>12,}  bytes in {len(entries)} entries of at most {cache.max_bytes:,}: {cache.directory}", err=True
    )
