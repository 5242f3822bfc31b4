"""Layer directories of an engine, read in place: no save, no copy.

An engine with the overlay driver unpacks each layer into a directory of its own, in the form that the kernel mounts:
a whiteout is a character device 0:0, an opaque directory carries an extended attribute, hard links share an inode.
Whoever may read these directories has every entry a tar would have.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from explorer.errors import UnreadableLayer
from explorer.model import Addressing, Entry, Kind, LayerIndex
from explorer.text import printable

_OPAQUE = ("trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque")
_REFERRING = ("redirect", "metacopy", "whiteout")
"""What ends the names of attributes whose bearer shows something else than it holds."""
_MARKER = ".wh."
_KEPT_ATTRIBUTE = "security.capability"
"""The only extended attribute that engines put into a layer's tar."""
_SECOND = 1_000_000_000
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
    def is_vouched(self) -> bool:
        """See LayerContents."""
        return True

    @property
    def addressing(self) -> Addressing:
        """See LayerContents."""
        return Addressing.DIRECTORY

    def index(self, passed: Callable[[int], None]) -> LayerIndex:
        """See LayerContents. Raises UnreadableLayer when the directory cannot be read, or is not of this form."""
        try:
            return _Walk(self.directory, passed).run()
        except OSError as error:
            path = printable(os.fsdecode(error.filename or self.directory))
            raise UnreadableLayer(
                f"{self.name} cannot be read in place: {path}: {error.strerror}",
                "Use --via save to have the engine save it.",
            ) from error

    def open(self, index: LayerIndex, entry: Entry) -> BinaryIO:  # noqa: ARG002 -- see LayerContents
        """See LayerContents."""
        path = os.path.join(os.fsencode(self.directory), os.fsencode(entry.path))  # noqa: PTH118 -- bytes
        try:
            return open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
        except OSError as error:
            raise UnreadableLayer(f"{self.name}: /{printable(entry.path)} cannot be read: {error.strerror}") from error


class _Walk:
    """Everything in a layer's directory, in path order."""

    def __init__(self, directory: Path, passed: Callable[[int], None]) -> None:
        self.root = os.fsencode(directory)
        self.passed = passed
        self.entries: list[Entry] = []
        self.whiteouts: list[str] = []
        self.opaques: list[str] = []
        self.problems: list[str] = []
        self.first: dict[int, int] = {}
        """Inode with several names to the position of its first entry."""

    def run(self) -> LayerIndex:
        for found, path in self._found():
            with self._vanishing(path):
                self._take(found, path)
        return LayerIndex(self.entries, whiteouts=self.whiteouts, opaques=self.opaques, problems=self.problems)

    def _found(self) -> Iterator[tuple[os.DirEntry[bytes], str]]:
        stack: list[tuple[bytes, str]] = [(self.root, "")]
        while stack:
            directory, prefix = stack.pop()
            self.passed(0)
            with self._vanishing(prefix):
                self._mark(directory, prefix)
                with os.scandir(directory) as found:
                    ordered = sorted(found, key=lambda entry: entry.name)
                for entry in ordered:
                    path = f"{prefix}{os.fsdecode(entry.name)}"
                    yield entry, path
                    if entry.is_dir(follow_symlinks=False):
                        stack.append((entry.path, f"{path}/"))

    @staticmethod
    @contextmanager
    def _vanishing(path: str) -> Iterator[None]:
        """A running container may remove what has just been listed; not so the layer itself."""
        try:
            yield
        except FileNotFoundError:
            if not path:
                raise

    def _mark(self, directory: bytes, prefix: str) -> None:
        attributes = os.listxattr(directory, follow_symlinks=False)
        self._refuse_references(attributes, directory)
        if any(name in _OPAQUE and os.getxattr(directory, name) == b"y" for name in attributes):
            self.opaques.append(prefix[:-1])

    @staticmethod
    def _refuse_references(attributes: list[str], path: bytes) -> None:
        if any(name.rpartition(".")[2] in _REFERRING and ".overlay." in name for name in attributes):
            raise OSError(0, "what is there stands for something else (redirect_dir or metacopy)", os.fsdecode(path))

    def _take(self, found: os.DirEntry[bytes], path: str) -> None:
        status = found.stat(follow_symlinks=False)
        kind = _KINDS.get(stat.S_IFMT(status.st_mode))
        device = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
        if kind is Kind.CHARACTER_DEVICE and device == "0:0":
            self.whiteouts.append(path)
            return
        if kind is None:
            # A tar cannot hold a socket either.
            return
        parent, slash, name = path.rpartition("/")
        if name.startswith(_MARKER):
            # fuse-overlayfs marks like a tar where it may make no devices.
            self._take_marker(parent, f"{parent}{slash}", name)
            return
        link = ""
        if kind is Kind.SYMLINK:
            link = os.fsdecode(os.readlink(found.path))  # noqa: PTH115 -- bytes
        elif kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE):
            link = device
        elif kind is Kind.FILE and status.st_nlink > 1:
            first = self.first.setdefault(status.st_ino, len(self.entries))
            if first != len(self.entries):
                kind, link = Kind.HARDLINK, self.entries[first].path
        self.entries.append(
            Entry(
                path,
                kind,
                status.st_size if kind.has_content else 0,
                stat.S_IMODE(status.st_mode),
                status.st_uid,
                status.st_gid,
                # Engines cut the time in a tar to whole seconds; one image has one answer.
                status.st_mtime_ns // _SECOND * _SECOND,
                link,
                self._attributes(found.path) if kind is Kind.FILE else (),
                status.st_ino,
            )
        )

    def _take_marker(self, parent: str, prefix: str, name: str) -> None:
        if name == f"{_MARKER}{_MARKER}.opq":
            self.opaques.append(parent)
        elif not name.startswith(f"{_MARKER}{_MARKER}"):
            self.whiteouts.append(f"{prefix}{name.removeprefix(_MARKER)}")

    def _attributes(self, path: bytes) -> tuple[tuple[str, bytes], ...]:
        attributes = os.listxattr(path, follow_symlinks=False)
        self._refuse_references(attributes, path)
        if _KEPT_ATTRIBUTE not in attributes:
            return ()
        return ((_KEPT_ATTRIBUTE, os.getxattr(path, _KEPT_ATTRIBUTE, follow_symlinks=False)),)


_KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFCHR: Kind.CHARACTER_DEVICE,
    stat.S_IFBLK: Kind.BLOCK_DEVICE,
    stat.S_IFIFO: Kind.FIFO,
}
