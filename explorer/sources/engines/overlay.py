"""Layer directories of an engine, read in place: no save, no copy.

An engine with the overlay driver unpacks each layer into a directory of its own, in the form that the kernel mounts:
a whiteout is a character device 0:0, an opaque directory carries an extended attribute, hard links share an inode.
Whoever may read these directories has every entry a tar would have.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from explorer.errors import UnreadableLayer
from explorer.files import listed_file
from explorer.layers.problems import Problems, quoted
from explorer.layers.streams import CHUNK
from explorer.layers.whiteouts import PREFIX, Marker, hidden_name, marker_kind
from explorer.model import Addressing, Entry, Kind, LayerIndex, Verified
from explorer.text.printable import printable

_OPAQUE = ("trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque")
_REFERRING = ("redirect", "metacopy", "whiteout")
"""What ends the names of attributes whose bearer shows something else than it holds."""
_MARKER = os.fsencode(PREFIX)
_KEPT_ATTRIBUTE = "security.capability"
"""The only extended attribute that engines put into a layer's tar."""
_SECOND = 1_000_000_000
_NAME = attrgetter("name")
_FILE, _DIRECTORY = Kind.FILE, Kind.DIRECTORY
_DEVICES = (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE)
_CAPABILITIES = 1 << 2 | 1 << 21
"""CAP_DAC_READ_SEARCH and CAP_SYS_ADMIN: without the second, the kernel does not show that a directory is opaque."""


def layer_directories(inspected: Mapping[str, Any]) -> list[Path] | None:
    """The directories of the layers of an image or container, bottom first, as the engine's inspect names them.

    None unless the engine keeps them for the overlay file system, and all are here and may be read by us.
    """
    driver = inspected.get("GraphDriver")
    if not isinstance(driver, dict) or not str(driver.get("Name", "")).startswith("overlay"):
        return None
    data = driver.get("Data")
    if not isinstance(data, dict):
        return None
    upper, lower = data.get("UpperDir"), data.get("LowerDir")
    names = [upper, *(lower.split(":") if isinstance(lower, str) and lower else ())]
    if not all(isinstance(name, str) and name.startswith("/") for name in names) or not _may_read_all():
        return None
    paths = [Path(name) for name in reversed(names)]
    return paths if all(map(_is_readable, paths)) else None


def _is_readable(path: Path) -> bool:
    try:
        return path.is_dir() and os.access(path, os.R_OK | os.X_OK)
    except (OSError, ValueError):
        # Too long for a path, or not to be reached.
        return False


def _may_read_all() -> bool:
    """Whether we may read whatever is below a directory that we may read, and all attributes."""
    try:
        status = Path("/proc/self/status").read_text()
        effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
        return int(effective.partition(":")[2], 16) & _CAPABILITIES == _CAPABILITIES
    except (OSError, ValueError, StopIteration):
        return False


