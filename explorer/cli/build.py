"""``build``: builds an image, then explores it or checks its rules."""

from __future__ import annotations

import os
import sys

import click

from explorer.cli.builder import BUILDERS, find_builder
from explorer.cli.group import is_in_pipeline
from explorer.cli.help_pages import CommandWithSections, DefinitionList, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage
from explorer.cli.rule_options import RuleOptions, with_rules
from explorer.cli.run_gate import baseline_in_file, run_gate
from explorer.cli.run_tui import show, terminal_for_keys
from explorer.config.paths import cache_directory
from explorer.errors import UsageError
from explorer.layers.cache import Cache
from explorer.sources.request import LayerAccess


class PassThroughCommand(CommandWithSections):
    """A command that passes all but its own options and ``-h`` on."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Without -h as an option, because click would find it within words such as -tshop, too.
        own = args[: args.index("--")] if "--" in args else args
        return super().parse_args(ctx, ["--help"] if "-h" in own else args)


@click.command(
    cls=PassThroughCommand,
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
    short_help="Build an image, then explore it or check its rules.",
    options_metavar="[--check] [--with docker|podman] [RULES]",
    sections=(
        Examples(
            ("lx build -t shop:dev .", "Run `docker build -t shop:dev .`, then explore the image."),
            ("lx build --check -t shop:dev .", "The same, then check the rules of this directory."),
            (
                "lx build --check --highest-wasted-bytes 20MB --platform linux/amd64 .",
                "Rules belong to lx, all other options to the builder.",
            ),
            ("lx build --with podman -f Containerfile .", "Build with Podman; its API service must be running."),
            (
                "lx build --load --builder remote .",
                "--load copies the image from a remote builder into the engine.",
            ),
        ),
        DefinitionList(
            "Environment",
            ("CI", "if true, yes or 1: --check is implied"),
            ("DOCKER_HOST, DOCKER_CONTEXT", "the Docker Engine that builds and holds the image"),
            ("CONTAINER_HOST", "the Podman that builds and holds the image"),
        ),
    ),
)
@headed_option(
    Heading.BUILD,
    "--check",
    "checked",
    is_flag=True,
    help="Check rules instead of showing the image; implied by any rule.",
)
@headed_option(
    Heading.BUILD,
    "--with",
    "program",
    type=click.Choice(BUILDERS),
    help="The builder; the default is Docker if installed, else Podman.",
)
@click.argument("arguments", metavar="ARGS...", nargs=-1, type=click.Path(readable=False))
@with_rules
def build(checked: bool, program: str | None, arguments: tuple[str, ...], rule_options: RuleOptions) -> None:
    """Run `docker build ARGS` (or podman), then explore the image.

    All ARGS except the options below are passed to the builder in their order. So is everything after a `--`, without
    the `--` itself. With --check, with any rule, or if CI is set, the rules are checked instead, as `lx check` does;
    the build's output then goes to stderr. For another format, run `lx check` on the image afterwards.

    The lines of the Dockerfile get their bytes and times, except if it is in a remote context.

    --check belongs to Layer Explorer; to pass buildx's own flag, use `--call=check`.
    """
    checks_rules = checked or rule_options.by_option or is_in_pipeline()
    if checks_rules:
        baseline_in_file(rule_options.rules)
    else:
        _expect_terminal()
    built = find_builder(program).build(arguments, sys.stderr if checks_rules else None)
    cache, wanted_paths = Cache(cache_directory()), rule_options.rules.wanted_paths
    requested = RequestedImage(
        built.reference,
        None,
        LayerAccess.AUTO,
        cache,
        built.name,
        wanted_paths=wanted_paths,
        dockerfile=built.dockerfile,
    )
    if checks_rules:
        run_gate(requested, rule_options.rules, explore_command="lx explore")
    if not sys.stdin.isatty():
        # The builder has read the pipe to its end.
        os.close(terminal_for_keys())
    show(requested)


def _expect_terminal() -> None:
    """Raises UsageError if no screen can be shown, before minutes of building."""
    has_terminal = sys.stdout.isatty()
    if has_terminal and not sys.stdin.isatty():
        # Standard input may be the Dockerfile, so keys come from the terminal itself.
        try:
            os.close(os.open("/dev/tty", os.O_RDONLY))
        except OSError:
            has_terminal = False
    if not has_terminal:
        raise UsageError("the screen needs a terminal, so nothing was built", "To check rules instead, add --check.")
