"""The program's commands, and the one that is implied by an image alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any

import click
from click.shell_completion import CompletionItem

from explorer.cli.completion_types import IMPLIED_COMMAND_KEY, MEANT_COMMAND_KEY, images
from explorer.cli.help_pages import CommandWithSections, write_options
from explorer.cli.output import errors_as_exit_codes
from explorer.cli.run_tui import can_show_screen
from explorer.text.plain import PLAIN_ERRORS
from explorer.text.suggestions import nearest

_PROGRAM_OPTIONS = {"--help", "-h", "--version"}
COMPLETE_VARIABLE = "_LAYER_EXPLORER_COMPLETE"
_TRUE = ("true", "t", "1", "yes")
_FALSE = ("false", "f", "0", "no")
_MISSPELT_SIMILARITY = 0.75
"""The similarity to a command, from 0 to 1, from which a word counts as misspelt."""


def is_in_pipeline() -> bool:
    """True if ``CI`` has one of the values that dive accepts."""
    return os.environ.get("CI", "").lower() in _TRUE


def _ci(word: str) -> bool | None:
    """Returns the value of dive's option ``--ci``, from a word; None for other words."""
    name, _, value = word.lower().partition("=")
    if name != "--ci" or value not in ("", *_TRUE, *_FALSE):
        return None
    return value not in _FALSE


class ImageOrCommand(CommandWithSections, click.Group):
    """The program: ``layer-explorer IMAGE`` means ``layer-explorer explore IMAGE``.

    In a pipeline, and with dive's ``--ci``, it means ``layer-explorer check IMAGE``, as with dive.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        position = self._first_position(args)
        ctx.meta[IMPLIED_COMMAND_KEY] = position is None
        if position is not None and args[position] not in self.commands:
            ctx.meta[MEANT_COMMAND_KEY] = nearest(args[position], self.commands, _MISSPELT_SIMILARITY)
        if not args and not is_in_pipeline() and can_show_screen():
            return super().parse_args(ctx, args)
        return super().parse_args(ctx, self._with_command(args) if args else ["--help"])

    def _with_command(self, args: list[str]) -> list[str]:
        """Returns the arguments with the command first; adds it if only implied."""
        position = self._first_position(args)
        if position is None:
            return args if _PROGRAM_OPTIONS & set(args) else self._with_implied_command(args)
        if args[position] not in self.commands:
            self._expect_no_misspelt_command(args[position:])
            return self._with_implied_command(args)
        if _PROGRAM_OPTIONS & set(args[:position]):
            return args
        # Options of a command may stand before it.
        command, before = args[position], args[:position]
        words = [*before, *args[position + 1 :]]
        return [command, *([word for word in words if _ci(word) is None] if command == "check" else words)]

    def _with_implied_command(self, args: list[str]) -> list[str]:
        values = [value for value in map(_ci, args) if value is not None]
        if values:
            return ["check" if values[-1] else "explore", *(word for word in args if _ci(word) is None)]
        if is_in_pipeline() and "--serve" not in args:
            return ["check", *args]
        return ["explore", *args]

    def _expect_no_misspelt_command(self, words: Sequence[str]) -> None:
        """Raises UsageError if the first word resembles a command and an image follows."""
        similar = nearest(words[0], self.commands, _MISSPELT_SIMILARITY)
        if similar and len(words) > 1 and not words[1].startswith("-"):
            raise click.UsageError(f"There is no command {words[0]}. Did you mean {similar}?")

    def _first_position(self, args: Sequence[str]) -> int | None:
        """Returns the position of the first word that is neither option nor value, if any."""
        params = (param for command in self.commands.values() for param in command.params)
        options = (param for param in params if isinstance(param, click.Option) and not param.is_flag)
        with_value = {name for option in options for name in option.opts}
        for position, word in enumerate(args):
            is_value = position > 0 and args[position - 1] in with_value
            if not is_value and (word == "-" or not word.startswith("-")):
                return position
        return None

    def main(self, *args: Any, **settings: Any) -> Any:
        # A stream is None if it was closed before the start.
        sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 -- open until the end
        sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                # Otherwise a character that the terminal cannot show would be an error.
                stream.reconfigure(errors=PLAIN_ERRORS)
        # Otherwise click would use another variable for each name of the program.
        return super().main(*args, **{"complete_var": COMPLETE_VARIABLE, **settings})

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Completes the first word: a command, an image, or an option before either."""
        if incomplete.startswith("-"):
            implied = self.commands["explore"]
            implied_ctx = click.Context(implied, parent=ctx)
            items = [*super().shell_complete(ctx, incomplete), *implied.shell_complete(implied_ctx, incomplete)]
            return list({item.value: item for item in items}.values())
        return [*super().shell_complete(ctx, incomplete), *images(incomplete)]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] IMAGE")
        formatter.write_usage(ctx.command_path, "COMMAND [OPTIONS] [ARGS]...", prefix=f"{'':7}")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        # The options of the implied command belong to the program's own page.
        options = [param for param in self.commands["explore"].params if isinstance(param, click.Option)]
        write_options([*options, *self.get_params(ctx)], ctx, formatter)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with errors_as_exit_codes():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with errors_as_exit_codes():
            return super().invoke(ctx)
