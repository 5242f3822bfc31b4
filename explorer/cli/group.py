"""How the command line takes its words: which command is meant where none is named."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any

import click
from click.shell_completion import CompletionItem

from explorer.cli.completion_types import IMPLIED_COMMAND_KEY, commands, images
from explorer.cli.help_pages import CommandWithSections, write_options
from explorer.cli.output import errors_as_exit_codes

_OWN = {"--help", "-h", "--version"}
"""Options of the program itself."""
COMPLETE_VARIABLE = "_LAYER_EXPLORER_COMPLETE"
"""Set by the scripts that complete words; what they ask of the program."""
_TRUE = ("true", "t", "1", "yes")
_FALSE = ("false", "f", "0", "no")
_ALIKE = 0.75
"""From 0 to 1: how much a word must be like a command to be a misspelt one."""


def in_pipeline() -> bool:
    """Whether ``CI`` says that nobody is there to look at a screen, in any way that dive reads."""
    return os.environ.get("CI", "").lower() in _TRUE


def _ci(word: str) -> bool | None:
    """Whether dive's option ``--ci``, as it may be written, asks for a check; None for any other word."""
    name, _, value = word.lower().partition("=")
    if name != "--ci" or value not in ("", *_TRUE, *_FALSE):
        return None
    return value not in _FALSE


class ImageOrCommand(CommandWithSections, click.Group):
    """``layer-explorer IMAGE`` is ``layer-explorer explore IMAGE``: what is no command is an image.

    In a pipeline it is ``layer-explorer check IMAGE``, as with dive; there and with dive's ``--ci``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[IMPLIED_COMMAND_KEY] = self._first_of_no_option(args) is None
        return super().parse_args(ctx, self._with_command(args) if args else ["--help"])

    def _with_command(self, args: list[str]) -> list[str]:
        """The words with the command first."""
        position = self._first_of_no_option(args)
        if position is None:
            return args if _OWN & set(args) else self._with_implied_command(args)
        if args[position] not in self.commands:
            self._expect_no_misspelt_command(args[position:])
            return self._with_implied_command(args)
        if _OWN & set(args[:position]):
            return args
        # Options that go with every command may stand before it.
        command, before = args[position], args[:position]
        words = [*before, *args[position + 1 :]]
        return [command, *([word for word in words if _ci(word) is None] if command == "check" else words)]

    def _with_implied_command(self, args: list[str]) -> list[str]:
        asked = [found for found in map(_ci, args) if found is not None]
        if asked:
            return ["check" if asked[-1] else "explore", *(word for word in args if _ci(word) is None)]
        if in_pipeline() and "--serve" not in args:
            return ["check", *args]
        return ["explore", *args]

    def _expect_no_misspelt_command(self, words: Sequence[str]) -> None:
        """Raises UsageError where what should be an image is nearly a command, and an image follows."""
        nearest = difflib.get_close_matches(words[0], self.commands, 1, _ALIKE)
        if nearest and len(words) > 1 and not words[1].startswith("-"):
            raise click.UsageError(f"There is no command {words[0]}. Did you mean {nearest[0]}?")

    def _first_of_no_option(self, args: Sequence[str]) -> int | None:
        options = (each for command in self.commands.values() for each in command.params)
        with_value = {
            name for each in options if isinstance(each, click.Option) and not each.is_flag for name in each.opts
        }
        for position, word in enumerate(args):
            is_value = position > 0 and args[position - 1] in with_value
            if not is_value and (word == "-" or not word.startswith("-")):
                return position
        return None

    def main(self, *args: Any, **settings: Any) -> Any:
        # Whoever closed a stream wants nothing from it.
        sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 -- open until the end
        sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                # A terminal that cannot show a character shows its escape; that is no reason to stop.
                stream.reconfigure(errors="backslashreplace")
        # One variable for both names of the program.
        return super().main(*args, **{"complete_var": COMPLETE_VARIABLE, **settings})

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The first word: a command, an image, or an option that may stand before either."""
        if incomplete.startswith("-"):
            implied = self.commands["explore"]
            own = click.Context(implied, parent=ctx)
            items = [*super().shell_complete(ctx, incomplete), *implied.shell_complete(own, incomplete)]
            return list({item.value: item for item in items}.values())
        return [*commands(ctx, incomplete), *images(incomplete)]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] IMAGE")
        formatter.write_usage(ctx.command_path, "COMMAND [OPTIONS] [ARGS]...", prefix=f"{'':7}")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        # What goes with the command that is implied is part of the program's own page.
        options = [each for each in self.commands["explore"].params if isinstance(each, click.Option)]
        write_options([*options, *self.get_params(ctx)], ctx, formatter)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with errors_as_exit_codes():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with errors_as_exit_codes():
            return super().invoke(ctx)
