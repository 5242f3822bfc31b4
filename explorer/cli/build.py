"""``build``: have Docker or Podman build an image, then explore it, or hold it to its rules."""

from __future__ import annotations

import os
import sys

import click

from explorer.cli.builder import BUILDERS, find_builder
from explorer.cli.completion_types import BuilderWord
from explorer.cli.group import in_pipeline
from explorer.cli.help_pages import (
    BUILD_OPTIONS,
    EXIT_CODES,
    CommandWithSections,
    DefinitionList,
    Examples,
    HeadedOption,
)
from explorer.cli.image_options import RequestedImage
from explorer.cli.rule_options import RuleOptions, with_rules
from explorer.cli.run_gate import baseline_in_file, run_gate
from explorer.cli.run_tui import show, terminal_for_keys
from explorer.config.paths import cache_directory
from explorer.errors import UsageError
from explorer.layers.cache import Cache
from explorer.sources.request import LayerAccess


class PassThroughCommand(CommandWithSections):
    """A command whose arguments are another program's, but for its own options and ``-h``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Without -h as an option, because click would find it within words such as -tshop, too.
        own = args[: args.index("--")] if "--" in args else args
        return super().parse_args(ctx, ["--help"] if "-h" in own else args)


@click.command(
    cls=PassThroughCommand,
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
    short_help="Build an image, then explore it, or hold it to its rules.",
    options_metavar="[--check] [--with docker|podman] [RULES]",
    sections=(
        Examples(
            (
                ("lx build -t shop:dev .", "Build as `docker build -t shop:dev .` does, then explore the image."),
                ("lx build --check -t shop:dev .", "The same, and hold the image to the rules of this directory."),
                (
                    "lx build --check --highest-wasted-bytes 20MB --platform linux/amd64 .",
                    "Rules are ours, everything else is the builder's.",
                ),
                ("lx build --with podman -f Containerfile .", "Build with Podman, whose API service must run."),
                ("lx build --load --builder remote .", "A builder with a store of its own hands the image over."),
            )
        ),
        DefinitionList(
            "Environment",
            (
                ("CI", "when it is true, yes or 1, --check is implied"),
                ("DOCKER_HOST, DOCKER_CONTEXT", "the Docker Engine that builds, and that the image is read from"),
                ("CONTAINER_HOST", "the Podman that builds, and that the image is read from"),
            ),
        ),
        EXIT_CODES,
    ),
)
@click.option(
    "--check",
    "checked",
    cls=HeadedOption,
    heading=BUILD_OPTIONS,
    is_flag=True,
    help="Hold the image to its rules instead of showing it; implied by any rule.",
)
@click.option(
    "--with",
    "program",
    cls=HeadedOption,
    heading=BUILD_OPTIONS,
    type=click.Choice(BUILDERS),
    help="Who builds; Docker if it is installed, else Podman.",
)
@click.argument("arguments", metavar="ARGS...", nargs=-1, type=BuilderWord())
@with_rules
def build(checked: bool, program: str | None, arguments: tuple[str, ...], rule_options: RuleOptions) -> None:
    """Run `docker build ARGS` (or `podman build ARGS`), then explore the image in the terminal.

    ARGS are those of the builder, as they are: everything but the options below goes on to it, in its order, and so
    does all that follows a `--`, which is left out. The build's own output shows. With --check, or any rule, or where
    CI says that nobody is there to look, the image is held to its rules instead, as `check` does it, and the build's
    output goes to stderr; for the verdict in another format, `check` the image once more.

    buildx has a --check of its own, which is --call=check: here --check is ours, and --call=check, or what
    follows a `--`, goes on to buildx.
    """
    gated = checked or rule_options.by_option or in_pipeline()
    if gated:
        baseline_in_file(rule_options.rules)
    else:
        _expect_terminal()
    built = find_builder(program).built(arguments, sys.stderr if gated else None)
    requested = RequestedImage(built.reference, None, LayerAccess.AUTO, Cache(cache_directory()), built.name)
    if gated:
        run_gate(requested, rule_options.rules)
    if not sys.stdin.isatty():
        # The builder has read what was piped in.
        os.close(terminal_for_keys())
    show(requested)


def _expect_terminal() -> None:
    """Raises UsageError where no screen can be shown; better now than after minutes of building."""
    there = sys.stdout.isatty()
    if there and not sys.stdin.isatty():
        # Standard input may be the Dockerfile; keys come from the terminal all the same.
        try:
            os.close(os.open("/dev/tty", os.O_RDONLY))
        except OSError:
            there = False
    if not there:
        raise UsageError(
            "the screen needs a terminal, and nothing was built", "To hold the image to its rules: add --check."
        )
