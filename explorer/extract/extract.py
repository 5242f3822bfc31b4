"""Saves files of an image to disk, never outside the chosen destination.

An image may be hostile; ``secure_writer`` keeps its links harmless. Existing files are replaced only with permission.
Devices, set-uid bits and owners are not saved.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from explorer.errors import CannotSave
from explorer.extract.destination import Destination
from explorer.extract.plan import Plan
from explorer.extract.secure_writer import Parts, SecureWriter, encode_name, finish_file, is_name
from explorer.layers.tar_layer import whole_files
from explorer.layers.tree import Tree
from explorer.model import Entry, Kind, Layer, OnProgress
from explorer.text.printable import printable
from explorer.text.units import counted

_ZEROS = bytes(1 << 20)
_ERRORS_OF_ONE_NAME = {
    errno.EEXIST,
    errno.ENOTDIR,
    errno.ELOOP,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.EINVAL,
    errno.EILSEQ,
}
"""After these errors, other names can still be saved."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of saving."""

    path: Path
    files: int
    """Number of files and links."""
    bytes: int
    """Bytes of their contents, each inode once."""
    skipped: Sequence[str]
    """Names that were not saved and why, for people; printable."""


def save(
    layers: Sequence[Layer],
    tree: Tree,
    plan: Plan,
    destination: Destination,
    *,
    overwrite: bool = False,
    on_progress: OnProgress = lambda _: None,
    on_files: OnProgress = lambda _: None,
) -> Saved:
    """Writes the planned names to the destination.

    Until every file has been read, the destination stays as it is, and an error or Cancelled leaves nothing behind.
    With ``overwrite``, existing files may be replaced and existing directories may get new files. ``on_progress`` gets
    the bytes that are written, ``on_files`` the number of complete files.

    Raises CannotSave if the destination cannot be written, and ImageError if a layer cannot be read.
    """
    try:
        parent = os.open(destination.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with SecureWriter(parent, encode_name(destination.name), overwrite=overwrite) as writer:
                return _Saving(layers, tree, plan, destination.path, writer, on_progress, on_files).run()
        finally:
            os.close(parent)
    except OSError as error:
        raise _cannot_save(destination.path, error) from error


def _cannot_save(path: Path, error: OSError) -> CannotSave:
    return CannotSave(f"{printable(str(path))} cannot be written: {error.strerror or error}")


@dataclass(slots=True)
class _Saving:
    layers: Sequence[Layer]
    tree: Tree
    plan: Plan
    path: Path
    writer: SecureWriter
    on_progress: OnProgress
    on_files: OnProgress
    sizes: dict[Parts, int] = field(default_factory=dict)
    """Files and links to their bytes; further names of an inode have none."""
    written: int = 0
    problems: list[str] = field(default_factory=list)
    allowed_mode: int = field(init=False)

    def run(self) -> Saved:
        directories: list[tuple[Parts, Entry]] = []
        inodes_by_layer: dict[int, dict[int, list[tuple[Parts, Entry]]]] = {}
        symlinks: list[tuple[Parts, Entry]] = []
        for parts, (layer, entry) in self.plan.items:
            if entry is None or not all(map(is_name, parts)):
                self.problems.append(f"a name that no file can have: {printable('/'.join(parts))[:200]}")
            elif entry.kind is Kind.DIRECTORY:
                directories.append((parts, entry))
            elif entry.kind is Kind.SYMLINK:
                symlinks.append((parts, entry))
            else:
                inodes_by_layer.setdefault(layer, {}).setdefault(entry.inode, []).append((parts, entry))
        self.allowed_mode = self.writer.allowed_mode()
        for parts, _ in directories:
            self.on_progress(self.written)
            with self._errors_of(parts):
                self.writer.make_directory(parts)
        for layer, inodes in inodes_by_layer.items():
            self._save_files(layer, inodes)
        for parts, entry in symlinks:
            self.on_progress(self.written)
            with self._errors_of(parts):
                self.writer.symlink(parts, entry.link, entry.mtime_ns)
                self.sizes[parts] = 0
        for parts, entry in reversed(directories):
            self.on_progress(self.written)
            # A directory that no layer names has no time.
            self.writer.finish_directory(parts, self._mode(entry) | 0o700, entry.mtime_ns or None)
        sizes = [self.sizes[parts] for parts in self._move() if parts in self.sizes]
        return Saved(self.path, len(sizes), sum(sizes), (*self.plan.skipped, *self.problems))

    def _save_files(self, layer: int, inodes: dict[int, list[tuple[Parts, Entry]]]) -> None:
        """Saves the files of one layer in one pass."""
        entries = [names[0][1] for names in inodes.values()]
        contents, index = self.layers[layer].contents, self.tree.layers[layer]
        for entry, pieces in whole_files(contents, index, entries, lambda _: self.on_progress(self.written)):
            saved_as: Parts | None = None
            for parts, _ in inodes[entry.inode]:
                with self._errors_of(parts):
                    if saved_as is None:
                        descriptor = self.writer.create_file(parts)
                        saved_as = parts
                        self._write(parts, descriptor, entry, pieces)
                    else:
                        self.writer.hard_link(saved_as, parts)
                        self.sizes[parts] = 0
            self.on_files(len(self.sizes))

    def _write(self, parts: Parts, descriptor: int, entry: Entry, pieces: Iterator[bytes | memoryview]) -> None:
        size = 0
        try:
            with open(descriptor, "wb") as file:
                for piece in pieces:
                    if piece == _ZEROS[: len(piece)]:
                        # A hole stays a hole: a few bytes of a layer may stand for terabytes of zeros.
                        file.seek(len(piece), os.SEEK_CUR)
                    else:
                        file.write(piece)
                    size += len(piece)
                    self.on_progress(self.written + size)
                file.truncate(size)
                finish_file(descriptor, self._mode(entry) | 0o600, entry.mtime_ns)
        except OSError as error:
            # Half a file is never kept, so this is more than an error of one name.
            raise _cannot_save(self.path.joinpath(*parts), error) from error
        self.sizes[parts] = size
        self.written += size

    def _mode(self, entry: Entry) -> int:
        """Returns the permission bits that both the image and the user's umask allow."""
        return entry.mode & self.allowed_mode

    def _move(self) -> set[Parts]:
        """Moves everything to the destination, and returns the names that are there now."""
        self.on_progress(self.written)
        moved: set[Parts] = set()
        merged: set[Parts] = set()
        below_obstacles = 0
        for parts in sorted(self.writer.created):
            if parts[:-1] in moved:
                moved.add(parts)
            elif not parts or parts[:-1] in merged:
                with self._errors_of(parts):
                    (moved if self.writer.move(parts) else merged).add(parts)
            else:
                below_obstacles += 1
        if below_obstacles:
            self.problems.append(f"{counted(below_obstacles, 'name')} below names that were not saved")
        return moved

    @contextmanager
    def _errors_of(self, parts: Parts) -> Iterator[None]:
        """Notes an error of one name; raises errors of the destination or the disk."""
        try:
            yield
        except OSError as error:
            if not parts or error.errno not in _ERRORS_OF_ONE_NAME:
                raise _cannot_save(self.path.joinpath(*parts), error) from error
            self.problems.append(f"{printable('/'.join(parts))}: {error.strerror or error}")
