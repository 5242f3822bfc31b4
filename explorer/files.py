"""Files that a user or a layout names, opened without waiting, as a pipe may never answer; our own, written whole."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

from explorer.errors import UsageError
from explorer.text.printable import printable

TEMPORARY_PREFIX = ".new-"
"""What the names of files begin with that ``replace`` has not finished."""
_LARGEST_TEXT = 1_000_000
"""Bytes of a configuration file that are read."""
_WORDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_text(path: Path) -> str:
    """The text of a configuration file. Raises UsageError for what is none, and FileNotFoundError."""
    shown = printable(str(path))
    try:
        with regular_file(path) as file:
            content = file.read(_LARGEST_TEXT + 1)
        if len(content) > _LARGEST_TEXT:
            raise UsageError(f"{shown} is too large for a configuration file")
        # Some editors put a mark before the text.
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError:
        raise UsageError(f"{shown} is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}") from None


def regular_file(path: Path) -> BinaryIO:
    """A file, open for reading. Raises OSError, also for what is no regular file."""
    _refuse_others(path, path.stat().st_mode)
    return listed_file(path)


def listed_file(path: Path | bytes, flags: int = 0) -> BinaryIO:
    """The same for what was a regular file a moment ago, and may have been replaced."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | flags)
    try:
        _refuse_others(path, os.fstat(descriptor).st_mode)
        return open(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever reads it meanwhile finds the old or the new. Raises OSError."""
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _refuse_others(path: Path | bytes, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fsdecode(path))
    if not stat.S_ISREG(mode):
        word = _WORDS.get(stat.S_IFMT(mode), "something else")
        raise OSError(errno.EINVAL, f"it is {word}, expected a file", os.fsdecode(path))
