"""How the command line takes its words, and how it says what went wrong: never with a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from explorer.cli.image_names import IMPLIED, commands, images
from explorer.cli.manual import Manual, write_options
from explorer.errors import Cancelled, ExplorerError, UsageError
from explorer.text import printable

_OWN = {"--help", "-h", "--version"}
"""Options of the program itself."""
COMPLETE_VARIABLE = "_LAYER_EXPLORER_COMPLETE"
"""Set by the scripts that complete words; what they ask of the program."""
_TRUE = ("true", "1", "yes")


def in_pipeline() -> bool:
    """Whether ``CI`` says that nobody is there to look at a screen; read as dive reads it."""
    return os.environ.get("CI") in _TRUE


class ImageOrCommand(Manual, click.Group):
    """``layer-explorer IMAGE`` is ``layer-explorer explore IMAGE``: what is no command is an image.

    In a pipeline it is ``layer-explorer check IMAGE``, as with dive; there and with dive's ``--ci``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[IMPLIED] = self._first_of_no_option(args) is None
        return super().parse_args(ctx, self._with_command(args) if args else ["--help"])

    def _with_command(self, args: list[str]) -> list[str]:
        """The words with the command first."""
        position = self._first_of_no_option(args)
        if position is None:
            return args if _OWN & set(args) else self._with_implied_command(args)
        if args[position] not in self.commands:
            return self._with_implied_command(args)
        if _OWN & set(args[:position]):
            return args
        # Options that go with every command may stand before it.
        return [args[position], *args[:position], *args[position + 1 :]]

    def _with_implied_command(self, args: list[str]) -> list[str]:
        if "--ci" in args:
            return ["check", *(word for word in args if word != "--ci")]
        if in_pipeline() and "--serve" not in args:
            return ["check", *args]
        return ["explore", *args]

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
        # One for both names of the program.
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
        with _printable_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _printable_errors():
            return super().invoke(ctx)


@contextmanager
def _printable_errors() -> Iterator[None]:
    """What is wrong with the arguments is told with them, and they may come from anywhere."""
    try:
        yield
    except click.UsageError as error:
        raise click.UsageError(printable(error.format_message()), error.ctx) from error


def reporting_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Errors become one clear line on stderr and an exit code; a closed pipe is nobody's error."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            with _unread():
                command(*args, **kwargs)
                sys.stdout.flush()
        except ExplorerError as error:
            complain(error)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            sys.exit(Cancelled.exit_code)
        except OSError as error:
            reason = error.strerror or str(error)
            complain(ExplorerError(f"{error.filename or 'the output'} cannot be used: {reason}", "Is there room left?"))
            sys.exit(ExplorerError.exit_code)
        except Exception as error:
            if os.environ.get("LAYER_EXPLORER_DEBUG"):
                raise
            reason = printable(f"{type(error).__name__}: {error}")
            complain(ExplorerError(f"this is a bug in Layer Explorer: {reason}", "LAYER_EXPLORER_DEBUG=1 shows where."))
            sys.exit(ExplorerError.exit_code)

    return run


def write(text: str, output: Path | None) -> None:
    """Write what a command found to a file, or to stdout. Raises UsageError where the file cannot be written."""
    if output is None or str(output) == "-":
        with _unread():
            sys.stdout.write(text)
            sys.stdout.flush()
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{printable(str(output))} cannot be written: {error.strerror}") from error


@contextmanager
def _unread() -> Iterator[None]:
    """Whoever closed the pipe has read enough of it."""
    try:
        yield
    except BrokenPipeError:
        # Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(error: ExplorerError) -> None:
    """One error on stderr. Its lines may quote an image, and are made printable whoever wrote them."""
    with suppress(OSError):
        for line in (f"layer-explorer: {error.message}", *error.hint.splitlines()):
            click.echo(printable(line), err=True)
