"""Opens files without waiting for a silent pipe, and writes files in one step."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from explorer.errors import UsageError
from explorer.text.printable import printable

TEMPORARY_PREFIX = ".new-"
"""Start of the names of files that ``write_atomically`` has not finished."""
_IMMOVABLE_ERRORS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV)
"""Errors for a file that can be written but not replaced: its directory is read-only, or it is a mount of its own."""
_MAX_TEXT_BYTES = 1_000_000
_TYPE_NAMES = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_text(path: Path) -> str:
    """Returns the text of a file. Raises UsageError or FileNotFoundError."""
    shown = printable(str(path))
    try:
        with regular_file(path) as file:
            content = file.read(_MAX_TEXT_BYTES + 1)
        if len(content) > _MAX_TEXT_BYTES:
            raise UsageError(f"{shown} is too large for a configuration file")
        # Because some editors put a byte order mark before the text.
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError:
        raise UsageError(f"{shown} is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}") from None


def regular_file(path: Path) -> BinaryIO:
    """Opens a file for reading. Raises OSError, also if it is not a regular file."""
    _require_regular(path, path.stat().st_mode)
    return listed_file(path)


def listed_file(path: Path | bytes, flags: int = 0) -> BinaryIO:
    """Opens a path listed as a regular file. Raises OSError if it no longer is one."""
    descriptor = listed_descriptor(path, flags)
    try:
        return open(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def listed_descriptor(path: Path | bytes, flags: int = 0) -> int:
    """Opens a path like ``listed_file``, for many small files. The caller closes it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | flags)
    try:
        _require_regular(path, os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def write_atomically(path: Path, content: bytes, status: os.stat_result | None = None) -> None:
    """Writes a file; readers get the old or the new content. Raises OSError.

    The file gets the mode of ``status`` and, if possible, its owner; without it, only this user may read the file.
    """
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            if status is not None:
                with suppress(OSError):
                    os.fchown(descriptor, status.st_uid, status.st_gid)
                os.fchmod(descriptor, status.st_mode & 0o777)
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_output(path: Path, content: bytes) -> None:
    """Writes the user's file; if the disk is full, the old one stays. Raises OSError."""
    is_new = not path.exists()
    # Opening it first checks the permissions, and gives a new file the user's mode. A link leads to the file.
    with open(path, "ab") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or _is_stream(path, status):
            file.write(content)
            return
    target = path.resolve()
    try:
        write_atomically(target, content, status)
    except OSError as error:
        if error.errno in _IMMOVABLE_ERRORS:
            target.write_bytes(content)
            return
        if is_new:
            target.unlink()
        raise


def _is_stream(path: Path, status: os.stat_result) -> bool:
    """True if a path is an open file of this process, such as ``/dev/stdout``."""
    if path.absolute().is_relative_to("/dev") or path.absolute().is_relative_to("/proc"):
        return True
    streams = []
    for descriptor in (1, 2):
        with suppress(OSError):
            streams.append(os.fstat(descriptor))
    return any(os.path.samestat(status, stream) for stream in streams)


def _require_regular(path: Path | bytes, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fsdecode(path))
    if not stat.S_ISREG(mode):
        type_name = _TYPE_NAMES.get(stat.S_IFMT(mode), "something else")
        raise OSError(errno.EINVAL, f"it is {type_name}, expected a file", os.fsdecode(path))
