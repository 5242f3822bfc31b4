"""What a command answers with: data on stdout or in a file, errors in plain words on stderr, and its exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import click

from explorer.errors import Cancelled, ExplorerError, UsageError
from explorer.text.printable import printable

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""A file was fine to write to, until there was no room."""


@contextmanager
def errors_as_exit_codes() -> Iterator[None]:
    """Errors become one clear line on stderr and an exit code, never a traceback; a closed pipe is nobody's error."""
    try:
        yield
        sys.stdout.flush()
    except (click.exceptions.Exit, click.Abort):
        raise
    except BrokenPipeError:
        _close(sys.stdout)
        sys.exit(0)
    except click.ClickException as error:
        # The arguments that it quotes may come from anywhere.
        wrong = click.UsageError(printable(error.format_message()), getattr(error, "ctx", None))
        with _ignoring_closed_stderr():
            wrong.show()
        sys.exit(wrong.exit_code)
    except ExplorerError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(Cancelled.exit_code)
    except OSError as error:
        _close(sys.stdout)
        reason = error.strerror or str(error)
        print_error(ExplorerError(f"{error.filename or 'the output'} cannot be used: {reason}", "Is there room left?"))
        sys.exit(ExplorerError.exit_code)
    except Exception as error:
        if os.environ.get("LAYER_EXPLORER_DEBUG"):
            raise
        reason = printable(f"{type(error).__name__}: {error}")
        print_error(ExplorerError(f"this is a bug in Layer Explorer: {reason}", "LAYER_EXPLORER_DEBUG=1 shows where."))
        sys.exit(ExplorerError.exit_code)


def write(text: str, output: Path | None) -> None:
    """Write what a command found to a file, or to stdout, whose reader may have gone.

    Raises UsageError where the file cannot be written, ExplorerError where there is no room for it.
    """
    if output is None or str(output) == "-":
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever closed it has read enough, and the command goes on to its exit code.
            _close(sys.stdout)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        kind = ExplorerError if error.errno in _FULL else UsageError
        raise kind(f"{printable(str(output))} cannot be written: {error.strerror}") from error


def print_error(error: ExplorerError) -> None:
    """One error on stderr. Its lines may quote an image, and are made printable whoever wrote them."""
    with _ignoring_closed_stderr():
        for line in (f"layer-explorer: {error.message}", *error.hint.splitlines()):
            click.echo(printable(line), err=True)


@contextmanager
def _ignoring_closed_stderr() -> Iterator[None]:
    """Where stderr cannot be written to, the exit code alone tells."""
    try:
        yield
    except OSError:
        _close(sys.stderr)


def _close(stream: TextIO) -> None:
    """Nothing more goes out; what is left in the stream would be complained about when Python ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
