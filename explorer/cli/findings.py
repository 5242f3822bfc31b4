"""``findings``: lists secrets, practices and vulnerabilities in an image."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from explorer.cli.dockerfile_option import with_dockerfile_option
from explorer.cli.help_pages import CommandWithSections, DefinitionList, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage, with_damage_option, with_image_options
from explorer.cli.listing_options import with_top
from explorer.cli.output import page_of, print_note, write, write_lines
from explorer.cli.output_options import with_format, with_schema
from explorer.cli.scan_options import with_scan_option
from explorer.errors import UsageError
from explorer.gate.value_types import SEVERITIES
from explorer.report.schemas import Schema
from explorer.text.printable import printable

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.findings.image_findings import ImageFindings
    from explorer.pipeline import Exploration

_KINDS = ("secret", "practice", "vulnerability")


@click.command(
    cls=CommandWithSections,
    name="findings",
    short_help="List secrets, bad practices and scan results in IMAGE.",
    sections=(
        DefinitionList(
            "FILTER chooses findings; all terms must match",
            ("word, CVE-2024-*", "a part of the name, title, path or package, or a glob of one"),
            ("kind:KIND", "secret, practice or vulnerability"),
            ("severity:LEVEL, severity>=LEVEL", "critical, high, medium, low or info"),
            ("is:STATE", "visible, deleted or base"),
            ("layer:3, layer:3-5", "shipped or deleted by these layers"),
            ("package:NAME", "in this package, or in those that a glob matches"),
            ("!term", "does not match"),
        ),
        Examples(
            ("lx findings shop:dev", "All findings above the base, the most severe first."),
            ("lx findings shop:dev is:deleted kind:secret", "Secrets that a later layer deletes; they still ship."),
            ("lx findings --severity high shop:dev", "Only those that are high or critical."),
            ("lx findings --scan trivy.json shop:dev", "With the vulnerabilities of a scan, in which layer each is."),
            ("lx findings --format sarif shop:dev > findings.sarif", "For code scanning on GitHub and elsewhere."),
        ),
    ),
)
@headed_option(
    Heading.LISTING, "--severity", type=click.Choice(SEVERITIES), help="List only findings of at least this severity."
)
@headed_option(
    Heading.LISTING,
    "--kind",
    "kinds",
    type=click.Choice(_KINDS),
    multiple=True,
    help="List only findings of this kind; the option may be repeated.",
)
@headed_option(
    Heading.LISTING,
    "--with-base",
    is_flag=True,
    help="List the findings of the base image, too; JSON always has them.",
)
@with_top("List only the first N findings.")
@with_format(
    ("text", "json", "markdown", "sarif"), "Text, JSON, a comment for a pull request, or SARIF 2.1.0 for code scanning."
)
@with_schema(Schema.FINDINGS)
@with_dockerfile_option
@with_scan_option
@with_image_options
@with_damage_option
@click.argument("words", metavar="[FILTER]...", nargs=-1)
def list_findings(
    requested: RequestedImage,
    words: tuple[str, ...],
    severity: str | None,
    kinds: tuple[str, ...],
    with_base: bool,
    top: int | None,
    format_name: str,
) -> None:
    """List secrets, practices of Dockerfiles and vulnerabilities in a scan of IMAGE.

    Give a FILTER to list only the findings that match.

    All versions of files are searched, also those that a later layer deletes: everybody who has the image can read
    them. The texts of secrets are not shown. The findings of the base image are only counted.
    """
    from explorer.analysis.findings.finding import Severity
    from explorer.analysis.findings.finding_filter import finding_test
    from explorer.report.dockerfile_place import finding_place
    from explorer.report.findings import as_text, missing_words
    from explorer.report.searched import base_words, searched_words
    from explorer.text.filter_words import BadWord

    try:
        # A wrong word is an error before a large image is read.
        matches = finding_test(words)
    except BadWord as error:
        shown = printable(" ".join(words))
        raise UsageError(f"the filter {shown} is wrong: {error}", "See `lx findings --help`.") from error
    exploration = requested.explore_for_list()
    found = requested.read_findings(exploration)
    min_rank = Severity(severity or Severity.INFO.value).rank
    with_base = with_base or format_name == "json" or "is:base" in words
    rows = [
        each
        for each in found.findings
        if (with_base or not each.is_base)
        and each.severity.rank <= min_rank
        and (not kinds or each.kind.value in kinds)
        and matches(each)
    ][:top]
    if format_name == "text":
        searched = base_words(exploration) if found.own else searched_words(exploration)
        write_lines(as_text(rows, found, page_of(None), partial(finding_place, exploration), searched))
    else:
        write(_DOCUMENTS[format_name](rows, found, exploration), None)
    for reason in missing_words(found):
        print_note(f"Findings may be missing: {reason}")
    for note in found.notes:
        print_note(note)
    requested.require_undamaged(exploration)


def _json(rows: Sequence[Finding], found: ImageFindings, exploration: Exploration) -> str:
    from explorer.report.dockerfile_place import finding_place
    from explorer.report.findings_json import as_json

    return as_json(rows, found, partial(finding_place, exploration))


def _markdown(rows: Sequence[Finding], found: ImageFindings, exploration: Exploration) -> str:
    from explorer.report.dockerfile_place import finding_place
    from explorer.report.findings_markdown import as_markdown

    return as_markdown(rows, found, exploration.image.reference, partial(finding_place, exploration))


def _sarif(rows: Sequence[Finding], found: ImageFindings, exploration: Exploration) -> str:
    from explorer.report.sarif import findings_sarif

    return findings_sarif(rows, found, exploration)


_DOCUMENTS = {"json": _json, "markdown": _markdown, "sarif": _sarif}
"""Each imports its module when it is used."""
