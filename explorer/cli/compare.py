"""``compare``: prints the differences between two images."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from explorer.cli.help_pages import CommandWithSections, Examples, Heading, headed_option
from explorer.cli.listing_options import with_top
from explorer.cli.output import page_of, write
from explorer.cli.output_options import with_format, with_output_file, with_schema
from explorer.cli.run_tui import can_show_screen, show_two, terminal_for_keys
from explorer.cli.two_images import RequestedPair, with_two_images
from explorer.errors import UsageError
from explorer.report.compare.formats import FORMATS, Rows
from explorer.report.schemas import Schema

_DIFFER_EXIT_CODE = 1


@click.command(
    cls=CommandWithSections,
    name="compare",
    short_help="Show what changed from one image to another.",
    sections=(
        Examples(
            ("lx compare shop:1.3 shop:1.4", "What changed between two releases, and what the update costs."),
            (
                "lx compare registry://ghcr.io/acme/shop:main shop:dev",
                "Why a build does not use the cache: the first step that differs from the image in the registry.",
            ),
            (
                "lx compare --format markdown -o changes.md shop:main shop:dev",
                "A comment for a pull request.",
            ),
            ("lx compare --exit-code once.tar again.tar", "Is the build reproducible? Exit code 1 if not."),
            ("docker save shop:dev | lx compare shop:main -", "An archive on standard input."),
            ("lx compare --format json shop:main shop:dev | jq '.packages[]'", "The packages that differ."),
        ),
    ),
)
@with_top("List at most N paths, packages and settings; the default is 20 in text, 50 in Markdown.")
@headed_option(
    Heading.LISTING,
    "--all",
    "lists_all",
    is_flag=True,
    help="List all of them, also paths that differ only in their time; JSON always has all.",
)
@with_format(
    FORMATS, "Text, JSON, or a comment for a pull request; the default is the screen, or text without a terminal.", None
)
@with_output_file
@headed_option(
    Heading.OUTPUT,
    "--exit-code",
    "with_exit_code",
    is_flag=True,
    help="Exit with 1 if the images differ in anything, times and settings included.",
)
@with_schema(Schema.COMPARE)
@with_two_images
def compare_images(
    requested: RequestedPair,
    top: int | None,
    lists_all: bool,
    format_name: str | None,
    output: Path | None,
    with_exit_code: bool,
) -> None:
    """Show what changed from the image OLD to the image NEW.

    OLD and NEW are images as in other commands; one of them may be on standard input. Of several platforms, both are
    of the same one.

    On a terminal, the screen shows both images, unless an option is about the text. The text says which step broke
    the cache of the build, what the update from OLD costs, and if both are identical. Then it lists the layers,
    directories, files, packages and settings that differ.
    """
    from explorer.analysis.image_diff.identical import Sameness

    if lists_all and top is not None:
        raise UsageError("--all and --top exclude each other", "Leave out one of them.")
    standard_input = terminal_for_keys() if requested.uses_standard_input else 0
    if not (format_name or output or with_exit_code or lists_all or top) and can_show_screen():
        show_two(requested, standard_input)
    diff = requested.compare_with_progress(standard_input)
    write(FORMATS[format_name or "text"](diff, page_of(output), Rows(top, lists_all)), output)
    requested.require_undamaged(diff)
    if with_exit_code and diff.identical.value is not Sameness.YES:
        sys.exit(_DIFFER_EXIT_CODE)
