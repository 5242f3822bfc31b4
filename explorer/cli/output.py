"""The output of a command: data, errors and the exit code."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import click

from explorer.errors import Cancelled, ExplorerError, UsageError, exhausted
from explorer.files import write_output
from explorer.report.page import MIN_WIDTH, WIDTH_OFF_TERMINAL, Page
from explorer.text.printable import printable, without_workflow_commands

_DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


@contextmanager
def errors_as_exit_codes() -> Iterator[None]:
    """Turns errors into a line on stderr and an exit code; a closed pipe is no error."""
    try:
        yield
        sys.stdout.flush()
    except (click.exceptions.Exit, click.Abort):
        raise
    except BrokenPipeError:
        _discard(sys.stdout)
        sys.exit(0)
    except click.ClickException as error:
        # It quotes arguments, which may hold escape sequences. Click breaks the lines of long lists itself.
        message = " ".join(printable(line.strip()) for line in error.format_message().splitlines())
        usage_error = click.UsageError(without_workflow_commands(message), getattr(error, "ctx", None))
        with _ignoring_closed_stderr():
            usage_error.show()
        sys.exit(usage_error.exit_code)
    except ExplorerError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(Cancelled.exit_code)
    except OSError as error:
        _discard(sys.stdout)
        _exit_if_exhausted(error)
        reason = error.strerror or str(error)
        print_error(ExplorerError(f"{error.filename or 'the output'} cannot be used: {reason}", "Is there room left?"))
        sys.exit(ExplorerError.exit_code)
    except Exception as error:
        _exit_if_exhausted(error)
        if os.environ.get("LAYER_EXPLORER_DEBUG"):
            raise
        reason = printable(f"{type(error).__name__}: {error}")
        print_error(ExplorerError(f"this is a bug in Layer Explorer: {reason}", "LAYER_EXPLORER_DEBUG=1 shows where."))
        sys.exit(ExplorerError.exit_code)


def _exit_if_exhausted(error: Exception) -> None:
    if (shown := exhausted(error)) is not None:
        print_error(shown)
        sys.exit(shown.exit_code)


def page_of(output: Path | None) -> Page:
    """Returns the page of a text: a terminal's width and colours, or those of a file."""
    if not _is_stdout(output) or not sys.stdout.isatty():
        return Page()
    width = max(shutil.get_terminal_size((WIDTH_OFF_TERMINAL, 0)).columns, MIN_WIDTH)
    has_colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Page(width, is_terminal=True, has_colours=has_colours)


def write(text: str, output: Path | None, *, has_commands: bool = False) -> None:
    """Writes text to a file, or to stdout, whose reader may have closed it.

    Escapes workflow commands, unless ``has_commands`` is true: the text consists of some, and stops others.

    Raises UsageError if the file cannot be written, ExplorerError if the disk is full.
    """
    text = text if has_commands else without_workflow_commands(text)
    if output is None or _is_stdout(output):
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has read enough; the command still ends with its exit code.
            _discard(sys.stdout)
        return
    _write_file(text.encode(), output)


def write_bytes(content: bytes, output: Path | None) -> None:
    """Writes bytes as ``write`` does text. Raises its errors."""
    if output is None or _is_stdout(output):
        try:
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
        except BrokenPipeError:
            _discard(sys.stdout)
        return
    _write_file(content, output)


def _write_file(content: bytes, output: Path) -> None:
    try:
        write_output(output, content)
    except OSError as error:
        kind = ExplorerError if error.errno in _DISK_FULL_ERRORS else UsageError
        raise kind(f"{printable(str(output))} cannot be written: {error.strerror}") from error


def _is_stdout(output: Path | None) -> bool:
    return output is None or str(output) == "-"


def write_lines(lines: Iterable[str]) -> int:
    """Writes lines to stdout while they are made, with workflow commands escaped.

    Returns the number of lines.
    """
    count = 0
    for line in lines:
        sys.stdout.write(f"{without_workflow_commands(line)}\n")
        count += 1
    return count


def print_note(line: str) -> None:
    """Writes a printable line to stderr.

    It may quote an image, so workflow commands are escaped.
    """
    with _ignoring_closed_stderr():
        click.echo(without_workflow_commands(line), err=True)


def print_error(error: ExplorerError) -> None:
    """Writes an error to stderr, made printable because it may quote an image."""
    with _ignoring_closed_stderr():
        for line in (f"layer-explorer: {error.message}", *error.hint.splitlines()):
            click.echo(without_workflow_commands(printable(line)), err=True)


@contextmanager
def _ignoring_closed_stderr() -> Iterator[None]:
    """If stderr cannot be written to, the exit code alone reports the error."""
    try:
        yield
    except OSError:
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    """Points a stream at the null device, so that Python's flush at exit cannot fail."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
