"""Writes to a private directory on the same file system, then moves the files.

Until the move, nothing at the destination changes. Each directory is opened from the one above it, without following
links. So no link, old or new, leads the writer anywhere else.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from explorer.extract.open_directories import DIRECTORY_FLAGS, OpenDirectories

_NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE_PREFIX = b".layer-explorer-"
_MIN_LEFTOVER_SECONDS = 60

Parts = tuple[str, ...]
"""A path below the destination, name by name; the destination itself is ``()``."""


class SecureWriter:
    """Creates files, links and directories in private, then moves them.

    Use it as a context manager: on exit it removes everything that it has not moved.
    """

    def __init__(self, parent: int, name: bytes, *, overwrite: bool) -> None:
        """Takes the directory that holds the destination, and the name there."""
        self.created: dict[Parts, bool] = {}
        """Names in the private directory, parents first. The value is True for a directory."""
        self._parent = parent
        self._name = name
        self._overwrite = overwrite
        self._private_name = _PRIVATE_PREFIX + secrets.token_hex(8).encode()
        self._private_parent = self._private = -1

    def __enter__(self) -> SecureWriter:
        self._private_parent = self._open_private_parent()
        try:
            _remove_leftovers(self._private_parent)
            os.mkdir(self._private_name, 0o700, dir_fd=self._private_parent)
            self._private = os.open(self._private_name, DIRECTORY_FLAGS, dir_fd=self._private_parent)
            with suppress(OSError):
                # The system unlocks it when this process ends, however it ends.
                fcntl.flock(self._private, fcntl.LOCK_SH | fcntl.LOCK_NB)
            self._directories = OpenDirectories(self._private)
        except OSError:
            os.close(self._private_parent)
            raise
        return self

    def _open_private_parent(self) -> int:
        """Opens the directory that holds the destination.

        For a mount point this is the destination itself, because names cannot be moved from one file system to another.
        """
        with suppress(OSError):
            destination = os.open(self._name, DIRECTORY_FLAGS, dir_fd=self._parent)
            if os.fstat(destination).st_dev != os.fstat(self._parent).st_dev:
                return destination
            os.close(destination)
        return os.dup(self._parent)

    def __exit__(self, *error: object) -> None:
        for parts, is_directory in reversed(self.created.items()):
            # Most names have been moved.
            with suppress(OSError):
                directory, name = self._place(parts)
                (os.rmdir if is_directory else os.unlink)(name, dir_fd=directory)
        self._directories.close()
        os.close(self._private)
        with suppress(OSError):
            os.rmdir(self._private_name, dir_fd=self._private_parent)
        os.close(self._private_parent)

    def allowed_mode(self) -> int:
        """Returns the permission bits that the user's umask allows."""
        # Python can only read the umask by setting it, which would affect other threads.
        os.mkdir(b"umask", 0o777, dir_fd=self._private)
        mode = os.stat(b"umask", dir_fd=self._private).st_mode
        os.rmdir(b"umask", dir_fd=self._private)
        return mode & 0o777

    def make_directory(self, parts: Parts) -> None:
        """Creates a directory, and the missing ones above it."""
        missing: list[Parts] = []
        while not self.created.get(parts):
            missing.append(parts)
            if not parts:
                break
            parts = parts[:-1]
        for parts in reversed(missing):
            directory, name = self._place(parts)
            try:
                os.mkdir(name, 0o700, dir_fd=directory)
            except FileExistsError:
                # A file system that ignores case makes one directory of two.
                if not stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
                    raise NotADirectoryError(errno.ENOTDIR, "something that is not a directory is in the way") from None
            self.created[parts] = True

    def create_file(self, parts: Parts) -> int:
        """Creates an empty file and returns its descriptor."""
        self._make_parent(parts)
        directory, name = self._place(parts)
        descriptor = os.open(name, _NEW_FILE_FLAGS, 0o600, dir_fd=directory)
        self.created[parts] = False
        return descriptor

    def hard_link(self, source: Parts, parts: Parts) -> None:
        """Gives a file another name, or makes a copy if the file system has no hard links."""
        self._make_parent(parts)
        directory, source_name = self._place(source)
        source_directory = os.dup(directory)
        try:
            directory, name = self._place(parts)
            os.link(source_name, name, src_dir_fd=source_directory, dst_dir_fd=directory, follow_symlinks=False)
            self.created[parts] = False
        except FileExistsError:
            raise
        except OSError:
            self._copy(source, parts)
        finally:
            os.close(source_directory)

    def symlink(self, parts: Parts, target: str, mtime_ns: int) -> None:
        """Creates a symbolic link. The target is only text, and is never opened."""
        self._make_parent(parts)
        text = encode_name(target)
        if not text or b"\0" in text:
            raise OSError(errno.EINVAL, "its link target is empty or has a zero byte")
        directory, name = self._place(parts)
        try:
            os.symlink(text, name, dir_fd=directory)
        except PermissionError:
            raise OSError(errno.EINVAL, "the file system has no symbolic links") from None
        self.created[parts] = False
        with suppress(OSError, OverflowError, NotImplementedError):
            os.utime(name, ns=(mtime_ns, mtime_ns), dir_fd=directory, follow_symlinks=False)

    def finish_directory(self, parts: Parts, mode: int, mtime_ns: int | None) -> None:
        """Sets mode and modification time of a directory that needs no more names."""
        if self.created.get(parts):
            directory = self._directories.descriptor(_names(parts))
            with suppress(PermissionError):
                os.fchmod(directory, mode)
            if mtime_ns is not None:
                with suppress(OSError, OverflowError):
                    os.utime(directory, ns=(mtime_ns, mtime_ns))

    def move(self, parts: Parts) -> bool:
        """Moves a file or link, or a directory with all its content, to the destination.

        Returns False for a directory that already exists there: its names must be moved one by one. Raises OSError if
        something is in the way that must not be replaced.
        """
        is_directory = self.created[parts]
        *above, name = (self._name, *map(encode_name, parts))
        with self._open_directory(above) as directory:
            if not self._overwrite:
                # Of two programs that create a name, one fails. What a renamed file replaces is then our own.
                if is_directory:
                    os.mkdir(name, 0o700, dir_fd=directory)
                else:
                    os.close(os.open(name, _NEW_FILE_FLAGS, 0o600, dir_fd=directory))
            elif _must_merge(directory, name, is_directory):
                return False
            # Nothing below this name is open any more, so the cleanup reaches nothing that has been moved.
            source, source_name = self._place(parts)
            os.rename(source_name, name, src_dir_fd=source, dst_dir_fd=directory)
        return True

    @contextmanager
    def _open_directory(self, names: Iterable[bytes]) -> Iterator[int]:
        """Opens a directory at the destination, step by step, without following links."""
        descriptor = os.dup(self._parent)
        try:
            for name in names:
                above, descriptor = descriptor, os.open(name, DIRECTORY_FLAGS, dir_fd=descriptor)
                os.close(above)
            yield descriptor
        finally:
            os.close(descriptor)

    def _place(self, parts: Parts) -> tuple[int, bytes]:
        """Returns the open directory of a name, and the name. The next call may close it."""
        *above, name = _names(parts)
        return self._directories.descriptor(above), name

    def _make_parent(self, parts: Parts) -> None:
        if parts:
            self.make_directory(parts[:-1])

    def _copy(self, source: Parts, parts: Parts) -> None:
        directory, name = self._place(source)
        original = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
        with open(original, "rb") as original_file, open(self.create_file(parts), "wb") as copy:
            shutil.copyfileobj(original_file, copy)
            status = os.fstat(original)
            copy.flush()
            finish_file(copy.fileno(), stat.S_IMODE(status.st_mode), status.st_mtime_ns)


