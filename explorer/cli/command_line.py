"""How the command line takes its words, and how it says what went wrong: never with a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any

import click

from explorer.errors import Cancelled, ExplorerError
from explorer.text import printable

_WITH_VALUE = ("--platform", "--via", "--serve-host", "--serve-port")
"""Options before the image that take a word."""


class ImageOrCommand(click.Group):
    """``layer-explorer IMAGE`` is ``layer-explorer explore IMAGE``: what is no command is an image."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            args = ["--help"]
        else:
            position = next((i for i, word in enumerate(args) if not _is_option(args, i)), None)
            first = args[position] if position is not None else None
            own = {"--help", "-h", "--version"}
            if first is not None and first not in self.commands:
                args = ["explore", *args]
            elif first is not None and position and not own & set(args[:position]):
                # Options that go with every command may stand before it.
                args = [first, *args[:position], *args[position + 1 :]]
            elif first is None and not own & set(args):
                args = ["explore", *args]
        return super().parse_args(ctx, args)

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


def _is_option(args: Sequence[str], position: int) -> bool:
    word = args[position]
    if position and args[position - 1] in _WITH_VALUE:
        return True
    return word.startswith("-") and word != "-"


def reporting_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Errors become one clear line on stderr and an exit code; a closed pipe is nobody's error."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except ExplorerError as error:
            complain(error)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            sys.exit(Cancelled.exit_code)
        except BrokenPipeError:
            # Whoever read the output has enough. Python would complain once more when it flushes stdout at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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


def complain(error: ExplorerError) -> None:
    """One error on stderr. Its lines may quote an image, and are made printable whoever wrote them."""
    with suppress(OSError):
        for line in (f"layer-explorer: {error.message}", *error.hint.splitlines()):
            click.echo(printable(line), err=True)
