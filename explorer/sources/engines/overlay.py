"""Layer directories of an engine, read in place: no save, no copy.

An engine with the overlay driver unpacks each layer into a directory, in the form that the kernel mounts: a whiteout is
a character device 0:0, an opaque directory has an extended attribute, hard links share an inode. A process that may
read these directories gets the same entries as from a tar, with one exception. A directory that the tar of its layer
implies but does not name has the mode 0755 and the owner root here, as in the containers of this engine. From a tar, it
keeps the mode and owner that a lower layer gave it.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar

from explorer.errors import UnreadableLayer
from explorer.files import listed_descriptor
from explorer.layers.hard_links import with_first_name_as_file
from explorer.layers.layer_wrapper import LayerWrapper
from explorer.layers.problems import Problems, quoted
from explorer.layers.streams import CHUNK
from explorer.layers.whiteouts import (
    ENGINE_ATTRIBUTES,
    OPAQUE_ATTRIBUTE,
    OPAQUE_VALUE,
    PREFIX,
    Marker,
    hidden_name,
    marker_kind,
)
from explorer.model import Addressing, Entry, FileContents, Kind, LayerContents, LayerIndex, OnProgress, Verified
from explorer.text.printable import printable

_SAVE_INSTEAD = "Use --via save to have the engine save it."
_OPAQUE = frozenset((OPAQUE_ATTRIBUTE,))
_ROOTLESS_OPAQUE = _OPAQUE | {"user.overlay.opaque", "user.fuseoverlayfs.opaque"}
"""An engine of root mounts layers so that only the first one counts."""
_REFERENCES = ("redirect", "metacopy", "whiteout", "override_stat")
"""Last parts of the names of attributes by which a file stands for the contents or the metadata of another."""
_KEPT_PREFIXES = ("user.", "trusted.", "security.capability")
"""Starts of the names of other attributes that can come from an image; the rest belongs to this machine."""
_WHITEOUT_PREFIX = os.fsencode(PREFIX)
_NAME = attrgetter("name")
_FILE, _DIRECTORY = Kind.FILE, Kind.DIRECTORY
_DEVICES = (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE)
_CAPABILITIES = 1 << 2 | 1 << 21
"""CAP_DAC_READ_SEARCH and CAP_SYS_ADMIN; without the second the kernel hides the attribute of an opaque directory."""


def layer_directories(inspected: Mapping[str, Any]) -> list[Path] | None:
    """Returns the layers' directories in an engine's ``inspect``, bottom first.

    None unless the engine uses an overlay driver, and this process can read all of them.
    """
    driver = inspected.get("GraphDriver")
    if not isinstance(driver, dict) or not str(driver.get("Name", "")).startswith("overlay"):
        return None
    directories = driver.get("Data")
    if not isinstance(directories, dict):
        return None
    upper, lower = directories.get("UpperDir"), directories.get("LowerDir")
    names = [upper, *(lower.split(":") if isinstance(lower, str) and lower else ())]
    if not all(isinstance(name, str) and name.startswith("/") for name in names) or not _may_read_all():
        return None
    paths = [Path(name) for name in reversed(names)]
    return paths if all(map(_is_readable, paths)) else None


def _is_readable(path: Path) -> bool:
    # Path.is_dir raises for a path that is too long or contains a NUL.
    return os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)  # noqa: PTH112 -- see above


def _may_read_all() -> bool:
    """True if this process can read all files of other users, and all attributes."""
    try:
        status = Path("/proc/self/status").read_text()
        effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
        return int(effective.partition(":")[2], 16) & _CAPABILITIES == _CAPABILITIES
    except (OSError, ValueError, StopIteration):
        return False


@dataclass(frozen=True, slots=True)
class OverlayLayer:
    """A layer unpacked into a directory. Satisfies LayerContents."""

    stored_bytes: ClassVar[int] = 0
    """Because the number of entries is not known before they are read."""
    streams: ClassVar[bool] = False
    verified: ClassVar[Verified] = Verified.DIFF_ID
    addressing: ClassVar[Addressing] = Addressing.DIRECTORY

    name: str
    """The layer's name in errors: ``layer 3``."""
    directory: Path

    def index(self, on_progress: OnProgress) -> LayerIndex:
        """See LayerContents. Raises UnreadableLayer."""
        try:
            return _Walk(self.directory, on_progress).run()
        except OSError as error:
            path = printable(os.fsdecode(error.filename or self.directory))
            raise UnreadableLayer(
                f"{self.name} cannot be read in place: {path}: {error.strerror}",
                _SAVE_INSTEAD,
            ) from error

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:  # noqa: ARG002
        start = os.fsencode(self.directory) + b"/"
        for entry in entries:
            on_progress(0)
            try:
                descriptor = listed_descriptor(start + entry.path.encode("utf-8", "surrogateescape"), os.O_NOFOLLOW)
            except OSError as error:
                raise self._error(entry, error) from error
            try:
                yield entry, self._pieces(descriptor, entry)
            finally:
                os.close(descriptor)

    def _pieces(self, descriptor: int, entry: Entry) -> Iterator[bytes | memoryview]:
        # Without a buffer, and no larger than the file, because most files are small.
        size = min(CHUNK, entry.size + 1)
        try:
            while piece := os.read(descriptor, size):
                yield piece
        except OSError as error:
            raise self._error(entry, error) from error

    def _error(self, entry: Entry, error: OSError) -> UnreadableLayer:
        return UnreadableLayer(f"{self.name}: /{printable(entry.path)} cannot be read: {error.strerror}", _SAVE_INSTEAD)


