"""Saving files and directories of an image to disk, without ever leaving the place that was chosen.

An image is hostile. Nothing is opened by a path that the image named: each directory is opened below the one before it
and without following links, so that neither a link that was there nor one that was saved a moment ago leads elsewhere.
What exists is replaced only if that was allowed. Devices, set-uid bits and owners stay behind.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from explorer.errors import Cancelled, CannotSave
from explorer.extract.destination import Destination
from explorer.extract.plan import Plan
from explorer.extract.secure_writer import Parts, SecureWriter, encoded, is_name, set_time, umask, write
from explorer.layers.tar_layer import whole_files
from explorer.layers.tree import Tree
from explorer.model import Entry, Kind, Layer
from explorer.text.printable import printable

_ZEROS = bytes(1 << 20)
_OF_ONE_NAME = {
    errno.EEXIST,
    errno.ENOTDIR,
    errno.ELOOP,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.EINVAL,
    errno.EILSEQ,
}
"""Troubles with one name that say nothing about the others."""


Contents = Iterator[bytes | memoryview]
"""A file in pieces."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written."""

    path: Path
    files: int
    """Links included."""
    bytes: int
    skipped: Sequence[str]
    """What was not, for people; printable."""


def save(
    layers: Sequence[Layer],
    tree: Tree,
    wanted: Plan,
    to: Destination,
    *,
    overwrite: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Saved:
    """Write what was planned. ``on_progress`` hears how many bytes are written, also before there are any.

    It may raise Cancelled: then what this has made goes away again, and nothing else does. Raises CannotSave, and what
    reading the layers raises: what has been written by then stays, but never half a file.
    """
    try:
        parent = os.open(to.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return _Saving(layers, tree, wanted, to, parent, overwrite, on_progress).run()
        finally:
            os.close(parent)
    except OSError as error:
        where = printable(os.fsdecode(error.filename)) if error.filename else printable(str(to.path))
        raise CannotSave(f"{where} cannot be written: {error.strerror or error}") from error


@dataclass(slots=True)
class _Saving:
    layers: Sequence[Layer]
    tree: Tree
    wanted: Plan
    to: Destination
    parent: int
    """Descriptor of the directory of the destination."""
    overwrite: bool
    on_progress: Callable[[int], None]
    files: int = 0
    bytes: int = 0
    problems: list[str] = field(default_factory=list)
    places: SecureWriter = field(init=False)
    umask: int = field(default_factory=umask)

    def run(self) -> Saved:
        directories: list[tuple[Parts, Entry]] = []
        contents: dict[int, dict[int, list[tuple[Parts, Entry]]]] = {}
        links: list[tuple[Parts, Entry]] = []
        for parts, (layer, entry) in self.wanted.items:
            if entry is None or not all(map(is_name, parts)):
                self.problems.append(f"a name that no file can have: {printable('/'.join(parts))[:200]}")
            elif entry.kind is Kind.DIRECTORY:
                directories.append((parts, entry))
            elif entry.kind is Kind.SYMLINK:
                links.append((parts, entry))
            else:
                contents.setdefault(layer, {}).setdefault(entry.inode, []).append((parts, entry))
        self.places = SecureWriter(self.parent, encoded(self.to.name), self.wanted.is_directory, self.overwrite)
        try:
            for parts, _ in directories:
                self._directory(parts)
            for layer, inodes in contents.items():
                self._contents(layer, inodes)
            # Last: until here there is no link of ours that anything could follow, besides that nothing does.
            for parts, entry in links:
                self._link(parts, entry)
            for parts, entry in reversed(directories):
                self._finish(parts, entry)
        except Cancelled:
            self.places.unmake()
            raise
        finally:
            self.places.close()
        return Saved(self.to.path, self.files, self.bytes, (*self.wanted.skipped, *self.problems))

    def _directory(self, parts: Parts) -> None:
        with self._trouble(parts):
            self.places.directory(parts)

    def _contents(self, layer: int, inodes: dict[int, list[tuple[Parts, Entry]]]) -> None:
        """The files of one layer, in one pass."""
        wanted = [names[0][1] for names in inodes.values()]
        contents = self.layers[layer].contents
        for entry, pieces in whole_files(
            contents, self.tree.layers[layer], wanted, lambda _: self.on_progress(self.bytes)
        ):
            first: Parts | None = None
            before = self.files
            for parts, _ in inodes[entry.inode]:
                with self._trouble(parts):
                    if first is None:
                        self.places.check(parts)
                        first = parts
                        self._file(parts, entry, pieces)
                    elif self.files > before:
                        self.places.hard_link(first, parts)
                        self.files += 1
                    else:
                        raise FileExistsError(errno.EEXIST, f"its content is that of {'/'.join(first)}")

    def _file(self, parts: Parts, entry: Entry, pieces: Contents) -> None:
        with self.places.new_file(parts) as descriptor:
            written = 0
            for piece in pieces:
                if piece == _ZEROS[: len(piece)]:
                    # A hole stays one: a few bytes of a layer may stand for terabytes of zeros.
                    os.lseek(descriptor, len(piece), os.SEEK_CUR)
                else:
                    write(descriptor, piece)
                written += len(piece)
                self.on_progress(self.bytes + written)
            os.ftruncate(descriptor, written)
            os.fchmod(descriptor, self._mode(entry) | 0o600)
            set_time(descriptor, entry.mtime_ns)
        self.files += 1
        self.bytes += written

    def _link(self, parts: Parts, entry: Entry) -> None:
        with self._trouble(parts):
            self.places.symlink(parts, entry)
            self.files += 1

    def _finish(self, parts: Parts, entry: Entry) -> None:
        """Mode and time of a directory, once all is in it."""
        self.on_progress(self.bytes)
        if parts not in self.places.made:
            # It was there before, and is somebody's own.
            return
        with self._trouble(parts):
            descriptor = self.places.directory(parts)
            os.fchmod(descriptor, self._mode(entry) | 0o700)
            if entry.mtime_ns:
                set_time(descriptor, entry.mtime_ns)

    def _mode(self, entry: Entry) -> int:
        """What the image allows, and the user's umask does."""
        return entry.mode & 0o777 & ~self.umask

    @contextmanager
    def _trouble(self, parts: Parts) -> Iterator[None]:
        """One name that cannot be made is told of in the end; the destination itself, or a full disk, is an error."""
        try:
            yield
        except OSError as error:
            if not parts or error.errno not in _OF_ONE_NAME:
                error.filename = os.fsencode(self.to.path.joinpath(*parts))
                raise
            self.problems.append(f"{printable('/'.join(parts))}: {error.strerror or error}")