def _remove_leftovers(directory: int) -> None:
    """Removes private directories of this user whose process has ended."""
    with suppress(OSError):
        for name in map(os.fsencode, os.listdir(directory)):
            if name.startswith(_PRIVATE_PREFIX):
                # It is in use, a link, another user's, too deep, or on a file system without locks.
                with suppress(OSError, RecursionError):
                    _remove_unlocked(directory, name)


def _remove_unlocked(directory: int, name: bytes) -> None:
    """Removes a private directory. Raises OSError if a process may use it."""
    descriptor = os.open(name, DIRECTORY_FLAGS, dir_fd=directory)
    try:
        status = os.fstat(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A new directory is not locked for a moment.
        if status.st_uid == os.geteuid() and time.time() - status.st_ctime > _MIN_LEFTOVER_SECONDS:
            shutil.rmtree(name, dir_fd=directory)
    finally:
        os.close(descriptor)


def finish_file(descriptor: int, mode: int, mtime_ns: int) -> None:
    """Sets a file's mode, and its modification time if the file system can store it."""
    # Other systems' file systems, as on USB sticks, refuse modes that they cannot store.
    with suppress(PermissionError):
        os.fchmod(descriptor, mode)
    with suppress(OSError, OverflowError):
        os.utime(descriptor, ns=(mtime_ns, mtime_ns))


def is_name(name: str) -> bool:
    """True if this names one thing in its directory, and leads nowhere else."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def encode_name(name: str) -> bytes:
    """Returns the bytes that a name has in the image."""
    return name.encode("utf-8", "surrogateescape")


def _must_merge(directory: int, name: bytes, is_directory: bool) -> bool:
    """True if a directory goes where one exists. Raises OSError for other obstacles."""
    try:
        mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return False
    if is_directory and not stat.S_ISDIR(mode):
        raise NotADirectoryError(errno.ENOTDIR, "something that is not a directory is in the way")
    if stat.S_ISDIR(mode) and not is_directory:
        raise FileExistsError(errno.EEXIST, "a directory is in the way")
    if not (is_directory or stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise FileExistsError(errno.EEXIST, "a device, a pipe or a socket is in the way")
    return is_directory


def _names(parts: Parts) -> tuple[bytes, ...]:
    """Returns the names on the way from the private directory."""
    return (b"root", *map(encode_name, parts))