class FallbackLayer(LayerWrapper):
    """A layer read in place, or in another way if that fails."""

    stored_bytes: ClassVar[int] = 0
    streams: ClassVar[bool] = False

    def __init__(self, in_place: OverlayLayer, otherwise: Callable[[], LayerContents]) -> None:
        """Takes the other way as a function, which is called at most once."""
        self.contents: LayerContents = in_place
        self._otherwise = otherwise

    def index(self, on_progress: OnProgress) -> LayerIndex:
        if isinstance(self.contents, OverlayLayer):
            try:
                return self.contents.index(on_progress)
            except UnreadableLayer:
                self.contents = self._otherwise()
        return self.contents.index(on_progress)


class _Walk:
    """A walk through a layer's directory."""

    def __init__(self, directory: Path, on_progress: OnProgress) -> None:
        self.root = os.fsencode(directory)
        self.on_progress = on_progress
        self.entries: list[Entry] = []
        self.whiteouts: list[str] = []
        self.opaques: list[str] = []
        self.problems = Problems()
        self.opaque_names = _ROOTLESS_OPAQUE if directory.parent.stat().st_uid else _OPAQUE
        self.linked: defaultdict[int, list[int]] = defaultdict(list)
        """Each inode with several names, with the positions of its entries."""

    def run(self) -> LayerIndex:
        stack: list[tuple[bytes, str]] = [(self.root, "")]
        while stack:
            directory, prefix = stack.pop()
            self.on_progress(0)
            for item in self._list(directory, prefix):
                path = prefix + item.name.decode("utf-8", "surrogateescape")
                try:
                    if self._add(item, path):
                        stack.append((item.path, f"{path}/"))
                except FileNotFoundError:
                    # A running container may delete a file after it has been listed.
                    continue
        for positions in self.linked.values():
            for position, entry in zip(
                positions, with_first_name_as_file([self.entries[at] for at in positions]), strict=True
            ):
                self.entries[position] = entry
        return LayerIndex(self.entries, whiteouts=self.whiteouts, opaques=self.opaques, problems=self.problems)

    def _list(self, directory: bytes, prefix: str) -> list[os.DirEntry[bytes]]:
        """Returns the items of a directory, sorted by the bytes of their names."""
        try:
            with os.scandir(directory) as items:
                return sorted(items, key=_NAME)
        except FileNotFoundError:
            if not prefix:
                raise
            return []

    def _add(self, item: os.DirEntry[bytes], path: str) -> bool:
        """Adds the entry of one item. Returns True if it is a directory."""
        status = item.stat(follow_symlinks=False)
        kind = _KINDS.get(stat.S_IFMT(status.st_mode))
        if kind is None:
            # A socket, which a tar cannot hold either.
            return False
        if kind is _FILE and item.name.startswith(_WHITEOUT_PREFIX):
            # fuse-overlayfs writes the marks of a tar if it must not make devices.
            self._add_marker(path)
            return False
        size, link = 0, ""
        attributes: tuple[tuple[str, bytes], ...] = ()
        if kind is _FILE:
            size, attributes = status.st_size, self._attributes(item.path)
            if status.st_nlink > 1:
                self.linked[status.st_ino].append(len(self.entries))
        elif kind is _DIRECTORY:
            attributes = self._attributes(item.path, path)
        elif kind is Kind.SYMLINK:
            link = os.readlink(item.path).decode("utf-8", "surrogateescape")  # noqa: PTH115 -- bytes
        elif kind in _DEVICES:
            link = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
            if kind is Kind.CHARACTER_DEVICE and link == "0:0":
                self.whiteouts.append(path)
                return False
        mode = stat.S_IMODE(status.st_mode)
        # The same as Entry(), in half the time.
        fields = (path, kind, size, mode, status.st_uid, status.st_gid, status.st_mtime_ns, link, attributes)
        self.entries.append(tuple.__new__(Entry, (*fields, status.st_ino)))
        return kind is _DIRECTORY

    def _add_marker(self, path: str) -> None:
        parent, slash, name = path.rpartition("/")
        kind = marker_kind(name)
        if kind is Marker.OPAQUE:
            # The kernel ignores the mark of a layer's root, and so do all engines.
            if parent:
                self.opaques.append(parent)
        elif kind is Marker.WHITEOUT:
            self.whiteouts.append(f"{parent}{slash}{hidden_name(name)}")
        elif kind is Marker.NOTHING:
            self.problems.note(f"{quoted(path)} is a whiteout that names no file; it was ignored")

    def _attributes(self, location: bytes, directory: str | None = None) -> tuple[tuple[str, bytes], ...]:
        """Returns the image's own attributes, and notes an opaque ``directory``."""
        names = os.listxattr(location, follow_symlinks=False)
        if not names:
            return ()
        kept = []
        for name in sorted(names):
            if not name.startswith(ENGINE_ATTRIBUTES):
                if name.startswith(_KEPT_PREFIXES):
                    kept.append((name, os.getxattr(location, name, follow_symlinks=False)))
            elif name.rpartition(".")[2] in _REFERENCES:
                raise OSError(0, "its content or metadata is elsewhere (redirect_dir, metacopy)", os.fsdecode(location))
            elif directory is not None and name in self.opaque_names and os.getxattr(location, name) == OPAQUE_VALUE:
                self.opaques.append(directory)
        return tuple(kept)


_KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFCHR: Kind.CHARACTER_DEVICE,
    stat.S_IFBLK: Kind.BLOCK_DEVICE,
    stat.S_IFIFO: Kind.FIFO,
}
