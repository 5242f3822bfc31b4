"""Saving files and directories of an image to disk, without ever leaving the place that was chosen.

An image is hostile. Nothing is opened by a path that the image named: each directory is opened below the one before it
and without following links, so that neither a link that was there nor one that was saved a moment ago leads elsewhere.
What exists is replaced only if that was allowed. Devices, set-uid bits and owners stay behind.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from explorer.errors import CannotSave
from explorer.layers.places import Parts, Places, encoded, is_name, set_time, umask, write
from explorer.layers.sparse import stored_bytes
from explorer.layers.tree import Node, Tree, Version
from explorer.model import Entry, Kind, Layer
from explorer.text import printable, size

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
class Plan:
    """What is to be saved; nothing has been read or written yet."""

    name: str
    """What the destination is called unless the user says otherwise; not yet printable."""
    is_directory: bool
    items: Sequence[tuple[Parts, Version]]
    """Parents before what is in them."""
    bytes: int
    """Of the contents, as far as the layers store them, each inode once."""
    files: int
    skipped: Sequence[str] = ()
    """What will not be saved, for people."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written."""

    path: Path
    files: int
    """Links included."""
    bytes: int
    skipped: Sequence[str]
    """What was not, for people; printable."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to: a directory that exists, and the name in it to be made."""

    parent: Path
    name: str
    exists: bool

    @property
    def path(self) -> Path:
        """The two together."""
        return self.parent / self.name


def plan(tree: Tree, node: Node, layer: int, *, alone: bool = False, image_name: str = "rootfs") -> Plan:
    """What saving a path means: as a container of layers 0 to ``layer`` sees it, or ``alone`` what this layer brought.

    ``image_name`` names the root directory. Raises CannotSave when there is nothing.
    """
    top = node.at(layer)
    if top is None:
        raise CannotSave(f"/{printable(node.path)} is not there at layer {layer}")
    found = _Found()
    found.look(node, layer, alone)
    items = found.items()
    files = len([parts for parts in found.wanted if parts not in found.directories])
    if not items or not found.wanted:
        what = "brought nothing that can be saved" if alone else "has nothing that can be saved"
        raise CannotSave(f"layer {layer} {what} at /{printable(node.path)}")
    stored: dict[tuple[int, int], int] = {}
    for _, (number, entry) in items:
        if entry is not None and entry.kind.has_content:
            pieces = tree.layers[number].sparse.get(entry.inode)
            stored[number, entry.inode] = stored_bytes(entry.size, pieces)
    is_directory = top.kind is Kind.DIRECTORY
    return Plan(node.name or image_name, is_directory, items, sum(stored.values()), files, found.skipped())


class _Found:
    """What there is below a path."""

    def __init__(self) -> None:
        self.wanted: dict[Parts, Version] = {}
        self.directories: dict[Parts, Version] = {}
        """All of them, also those that are only on the way to what is wanted."""
        self.devices = 0
        self.removed = 0

    def look(self, node: Node, layer: int, alone: bool) -> None:
        """Go through all of it; what is hidden has nothing visible below."""
        stack: list[tuple[Parts, Node]] = [((), node)]
        while stack:
            parts, at = stack.pop()
            version = at.version_at(layer)
            if version is None or version.entry is None:
                self.removed += alone and version is not None and version.layer == layer
                continue
            kind = version.entry.kind
            if kind is Kind.DIRECTORY:
                self.directories[parts] = version
                stack.extend(((*parts, name), child) for name, child in (at.children or {}).items())
            if alone and version.layer != layer:
                continue
            if kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE, Kind.FIFO):
                self.devices += 1
            else:
                self.wanted[parts] = version

    def items(self) -> list[tuple[Parts, Version]]:
        """What is wanted, with the directories above it, parents first."""
        needed = dict(self.wanted)
        for parts in self.wanted:
            while parts and (parts := parts[:-1]) not in needed:
                needed[parts] = self.directories[parts]
        return sorted(needed.items(), key=itemgetter(0))

    def skipped(self) -> tuple[str, ...]:
        """What will not be saved, for people."""
        found = []
        if self.devices:
            found.append(f"{self.devices:,} device{'' if self.devices == 1 else 's'} or pipes")
        if self.removed:
            found.append(f"{self.removed:,} removal{'' if self.removed == 1 else 's'}")
        return tuple(found)


def destination(text: str, wanted: Plan, here: Path) -> Destination:
    """Where a text, typed by the user and relative to ``here``, leads. Raises CannotSave, and says why.

    An existing directory means: into it, under the own name; but a directory that is called like the one to be saved
    is that one.
    """
    if not text.strip():
        raise CannotSave("no destination", "Type where to save it.")
    try:
        if "\0" in text:
            raise ValueError("a name has no zero byte")
        path = here / Path(text).expanduser()
        is_itself = wanted.is_directory and text.rpartition("/")[2] == _file_name(wanted.name)
        if (path.is_dir() and not is_itself) or text.endswith("/") or path.name == "..":
            path = path / _file_name(wanted.name)
        parent, name = path.parent, path.name
        if not parent.is_dir():
            problem = "is no directory" if os.path.lexists(parent) else "does not exist"
            raise CannotSave(f"{printable(str(parent))} {problem}")
        if not os.access(parent, os.W_OK | os.X_OK):
            raise CannotSave(f"{printable(str(parent))} may not be written to")
        exists = os.path.lexists(path)
        if exists and wanted.is_directory and (path.is_symlink() or not path.is_dir()):
            raise CannotSave(f"{printable(str(path))} exists and is no directory")
        if exists and not wanted.is_directory and path.is_dir() and not path.is_symlink():
            raise CannotSave(f"{printable(str(path))} exists and is a directory")
    except (RuntimeError, ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CannotSave(
            f"{printable(text)} is no place to save to: {printable(reason or 'it cannot be read')}"
        ) from error
    room = shutil.disk_usage(parent).free
    if wanted.bytes > room:
        raise CannotSave(
            f"{size(wanted.bytes)} are to be saved, and {printable(str(parent))} has room for {size(room)}"
        )
    return Destination(parent, name, exists)


def _file_name(name: str) -> str:
    """The name, or one that is fit for a file where the image's own is not."""
    return name if is_name(name) else "saved"


def save(
    layers: Sequence[Layer],
    tree: Tree,
    wanted: Plan,
    to: Destination,
    *,
    overwrite: bool = False,
    passed: Callable[[int], None] = lambda _: None,
) -> Saved:
    """Write what was planned. ``passed`` hears how many bytes are written, also before there are any, and may raise.

    Raises CannotSave, and what reading the layers raises. What has been written by then stays, but never half a file.
    """
    try:
        parent = os.open(to.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return _Saving(layers, tree, wanted, to, parent, overwrite, passed).run()
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
    passed: Callable[[int], None]
    files: int = 0
    bytes: int = 0
    problems: list[str] = field(default_factory=list)
    places: Places = field(init=False)
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
        self.places = Places(self.parent, encoded(self.to.name), self.wanted.is_directory, self.overwrite)
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
        for entry, pieces in contents.read(self.tree.layers[layer], wanted, lambda _: self.passed(self.bytes)):
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
                self.passed(self.bytes + written)
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
        self.passed(self.bytes)
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
