"""Merges random layers with the kernel's overlayfs, to compare the tree with it."""

from __future__ import annotations

import ctypes
import errno
import os
import random
import shutil
import stat
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from explorer.model import Kind
from tests.images import Item, device, directory, fifo, file, hardlink, opaque, symlink, whiteout

_READ_ONLY = 1
_DETACH = 2


@contextmanager
def mounted(lower: Sequence[Path], point: Path) -> Iterator[Path]:
    """Mounts an overlay of directories, bottom first, read-only at ``point``. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    options = "lowerdir=" + ":".join(str(path) for path in reversed(lower))
    if libc.mount(b"overlay", os.fsencode(point), b"overlay", _READ_ONLY, options.encode()):
        raise OSError(ctypes.get_errno(), f"mounting an overlay failed: {os.strerror(ctypes.get_errno())}")
    try:
        yield point
    finally:
        if libc.umount2(os.fsencode(point), _DETACH):
            raise OSError(ctypes.get_errno(), "unmounting an overlay failed")


TYPES = {
    Kind.FILE: stat.S_IFREG,
    Kind.HARDLINK: stat.S_IFREG,
    Kind.DIRECTORY: stat.S_IFDIR,
    Kind.SYMLINK: stat.S_IFLNK,
    Kind.CHARACTER_DEVICE: stat.S_IFCHR,
    Kind.FIFO: stat.S_IFIFO,
}


class Seen(NamedTuple):
    """Type and content of a path, from lstat."""

    type: int
    size: int
    link: str
    content: bytes


class Meta(NamedTuple):
    """Metadata of a path, from lstat."""

    mode: int
    uid: int
    gid: int
    mtime_ns: int
    """0 for a directory, because unpacking its content changes the time."""


class Walk(NamedTuple):
    """The paths of a directory tree."""

    seen: dict[str, Seen]
    meta: dict[str, Meta]
    inodes: dict[str, int]
    """Path to inode, for regular files."""


def shared(inodes: Mapping[str, object]) -> set[frozenset[str]]:
    """Returns the paths of each inode."""
    groups: defaultdict[object, set[str]] = defaultdict(set)
    for path, inode in inodes.items():
        groups[inode].add(path)
    return {frozenset(paths) for paths in groups.values()}


def walk(root: Path) -> Walk:
    """Returns the paths below a directory."""
    tree = Walk({}, {}, {})
    stack = [""]
    while stack:
        parent = stack.pop()
        for name in (child.name for child in (root / parent).iterdir()):
            path = f"{parent}/{name}" if parent else name
            try:
                status = os.lstat(root / path)
            except FileNotFoundError:
                continue  # an old kernel lists the whiteouts of the lowest layer, and shows nothing there
            kind = stat.S_IFMT(status.st_mode)
            regular = kind == stat.S_IFREG
            link = str((root / path).readlink()) if kind == stat.S_IFLNK else ""
            if kind == stat.S_IFCHR:
                link = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
            tree.seen[path] = Seen(
                kind, status.st_size if regular else 0, link, (root / path).read_bytes() if regular else b""
            )
            time = 0 if kind == stat.S_IFDIR else status.st_mtime_ns
            tree.meta[path] = Meta(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, time)
            if regular:
                tree.inodes[path] = status.st_ino
            if kind == stat.S_IFDIR:
                stack.append(path)
    return tree


def unpack(items: Sequence[Item], root: Path) -> set[str]:
    """Unpacks a layer on its own, as overlayfs needs it, and returns the paths that it names."""
    named: set[str] = set()
    markers: list[tuple[str, str]] = []
    for item in items:
        parent, _, name = item.name.rpartition("/")
        if name.startswith(".wh."):
            if not _is_loop(root / parent):
                directory = os.path.relpath(os.path.realpath(root / parent), os.path.realpath(root))
                markers.append(("" if directory == "." else directory, name))
            continue
        (root / parent).mkdir(parents=True, exist_ok=True)
        _make(item, root)
        named.add(item.name)
    hidden = {f"{parent}/{name[4:]}".lstrip("/") for parent, name in markers if name != ".wh..wh..opq"}
    markers = [
        (parent, name)
        for parent, name in markers
        if _can_be_directory(root, parent) and not _is_removed(root, parent, hidden)
    ]
    for parent, _ in markers:
        (root / parent).mkdir(parents=True, exist_ok=True)
    for parent, name in markers:
        if name == ".wh..wh..opq" and parent:
            _make_opaque(root / parent)
    for parent, name in markers:
        if name != ".wh..wh..opq":
            _make_whiteout(root / parent / name.removeprefix(".wh."))
    return {path for path in named if os.path.lexists(root / path)}


def _is_removed(root: Path, path: str, hidden: set[str]) -> bool:
    """True if the layer removes a directory that only its markers would make."""
    parts = path.split("/")
    prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return any(prefix in hidden and not _is_real_directory(root / prefix) for prefix in prefixes)


def _can_be_directory(root: Path, path: str) -> bool:
    parts = path.split("/") if path else []
    prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return not any(os.path.lexists(root / prefix) and not _is_real_directory(root / prefix) for prefix in prefixes)


def _is_loop(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _is_real_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _make_opaque(path: Path) -> None:
    os.setxattr(path, "trusted.overlay.opaque", b"y")


def _make_whiteout(path: Path) -> None:
    """Hides a path of lower layers, but not of the layer itself."""
    if _is_real_directory(path):
        _make_opaque(path)
    elif not os.path.lexists(path):
        os.mknod(path, stat.S_IFCHR, os.makedev(0, 0))


def _make(item: Item, root: Path) -> None:
    path = root / item.name
    is_directory = item.type == tarfile.DIRTYPE
    if os.path.lexists(path) and not (is_directory and _is_real_directory(path)):
        if _is_real_directory(path):
            shutil.rmtree(path)
        else:
            path.unlink()
    if item.type == tarfile.LNKTYPE:
        os.link(root / item.link, path, follow_symlinks=False)
        os.lchown(path, item.uid, item.gid)
        if not path.is_symlink():
            path.chmod(item.mode)
            os.utime(path, (int(item.mtime), int(item.mtime)))
        return
    if is_directory:
        path.mkdir(exist_ok=True)
        if item.xattrs.get("trusted.overlay.opaque") == "y":
            _make_opaque(path)
    elif item.type == tarfile.SYMTYPE:
        path.symlink_to(item.link)
    elif item.type == tarfile.FIFOTYPE:
        os.mkfifo(path)
    elif item.type == tarfile.CHRTYPE:
        os.mknod(path, stat.S_IFCHR, os.makedev(*item.device))
    else:
        path.write_bytes(item.content)
    os.lchown(path, item.uid, item.gid)
    if item.type != tarfile.SYMTYPE:
        path.chmod(item.mode)
    time = int(item.mtime) * 1_000_000_000
    os.utime(path, ns=(time, time), follow_symlinks=False)


NAMES = ("a", "b", "c")
OVERLAY_ATTRIBUTES = ("trusted.overlay.opaque", "user.overlay.opaque", "trusted.overlay.origin")
"""Attributes by which an overlay knows its directories; here only the first one hides something."""
_DEEP = 60
_MODES = (0o644, 0o600, 0o755, 0o4755)


def random_layer(chance: random.Random) -> list[Item]:
    """Returns a random layer with only a few names, so that layers and members often collide."""
    kinds: dict[str, Item | None] = {}
    """The items of the layer by path; None for a directory that no item names."""
    items: list[Item] = []
    for _ in range(chance.randint(0, 6)):
        path = random_path(chance)
        parents = ["/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 1)]
        if any(kinds.get(parent) is not None and not _is_directory(kinds[parent]) for parent in parents):
            continue
        item = _random_item(chance, path, kinds)
        if not _is_directory(item):
            for below in [existing for existing in kinds if existing.startswith(f"{path}/")]:
                del kinds[below]
        for parent in parents:
            kinds.setdefault(parent, None)
        kinds[path] = item
        items.append(item)
    for _ in range(chance.randint(0, 3)):
        path = random_path(chance)
        marker = whiteout(path) if chance.random() < 0.7 else opaque(path if chance.random() < 0.9 else "")
        items.insert(chance.randint(0, len(items)), marker)
    return items


def respelled(chance: random.Random, items: Sequence[Item]) -> list[Item]:
    """Returns the items with other spellings of some of their names, which mean the same within the root."""
    return [
        replace(
            item,
            name=_respelled(chance, item.name),
            link=_respelled(chance, item.link) if item.type == tarfile.LNKTYPE else item.link,
        )
        for item in items
    ]


def _respelled(chance: random.Random, path: str) -> str:
    if chance.random() < 0.6:
        return path
    before = chance.choice(("", "./", "/", "../", "../../", "a/../", "x/./../", ".wh.a/../", "b/c/../../../"))
    between = chance.choice(("/", "//", "/./", "/a/../", "/.wh.x/../"))
    return before + path.replace("/", between)


def random_path(chance: random.Random) -> str:
    """Returns a path of one to three of the names, seldom below a deep directory."""
    deep = "a/" * _DEEP if chance.random() < 0.04 else ""
    return deep + "/".join(chance.choice(NAMES) for _ in range(chance.choice((1, 1, 2, 2, 3))))


def _is_directory(item: Item | None) -> bool:
    return item is None or item.type == tarfile.DIRTYPE


def _random_item(chance: random.Random, path: str, kinds: dict[str, Item | None]) -> Item:
    owner = {"uid": chance.randint(0, 2), "gid": chance.randint(0, 2), "mtime": chance.randint(0, 2_000_000_000)}
    mode = chance.choice(_MODES)
    targets = [
        existing
        for existing, item in kinds.items()
        if not _is_directory(item) and existing != path and not existing.startswith(f"{path}/")
    ]
    draw = chance.random()
    if draw < 0.15 and targets:
        return hardlink(path, chance.choice(targets), mode=mode, **owner)
    if draw < 0.4:
        names = [name for name in OVERLAY_ATTRIBUTES if chance.random() < 0.1]
        return directory(path, xattrs=dict.fromkeys(names, "y"), **{**owner, "mode": mode})
    if draw < 0.52:
        return symlink(path, random_path(chance), **{**owner, "mode": mode})
    if draw < 0.57:
        return fifo(path, mode=mode, **owner)
    if draw < 0.62:
        return device(path, 1, 3, mode=mode, **owner)
    return file(path, chance.randbytes(chance.randint(0, 3)), mode=mode, **owner)
