"""``cache``: what is kept on this machine of layers seen before."""

from __future__ import annotations

import click

from explorer.cli.help_pages import EXIT_CODES, CommandWithSections, Examples
from explorer.config.paths import cache_directory
from explorer.layers.cache import Cache
from explorer.text.printable import printable
from explorer.text.units import size


@click.command(
    cls=CommandWithSections,
    name="cache",
    short_help="Show what is kept of layers seen before, or clear it.",
    sections=(
        Examples(
            (
                ("lx cache", "Each layer that is known, and what it takes on disk; where, on stderr."),
                ("lx cache --clear", "Forget them all; the next look reads them anew."),
            )
        ),
        EXIT_CODES,
    ),
)
@click.option("--clear", is_flag=True, help="Remove everything.")
def show_cache(clear: bool) -> None:
    """Show what is kept of layers seen before: each entry's digest and its bytes on disk, last used first."""
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
