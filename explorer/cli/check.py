"""``check``: hold an image to its rules, and end with 0 or 1."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from explorer.analysis.gate import Baseline, judge, layers_of_base
from explorer.cli.command_line import reporting_errors, write
from explorer.cli.image_names import ImageName
from explorer.cli.manual import (
    EXIT_CODES,
    OUTPUT_OPTIONS,
    RULES,
    SCOPE,
    Examples,
    HeadedOption,
    Manual,
    Table,
    Verbatim,
)
from explorer.cli.schema import with_schema
from explorer.cli.subject import Subject, about_an_image
from explorer.errors import UsageError
from explorer.model import Image
from explorer.pipeline import Unwatched
from explorer.report.baseline import is_report, read_baseline
from explorer.report.check import Check
from explorer.report.schemas import Schema
from explorer.rules import KEYS, Rules, Said, reference, rules_of
from explorer.rules_file import find_rules, read_rules
from explorer.sources import open_image
from explorer.sources.request import Request
from explorer.toml_file import value_words

RULE_PREFIX = "rule_"
"""What the names of the parameters begin with that are rules."""
_FORMATS = ("text", "json", "markdown", "junit", "github")
_START = 4096
"""Bytes of a file that tell whether it is a report."""
_LARGEST_REPORT = 500_000_000
"""Bytes of a report that is read as a baseline."""
_DIVES = {
    "lowest-efficiency": "--lowestEfficiency",
    "highest-wasted-bytes": "--highestWastedBytes",
    "highest-user-wasted-percent": "--highestUserWastedPercent",
}
"""How dive spells the same options."""


def with_rules(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say rules, and the one that names their file; the command gets Rules."""

    @wraps(command)
    def run(config: Path | None, **rest: Any) -> None:
        options = {key: rest.pop(_parameter(key)) for key in KEYS}
        said = {key: _said(key, value) for key, value in options.items() if value not in (None, ())}
        command(rules=rules_of(said, read_rules(config) if config else find_rules(Path())), **rest)

    run = click.option(
        "--config",
        "--ci-config",
        cls=HeadedOption,
        heading=SCOPE,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Take the rules from FILE instead of looking for a file of this directory.",
    )(run)
    for key, takes in reversed(list(KEYS.items())):
        names = [f"--{key}", *([_DIVES[key]] if key in _DIVES else [])]
        run = click.option(
            *names,
            _parameter(key),
            cls=HeadedOption,
            heading=RULES if takes.is_limit else SCOPE,
            type=ImageName() if takes.read is reference else str,
            metavar=takes.metavar,
            multiple=takes.is_list,
            help=takes.help,
        )(run)
    return run


def _parameter(key: str) -> str:
    return f"{RULE_PREFIX}{key.replace('-', '_')}"


def _said(key: str, value: str | tuple[str, ...]) -> Said:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    shown = value_words(value if isinstance(value, str) else " ".join(value))
    return Said(value, f"--{key}", lambda words: UsageError(f"--{key} {words}, not {shown}"))


@click.command(
    cls=Manual,
    short_help="Hold IMAGE to its rules: the gate of a pipeline.",
    sections=(
        Table(
            "Values",
            (
                ("RATIO", "0.9 or 90%"),
                ("SIZE", "500kB, 20MB, 1.5GiB, or a number of bytes"),
                ("N", "a whole number"),
                ("PATTERN", "as in a .gitignore file: /root/.ssh, *.pem, /var/cache/**; the option may be repeated"),
                ("off", "in place of any of them: the rule of a file does not apply"),
            ),
        ),
        Table(
            "Files",
            (
                (".layer-explorer.toml", "the rules of a project; looked for in the current directory"),
                ("pyproject.toml", "the same in a table [tool.layer-explorer], where there is no other file"),
                (".dive-ci", "the rules of dive, where there is neither; also any file NAME.yaml with --config"),
            ),
        ),
        Verbatim(
            "A file of rules",
            """
lowest-efficiency = 0.95
highest-wasted-bytes = "20MB"
highest-layer-bytes = "500MB"
forbidden-paths = ["/root/.ssh", "*.pem", ".git/"]
ignored-paths = ["/usr/share/doc/**"]
base = "debian:12"
""",
        ),
        Examples(
            (
                ("lx check demo", "With the rules of this directory, or else the default ones."),
                ("lx check --lowest-efficiency 95% --highest-wasted-bytes 20MB shop:dev", "Two rules of your own."),
                ("lx check --forbidden-paths /root/.ssh --forbidden-paths '*.pem' shop:dev", "What must not ship."),
                (
                    "lx check --baseline shop:1.3 --baseline-allowance 5% shop:dev",
                    "No more bytes, shipped or wasted, than five in a hundred above the last release.",
                ),
                (
                    "lx check --format junit -o layers.xml shop.tar",
                    "For a pipeline, of an archive; no engine is asked.",
                ),
            )
        ),
        Table(
            "Environment", (("CI", "when it is true, yes or 1, `lx IMAGE` is `lx check IMAGE`, as it is with dive"),)
        ),
        EXIT_CODES,
    ),
)
@click.option(
    "--format",
    "form",
    cls=HeadedOption,
    heading=OUTPUT_OPTIONS,
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="For people, for programs, for a pull request, for a pipeline's own display.",
)
@click.option(
    "-o",
    "--output",
    cls=HeadedOption,
    heading=OUTPUT_OPTIONS,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of stdout.",
)
@with_schema(Schema.CHECK)
@reporting_errors
@with_rules
@about_an_image
def check(subject: Subject, rules: Rules, form: str, output: Path | None) -> None:
    """Hold IMAGE to its rules, and say which pass, which fail, and which files are to blame.

    A rule is asked for by an option, or in a file of the current directory; an option wins. Only the rules that were
    asked for apply. Where there are none these do: --lowest-efficiency 0.9 and --highest-user-wasted-percent 0.1.

    The options are also understood as dive spells them, --lowestEfficiency for one, and so is `lx --ci IMAGE`.
    """
    hold(subject, rules, form, output)


def hold(subject: Subject, rules: Rules, form: str = "text", output: Path | None = None) -> NoReturn:
    """Judge the image, say what came of it, and end with 0 or 1. Raises ExplorerError."""
    from explorer.report.check.formats import FORMATS

    base = None if rules.base is None else _opened(subject, rules.base)
    baseline = None if rules.baseline is None else _baseline(subject, rules.baseline)
    exploration = subject.explored_aloud()
    base_layers = rules.base_layers if base is None else layers_of_base(exploration.image, base)
    judgement = judge(exploration.tree, exploration.ledger, rules, base_layers, baseline)
    write(FORMATS[form](Check(exploration, rules, judgement)), output)
    sys.exit(0 if judgement.passes else 1)


def _opened(subject: Subject, name: str) -> Image:
    """An image of which nothing but its identity is wanted. Raises ExplorerError."""
    request = Request(name, Unwatched(), platform=subject.platform, via=subject.via, known=lambda _: True)
    return open_image(request)


def _baseline(subject: Subject, name: str) -> Baseline:
    """The figures of an image, or of a report in a file. Raises ExplorerError."""
    path = Path(name)
    if path.is_file():
        with path.open("rb") as file:
            if is_report(file.read(_START)):
                file.seek(0)
                return read_baseline(file.read(_LARGEST_REPORT), name)
    ledger = replace(subject, reference=name).explored_aloud().ledger
    return Baseline(name, ledger.shipped_bytes, ledger.wasted_bytes)
