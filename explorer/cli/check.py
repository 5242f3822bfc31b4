"""``check``: hold an image to its rules, and end with 0 or 1."""

from __future__ import annotations

from pathlib import Path

import click

from explorer.cli.help_pages import EXIT_CODES, CodeBlock, CommandWithSections, DefinitionList, Examples
from explorer.cli.image_options import RequestedImage, with_image_options
from explorer.cli.output_options import with_format, with_output_file, with_schema
from explorer.cli.rule_options import RuleOptions, with_rules
from explorer.cli.run_gate import run_gate
from explorer.report.check.formats import FORMATS
from explorer.report.schemas import Schema


@click.command(
    cls=CommandWithSections,
    short_help="Hold IMAGE to its rules: the gate of a pipeline.",
    sections=(
        DefinitionList(
            "Values",
            (
                ("RATIO", "0.9 or 90%"),
                ("SIZE", "500kB, 20MB, 1.5GiB, or a number of bytes"),
                ("N", "a whole number"),
                ("PATTERN", "as in a .gitignore file: /root/.ssh, *.pem, /var/cache/**; the option may be repeated"),
                ("off", "in place of any of them: the rule of a file does not apply"),
            ),
        ),
        DefinitionList(
            "Files",
            (
                (".layer-explorer.toml", "the rules of a project; looked for in the current directory"),
                ("pyproject.toml", "the same in a table [tool.layer-explorer], where that file has none"),
                (".dive-ci", "the rules of dive, where neither has any; also any file NAME.yaml with --config"),
            ),
        ),
        CodeBlock(
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
        DefinitionList(
            "Environment", (("CI", "when it is true, yes or 1, `lx IMAGE` is `lx check IMAGE`, as it is with dive"),)
        ),
        EXIT_CODES,
    ),
)
@with_format(FORMATS, "For people, for programs, for a pull request, for a pipeline's own display.")
@with_output_file
@with_schema(Schema.CHECK)
@with_rules
@with_image_options
def check(requested: RequestedImage, rule_options: RuleOptions, form: str, output: Path | None) -> None:
    """Hold IMAGE to its rules, and say which pass, which fail, and which files are to blame.

    A rule is asked for by an option, or in a file of the current directory; an option wins. Only the rules that were
    asked for apply. Where there are none these do: --lowest-efficiency 0.9 and --highest-user-wasted-percent 0.1.

    Most rules look at the account: all that the image ships and wastes, without ignored paths and without what the base
    wastes by itself.

    The options are also understood as dive spells them, --lowestEfficiency for one, and so is `lx --ci IMAGE`.
    """
    run_gate(requested, rule_options.rules, form, output)