@dataclass(frozen=True, slots=True)
class OverlayLayer:
    """A layer unpacked into a directory. Satisfies LayerContents."""

    name: str
    """What errors call it: ``layer 3``."""
    directory: Path

    @property
    def stored_bytes(self) -> int:
        """See LayerContents. Nobody knows how many entries a directory has before they are read."""
        return 0

    @property
    def streams(self) -> bool:
        """See LayerContents."""
        return False

    @property
    def verified(self) -> Verified:
        """See LayerContents."""
        return Verified.DIFF_ID

    @property
    def addressing(self) -> Addressing:
        """See LayerContents."""
        return Addressing.DIRECTORY

    def index(self, on_progress: Callable[[int], None]) -> LayerIndex:
        """See LayerContents. Raises UnreadableLayer when the directory cannot be read, or is not of this form."""
        try:
            return _Walk(self.directory, on_progress).run()
        except OSError as error:
            path = printable(os.fsdecode(error.filename or self.directory))
            raise UnreadableLayer(
                f"{self.name} cannot be read in place: {path}: {error.strerror}",
                "Use --via save to have the engine save it.",
            ) from error

    def read(
        self,
        index: LayerIndex,  # noqa: ARG002 -- see LayerContents
        entries: Iterable[Entry],
        on_progress: Callable[[int], None],
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """See LayerContents."""
        for entry in entries:
            on_progress(0)
            with self._open(entry) as content:
                yield entry, self._pieces(content, entry)

    def _open(self, entry: Entry) -> BinaryIO:
        path = os.path.join(os.fsencode(self.directory), entry.path.encode("utf-8", "surrogateescape"))  # noqa: PTH118 -- bytes
        try:
            return listed_file(path, os.O_NOFOLLOW)
        except OSError as error:
            raise UnreadableLayer(f"{self.name}: /{printable(entry.path)} cannot be read: {error.strerror}") from error

    def _pieces(self, content: BinaryIO, entry: Entry) -> Iterator[bytes | memoryview]:
        try:
            yield from iter(partial(content.read, CHUNK), b"")
        except OSError as error:
            raise UnreadableLayer(f"{self.name}: /{printable(entry.path)} cannot be read: {error.strerror}") from error


class _Walk:
    """Everything in a layer's directory, in path order."""

    def __init__(self, directory: Path, on_progress: Callable[[int], None]) -> None:
        self.root = os.fsencode(directory)
        self.on_progress = on_progress
        self.entries: list[Entry] = []
        self.whiteouts: list[str] = []
        self.opaques: list[str] = []
        self.problems = Problems()
        self.first: dict[int, int] = {}
        """Inode with several names to the position of its first entry."""

    def run(self) -> LayerIndex:
        stack: list[tuple[bytes, str]] = [(self.root, "")]
        while stack:
            directory, prefix = stack.pop()
            self.on_progress(0)
            for found in self._listed(directory, prefix):
                path = prefix + found.name.decode("utf-8", "surrogateescape")
                # A running container may remove what has just been listed.
                with suppress(FileNotFoundError):
                    if self._take(found, path):
                        stack.append((found.path, f"{path}/"))
        return LayerIndex(self.entries, whiteouts=self.whiteouts, opaques=self.opaques, problems=self.problems)

    def _listed(self, directory: bytes, prefix: str) -> list[os.DirEntry[bytes]]:
        """What is in a directory, in the order of its names' bytes."""
        try:
            self._mark(directory, prefix)
            with os.scandir(directory) as found:
                return sorted(found, key=_NAME)
        except FileNotFoundError:
            if not prefix:
                raise
            return []

    def _mark(self, directory: bytes, prefix: str) -> None:
        attributes = os.listxattr(directory, follow_symlinks=False)
        self._refuse_references(attributes, directory)
        if any(name in _OPAQUE and os.getxattr(directory, name) == b"y" for name in attributes):
            self.opaques.append(prefix[:-1])

    @staticmethod
    def _refuse_references(attributes: list[str], path: bytes) -> None:
        if any(name.rpartition(".")[2] in _REFERRING and ".overlay." in name for name in attributes):
            raise OSError(0, "what is there stands for something else (redirect_dir or metacopy)", os.fsdecode(path))

    def _take(self, found: os.DirEntry[bytes], path: str) -> bool:
        """Take in one name; whether it is a directory."""
        status = found.stat(follow_symlinks=False)
        kind = _KINDS.get(stat.S_IFMT(status.st_mode))
        if kind is None:
            # A tar cannot hold a socket either.
            return False
        size, link = 0, ""
        attributes: tuple[tuple[str, bytes], ...] = ()
        if kind is _FILE:
            size, attributes = status.st_size, self._attributes(found.path)
            if status.st_nlink > 1:
                first = self.first.setdefault(status.st_ino, len(self.entries))
                if first != len(self.entries):
                    kind, link = Kind.HARDLINK, self.entries[first].path
        elif kind is Kind.SYMLINK:
            link = os.readlink(found.path).decode("utf-8", "surrogateescape")  # noqa: PTH115 -- bytes
        elif kind in _DEVICES:
            link = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
            if kind is Kind.CHARACTER_DEVICE and link == "0:0":
                self.whiteouts.append(path)
                return False
        if found.name.startswith(_MARKER):
            # fuse-overlayfs marks like a tar where it may make no devices.
            self._take_marker(path, is_full=kind is _DIRECTORY and _holds_anything(found.path))
            return False
        # Engines cut the time in a tar to whole seconds; one image has one answer.
        mtime_ns = status.st_mtime_ns // _SECOND * _SECOND
        mode = stat.S_IMODE(status.st_mode)
        # What Entry() does, in half the time.
        fields = (path, kind, size, mode, status.st_uid, status.st_gid, mtime_ns, link, attributes, status.st_ino)
        self.entries.append(tuple.__new__(Entry, fields))
        return kind is _DIRECTORY

    def _take_marker(self, path: str, is_full: bool) -> None:
        parent, slash, name = path.rpartition("/")
        kind = marker_kind(name)
        if kind is Marker.OPAQUE:
            self.opaques.append(parent)
        elif kind is Marker.WHITEOUT:
            self.whiteouts.append(f"{parent}{slash}{hidden_name(name)}")
        elif kind is Marker.NOTHING:
            self.problems.note(f"{quoted(path)} is a whiteout of nothing; it was ignored")
        if is_full and kind is not Marker.BOOKKEEPING:
            self.problems.note(f"what is in {quoted(path)} lies below a whiteout; it was not applied")

    def _attributes(self, path: bytes) -> tuple[tuple[str, bytes], ...]:
        attributes = os.listxattr(path, follow_symlinks=False)
        if not attributes:
            return ()
        self._refuse_references(attributes, path)
        if _KEPT_ATTRIBUTE not in attributes:
            return ()
        return ((_KEPT_ATTRIBUTE, os.getxattr(path, _KEPT_ATTRIBUTE, follow_symlinks=False)),)


def _holds_anything(directory: bytes) -> bool:
    with os.scandir(directory) as inside:
        return any(inside)


_KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFCHR: Kind.CHARACTER_DEVICE,
    stat.S_IFBLK: Kind.BLOCK_DEVICE,
    stat.S_IFIFO: Kind.FIFO,
}
