"""``check``: checks an image against rules, and exits with 0 or 1."""

from __future__ import annotations

from pathlib import Path

import click

from explorer.cli.dockerfile_option import with_dockerfile_option
from explorer.cli.group import is_in_pipeline
from explorer.cli.help_pages import CodeBlock, CommandWithSections, DefinitionList, Examples
from explorer.cli.image_options import RequestedImage, with_damage_option, with_image_options
from explorer.cli.output_options import with_format, with_output_file, with_schema
from explorer.cli.rule_options import RuleOptions, with_rules
from explorer.cli.run_gate import run_gate
from explorer.cli.scan_options import with_scan_option
from explorer.report.check.formats import FORMATS
from explorer.report.schemas import Schema


@click.command(
    cls=CommandWithSections,
    short_help="Check IMAGE against your rules; for CI.",
    sections=(
        DefinitionList(
            "Values",
            ("RATIO", "0.9 or 90%"),
            ("SIZE", "500kB, 20MB, 1.5GiB, or a number of bytes"),
            ("N", "a whole number"),
            ("PACKAGE", "a name or a package URL, with * for any part: build-essential, pkg:npm/lodash@4*; repeatable"),
            ("PATTERN", "as in a .gitignore file: /root/.ssh, *.pem, /var/cache/**; the option may be repeated"),
            ("LEVEL", "critical, high, medium, low or info"),
            ("FINDING", "a name such as root-user or CVE-2024-*, or NAME:PATTERN for some files; repeatable"),
            ("off", "in place of a value: switches off a rule that the file sets"),
        ),
        DefinitionList(
            "Files",
            (".layer-explorer.toml", "the rules of a project, in the current directory"),
            ("pyproject.toml", "a table [tool.layer-explorer], if that file has no rules"),
            (".dive-ci", "the rules of dive, if neither has rules; with --config, any file NAME.yaml"),
        ),
        CodeBlock(
            "A file of rules",
            """
lowest-efficiency = 0.95
highest-wasted-bytes = "20MB"
highest-layer-bytes = "500MB"
forbidden-paths = ["/root/.ssh", "*.pem", ".git/"]
highest-disposable-bytes = "50MB"
wanted-paths = ["/usr/share/doc"]
no-secrets = true
highest-severity = "medium"
ignored-findings = ["no-healthcheck", "private-key:/app/test/**"]
ignored-paths = ["*.log"]
base = "debian:12"
""",
        ),
        Examples(
            ("lx check demo", "With the rules of this directory, or with the default rules."),
            ("lx check --lowest-efficiency 95% --highest-wasted-bytes 20MB shop:dev", "Two rules of your own."),
            (
                "lx check --forbidden-paths /root/.ssh --forbidden-paths '*.pem' shop:dev",
                "Files that must not ship.",
            ),
            (
                "lx check --no-secrets --highest-severity medium shop:dev",
                "No secret, not even a deleted one, and no finding that is high or critical; see `lx findings`.",
            ),
            (
                "lx check --baseline shop:1.3 --baseline-allowance 5% shop:dev",
                "Shipped and wasted bytes may grow by 5 % over the last release.",
            ),
            (
                "lx check --format junit -o layers.xml shop.tar",
                "An archive in a pipeline, without an engine.",
            ),
        ),
        DefinitionList("Environment", ("CI", "if it is true, yes or 1, `lx IMAGE` is `lx check IMAGE`, as in dive")),
    ),
)
@with_format(FORMATS, "For people, programs, pull requests, and the displays of CI systems.")
@with_output_file
@with_schema(Schema.CHECK)
@with_rules
@with_dockerfile_option
@with_scan_option
@with_image_options
@with_damage_option
def check(requested: RequestedImage, rule_options: RuleOptions, format_name: str, output: Path | None) -> None:
    """Check IMAGE against rules, and print the results, the causes and what to do.

    Set rules with options, or in a file of the current directory; options override the file. If you set no rules,
    these two apply: --lowest-efficiency 0.9 and --highest-user-wasted-percent 0.1.

    Most rules count the whole image, minus ignored paths and minus waste inside the base. --highest-layer-bytes,
    --highest-disposable-bytes, --most-layers, --forbidden-paths and the rules about packages and findings count only
    the layers above the base. --forbidden-paths, --baseline and the rules about packages and findings count ignored
    paths, too, and --baseline counts waste inside the base. A base file that your layers delete is waste and counts.

    The options of dive work, too, for example --lowestEfficiency, and so does `lx --ci IMAGE`.
    """
    # In a pipeline, `lx IMAGE` is a check, too.
    explore_command = "lx explore" if is_in_pipeline() else "lx"
    run_gate(requested, rule_options.rules, format_name, output, explore_command)
