"""``save``: writes the facts about an image to a small file, without contents."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from explorer.cli.dockerfile_option import with_dockerfile_option
from explorer.cli.help_pages import CommandWithSections, Examples
from explorer.cli.image_options import RequestedImage, with_damage_option, with_image_options
from explorer.cli.output import print_note, write_bytes
from explorer.cli.output_options import with_output_file, with_schema
from explorer.cli.progress_line import ProgressLine
from explorer.cli.rule_options import with_base_options
from explorer.errors import UsageError
from explorer.saved import DOCUMENT_NAME
from explorer.text.printable import printable
from explorer.text.units import counted, size


class _DocumentSchema:
    """The schema of the document in the file."""

    def text(self) -> str:
        from explorer.saved.document import schema_text

        return schema_text()


@click.command(
    cls=CommandWithSections,
    name="save",
    short_help="Save the facts about IMAGE to a small file.",
    sections=(
        Examples(
            ("lx save shop:dev -o shop.lx", "Everything but the contents of files."),
            ("lx shop.lx", "Explore it, without the image."),
            ("lx compare shop.lx shop:dev", "See what changed since."),
        ),
    ),
)
@with_output_file
@with_schema(_DocumentSchema(), f"{DOCUMENT_NAME} in the file")
@with_base_options
@with_dockerfile_option
@with_image_options
@with_damage_option
def save_image(requested: RequestedImage, output: Path | None) -> None:
    """Save the facts about IMAGE to FILE, which any command takes as an image.

    It has all paths, sizes and settings, the packages, the findings, and a fingerprint of each file, but no contents.
    Secrets are masked. All files are read once.
    """
    from explorer.pipeline.save import save

    if (output is None or str(output) == "-") and sys.stdout.isatty():
        raise UsageError("a saved exploration is no text for a terminal", "Name a file: lx save IMAGE -o shop.lx")
    if output is not None and not output.parent.is_dir():
        # Before an image is read for minutes.
        shown, folder = printable(str(output)), printable(str(output.parent))
        raise UsageError(f"{shown} cannot be written: there is no directory {folder}", "Make it, or name another file.")
    exploration = requested.explore_with_progress()
    with closing(ProgressLine()) as watcher:
        content, problems = save(exploration, watcher)
    write_bytes(content, output)
    for problem in problems:
        print_note(problem)
    if output is not None and str(output) != "-":
        entries = sum(len(index.entries) for index in exploration.tree.layers)
        print_note(f"Saved {counted(entries, 'path')} as {printable(str(output))}: {size(len(content))}")
    requested.require_undamaged(exploration)
