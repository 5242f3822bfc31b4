"""Places on disk for what an image brings: each name is made in a directory that was opened without following links.

That holds for links that were there before as for those that were made a moment ago. What exists is replaced only where
that was allowed, and a file has its name only once all of it is there.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from explorer.model import Entry

_DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Parts = tuple[str, ...]
"""A path below the destination, name by name; the destination itself is ``()``."""
_Identity = tuple[int, int, int]
"""Device, inode and modification time."""


class SecureWriter:
    """Makes names below a destination, each in a directory that was opened step by step and without following links."""

    def __init__(self, parent: int, name: bytes, is_directory: bool, overwrite: bool) -> None:
        self._parent = parent
        self._name = name
        self._is_directory = is_directory
        self._overwrite = overwrite
        self._at: tuple[Parts, int] | None = None
        """The directory that was used last, and its descriptor; the next file is often in it."""
        self.made: set[Parts] = set()
        """The directories that were not there before."""
        self._named: dict[Parts, _Identity] = {}
        """The files and links whose names were not there before."""
        self._is_ours = overwrite
        """Whether the destination may be written into although it is there: by permission, or made here."""

    def close(self) -> None:
        """Give back the descriptor."""
        if self._at is not None:
            os.close(self._at[1])
            self._at = None

    def unmake(self) -> None:
        """Remove all that was made here. What was there before stays, and so does what somebody else has put there."""
        for parts, identity in self._named.items():
            with suppress(OSError):
                above, name = self._place(parts, makes=False)
                if _identity(above, name) == identity:
                    os.unlink(name, dir_fd=above)
        # What is in a directory comes before it, and neighbours together.
        for parts in sorted(self.made, reverse=True):
            with suppress(OSError):
                above, name = self._place(parts, makes=False)
                os.rmdir(name, dir_fd=above)

    def directory(self, parts: Parts, *, makes: bool = True) -> int:
        """The descriptor of a directory, good until the next call; it and those above it are made if they are missing.

        Raises FileNotFoundError if they are and ``makes`` is false.
        """
        if self._at is None or parts[: len(self._at[0])] != self._at[0]:
            self.close()
            self._at = ((), self._entered(self._parent, self._name, (), makes))
        begin, descriptor = self._at
        for depth in range(len(begin), len(parts)):
            following = self._entered(descriptor, encoded(parts[depth]), parts[: depth + 1], makes)
            os.close(descriptor)
            descriptor = following
            self._at = (parts[: depth + 1], descriptor)
        return descriptor

    def _entered(self, above: int, name: bytes, parts: Parts, makes: bool) -> int:
        """The descriptor of a directory in another one, never reached through a link."""
        if makes:
            self._make(above, name, parts)
        try:
            return os.open(name, _DIRECTORY_FLAGS, dir_fd=above)
        except OSError as error:
            if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                raise
            raise NotADirectoryError(errno.ENOTDIR, "something that is no directory is in the way") from error

    def _make(self, above: int, name: bytes, parts: Parts) -> None:
        """Make a directory if it is missing."""
        try:
            os.mkdir(name, 0o700, dir_fd=above)
            self.made.add(parts)
        except FileExistsError:
            if not parts and not self._is_ours:
                raise
        self._is_ours = self._is_ours or not parts

    def _place(self, parts: Parts, *, makes: bool = True) -> tuple[int, bytes]:
        """The directory of a name, and the name."""
        if not parts:
            return self._parent, self._name
        if not self._is_directory:
            raise NotADirectoryError(errno.ENOTDIR, "it lies below what is no directory")
        return self.directory(parts[:-1], makes=makes), encoded(parts[-1])

    def check(self, parts: Parts) -> None:
        """Raise OSError where a name cannot be made; nothing has been read for it yet."""
        self._refuse(*self._place(parts))

    @contextmanager
    def new_file(self, parts: Parts) -> Iterator[int]:
        """A file to be written, which gets its name when all went well."""
        above, name = self._place(parts)
        is_new = self._refuse(above, name)
        temporary = b".layer-explorer-" + secrets.token_hex(8).encode()
        descriptor = os.open(temporary, _FILE_FLAGS, 0o600, dir_fd=above)
        try:
            yield descriptor
            self._give_name(above, temporary, name)
            self._remember(parts, is_new, above, name)
        finally:
            os.close(descriptor)
            with suppress(OSError):
                os.unlink(temporary, dir_fd=above)

    def _give_name(self, above: int, temporary: bytes, name: bytes) -> None:
        """Give a new file its name; what has it already is replaced if that is allowed."""
        if self._overwrite:
            os.rename(temporary, name, src_dir_fd=above, dst_dir_fd=above)
            return
        try:
            os.link(temporary, name, src_dir_fd=above, dst_dir_fd=above, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:
            # A file system without hard links.
            self._refuse(above, name)
            os.rename(temporary, name, src_dir_fd=above, dst_dir_fd=above)

    def _remember(self, parts: Parts, is_new: bool, above: int, name: bytes) -> None:
        """Keep in mind what could be removed again, which what replaced something could not."""
        if is_new:
            self._named[parts] = _identity(above, name)

    def _refuse(self, above: int, name: bytes) -> bool:
        """Raise FileExistsError for what must not be replaced; nothing but a file or a link ever is.

        Whether there is nothing to be replaced.
        """
        try:
            mode = os.stat(name, dir_fd=above, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return True
        if stat.S_ISDIR(mode):
            raise FileExistsError(errno.EEXIST, "a directory is in the way")
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            raise FileExistsError(errno.EEXIST, "a device, a pipe or a socket is in the way")
        if not self._overwrite:
            raise FileExistsError(errno.EEXIST, "it exists already")
        return False

    def hard_link(self, source: Parts, parts: Parts) -> None:
        """A second name for a file that was saved, or a copy of it where there are no hard links."""
        above, name = self._place(parts)
        is_new = self._refuse(above, name)
        kept = os.dup(above)
        try:
            source_above, source_name = self._place(source)
            try:
                if self._overwrite:
                    with suppress(FileNotFoundError):
                        os.unlink(name, dir_fd=kept)
                os.link(source_name, name, src_dir_fd=source_above, dst_dir_fd=kept, follow_symlinks=False)
                self._remember(parts, is_new, kept, name)
                return
            except FileExistsError:
                raise
            except OSError:
                original = os.open(source_name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=source_above)
        finally:
            os.close(kept)
        try:
            with self.new_file(parts) as descriptor:
                _copy(original, descriptor)
        finally:
            os.close(original)

    def symlink(self, parts: Parts, entry: Entry) -> None:
        """A symbolic link with the text that it has in the image; nobody looks where it leads."""
        above, name = self._place(parts)
        is_new = self._refuse(above, name)
        text = encoded(entry.link)
        if not text or b"\0" in text:
            raise OSError(errno.EINVAL, "a link whose target no link can have")
        if self._overwrite:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=above)
        os.symlink(text, name, dir_fd=above)
        with suppress(OSError, OverflowError, NotImplementedError):
            os.utime(name, ns=(entry.mtime_ns, entry.mtime_ns), dir_fd=above, follow_symlinks=False)
        self._remember(parts, is_new, above, name)


def _identity(above: int, name: bytes) -> _Identity:
    """What a name stands for; something else as soon as somebody has written to it or put another file there."""
    status = os.stat(name, dir_fd=above, follow_symlinks=False)
    # A file system soon gives the inode of a file that was removed to another one.
    return status.st_dev, status.st_ino, status.st_mtime_ns


def _copy(source: int, target: int) -> None:
    while piece := os.read(source, 1 << 20):
        write(target, piece)
    status = os.fstat(source)
    os.fchmod(target, stat.S_IMODE(status.st_mode))
    set_time(target, status.st_mtime_ns)


def write(descriptor: int, piece: bytes | memoryview) -> None:
    """Write all of it."""
    left = memoryview(piece)
    while left:
        left = left[os.write(descriptor, left) :]


def set_time(descriptor: int, mtime_ns: int) -> None:
    """Set the modification time, unless it is one that the file system cannot hold."""
    with suppress(OSError, OverflowError):
        os.utime(descriptor, ns=(mtime_ns, mtime_ns))


def is_name(name: str) -> bool:
    """Whether a name names something in its directory, and nothing elsewhere."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def encoded(name: str) -> bytes:
    """The bytes that a name has in the image."""
    return name.encode("utf-8", "surrogateescape")


def umask() -> int:
    """The bits that the user wants no new file to have."""
    told = _told_umask()
    return _UMASK_AT_FIRST if told is None else told


def _told_umask() -> int | None:
    """What Linux says of it; None elsewhere."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    return None


def _first_umask() -> int:
    """What it is while this is imported; elsewhere one learns it by setting it, which other threads must not meet."""
    told = _told_umask()
    if told is not None:
        return told
    found = os.umask(0o077)
    os.umask(found)
    return found


_UMASK_AT_FIRST = _first_umask()
