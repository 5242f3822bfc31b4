"""A tar's members to a layer's index: the layer as if it had been unpacked on its own, and what it hides of lower ones.

Within one tar the order counts, as it does for whoever unpacks it: what comes later replaces what came before, a hard
link names the inode that its target is at that moment, and a path leads through the symbolic links of its own layer.
Whiteouts and opaque marks concern lower layers alone, so their position does not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from explorer.errors import UnreadableImage
from explorer.layers.problems import Problems, quoted
from explorer.layers.tar import headers
from explorer.layers.tar.sparse import Pieces
from explorer.layers.whiteouts import PREFIX, Marker, hidden_name, is_below_marker, is_bookkeeping, marker_kind
from explorer.model import Entry, Kind, LayerIndex

MAX_ENTRIES = 20_000_000
MAX_NAME = 4096
"""Linux takes no longer path."""
_MAX_IMPLIED = 64 << 20
_MAX_ATTRIBUTES = 64 << 10
"""Bytes of one file's extended attributes, as much as Linux allows for one of them."""
_MAX_LINKS = 40
_MAX_PLACES, _MAX_PLACE = 1 << 16, 1 << 10
"""How many spellings of directories are remembered, and how long ones."""
_MAX_RESOLVED = 4 << 30
"""Characters that are looked at to follow symbolic links: seconds of work; real layers need a hundredth."""

_NULL_DEVICE = "0:0"

# Looking these up in their enumeration for every member takes longer than all that is done with them.
_FILE, _HARDLINK, _DIRECTORY, _SYMLINK = Kind.FILE, Kind.HARDLINK, Kind.DIRECTORY, Kind.SYMLINK
_CHARACTER_DEVICE = Kind.CHARACTER_DEVICE
_KINDS = {
    **dict.fromkeys(headers.FILE_TYPES, Kind.FILE),
    headers.HARDLINK: Kind.HARDLINK,
    headers.SYMLINK: Kind.SYMLINK,
    headers.CHARACTER_DEVICE: Kind.CHARACTER_DEVICE,
    headers.BLOCK_DEVICE: Kind.BLOCK_DEVICE,
    headers.DIRECTORY: Kind.DIRECTORY,
    headers.FIFO: Kind.FIFO,
}

_WITHOUT_LINK = (Kind.FILE, Kind.DIRECTORY, Kind.FIFO)


def normalized_path(name: str) -> str | None:
    """A member's name as a path: relative, without ``.`` and empty components; None when it has ``..``, or nothing.

    ``./`` and ``/`` are the root, ``""``.
    """
    path = name.removesuffix("/")
    if path and "//" not in name and "/." not in path and path[0] not in "./":
        return path
    if not name:
        return None
    parts = [part for part in name.split("/") if part and part != "."]
    return None if ".." in parts else "/".join(parts)


def build_index(members: Iterable[headers.Member], fingerprints: dict[int, bytes]) -> LayerIndex:
    """The index of a layer from its members; ``fingerprints`` may fill while they come in.

    Raises UnreadableImage for more members than any layer has.
    """
    return _IndexBuilder().run(members, fingerprints)


class _Pending(NamedTuple):
    """A hard link whose target had not been seen when it came."""

    entry: Entry
    target: str


class _IndexBuilder:
    """The state of a layer while its members come in."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.directories: set[str] = {""}
        """Every directory of this layer, implied ones too."""
        self.superseded: list[Entry] = []
        self.whiteouts: dict[str, None] = {}
        self.opaques: dict[str, None] = {}
        self.places: dict[str, str] = {"": ""}
        """Parts of names up to the last slash, as members spell them, to the directories that they lead to."""
        self.names: dict[int, dict[str, None]] = {}
        """Inode to its paths in their order, for inodes with hard links."""
        self.pending: list[_Pending] = []
        self.sparse: dict[int, Pieces] = {}
        self.problems = Problems()
        self.has_null_device = False
        self.resolved = 0
        """Characters looked at to follow symbolic links."""
        self.implied = 0
        """Characters in the paths of directories that no member names."""
        self.marked: set[str] = set()
        """Directories that markers alone lie in."""
        self.below: dict[str, set[str]] | None = None
        """Directory to the paths of what is in it; only kept once a directory has been replaced."""

    def run(self, members: Iterable[headers.Member], fingerprints: dict[int, bytes]) -> LayerIndex:
        markers: list[tuple[str, str]] = []
        places = self.places
        for count, member in enumerate(members):
            if count >= MAX_ENTRIES:
                raise UnreadableImage(f"it has more than {MAX_ENTRIES:,} members", "No real layer has as many.")
            raw = member[0].removesuffix("/")
            head, _, name = raw.rpartition("/")
            parent = places.get(head)
            if parent is None or len(raw) > MAX_NAME or "\0" in name or (name[:1] in "." and _is_special(name)):
                path = normalized_path(member.name)
                if path is None or len(path) > MAX_NAME or "\0" in path:
                    self.problems.note(f"{quoted(member.name)} is not a path inside the image; it was not applied")
                    continue
                spelled = name
                above, _, name = path.rpartition("/")
                if name.startswith(PREFIX):
                    markers.append((above, name))
                    continue
                parent = above if above in self.directories else self._parent(above, member.name)
                if parent is None:
                    continue
                if name == spelled and len(places) < _MAX_PLACES and len(head) <= _MAX_PLACE:
                    places[head] = parent
            self._put(f"{parent}/{name}" if parent else name, member)
        self._link_pending()
        for parent, name in markers:
            self._mark(parent, name)
        if self.has_null_device:
            self._hide_by_devices()
        return LayerIndex(
            entries=list(self.entries.values()),
            superseded=self.superseded,
            whiteouts=list(self.whiteouts),
            opaques=list(self.opaques),
            fingerprints=fingerprints,
            sparse=self.sparse,
            problems=self.problems,
        )

    def _put(self, path: str, member: headers.Member) -> None:
        _, type_flag, size, mode, uid, gid, mtime_ns, link, xattrs, offset, _, pieces = member
        kind = _KINDS.get(type_flag)
        if kind is None:
            kind = _FILE
            self.problems.note(f"{quoted(path)} has the unknown tar type {type_flag!r}; it counts as a file")
        if pieces is not None:
            self.sparse[offset] = pieces
        if not path and kind is not _DIRECTORY:
            self.problems.note(f"{quoted(member.name)} puts a {kind.label} in place of the root; it was not applied")
            return
        if link and kind in _WITHOUT_LINK:
            link = ""
        if len(link) > MAX_NAME:
            self.problems.note(f"{quoted(path)} has a link target of {len(link):,} characters; it was cut")
            link = link[:MAX_NAME]
        if xattrs and sum(len(name) + len(value) for name, value in xattrs) > _MAX_ATTRIBUTES:
            self.problems.note(
                f"{quoted(path)} has extended attributes of more than {_MAX_ATTRIBUTES:,} bytes; left out"
            )
            xattrs = ()
        # What Entry() does, in half the time.
        entry = tuple.__new__(Entry, (path, kind, size, mode, uid, gid, mtime_ns, link, xattrs, offset))
        target = self._target(link) if kind is _HARDLINK else None
        if target == path:
            self.problems.note(f"{quoted(path)} is a hard link to itself; it was not applied")
            return
        if path in self.entries or path in self.directories:
            self._replace(path, kind)
        self.entries[path] = entry if target is None else self._linked(entry, target)
        if kind is _DIRECTORY:
            self.directories.add(path)
        elif kind is _CHARACTER_DEVICE and link == _NULL_DEVICE:
            self.has_null_device = True
        if self.below is not None:
            self._note_below(path)

    def _target(self, link: str) -> str:
        """The path that a hard link means, through the symbolic links of this layer; empty when it means none."""
        target = normalized_path(link) or ""
        if target in self.entries:
            return target
        parent, _, name = target.rpartition("/")
        resolved = self._resolve(parent)
        return f"{resolved}/{name}" if resolved else target if resolved is None else name

    def _linked(self, entry: Entry, target: str) -> Entry:
        """The entry of a hard link: another name of its target, if that has come already."""
        found = self.entries.get(target)
        if not target or found is None or self._dangles(found):
            self.pending.append(_Pending(entry, target))
            return entry
        return self._join(entry, found)

    def _dangles(self, entry: Entry) -> bool:
        """Whether a hard link is not the name of any file."""
        return entry.kind is _HARDLINK and entry.inode not in self.names

    def _join(self, entry: Entry, target: Entry) -> Entry:
        """The entry as one more name of ``target``'s inode."""
        if target.kind is _DIRECTORY:
            self.problems.note(
                f"{quoted(entry.path)} is a hard link to the directory {quoted(target.path)}; it counts as empty"
            )
            return entry
        if not target.kind.has_content:
            return target._replace(path=entry.path)
        names = self.names.setdefault(target.inode, {target.path: None})
        names[entry.path] = None
        return target._replace(path=entry.path, kind=_HARDLINK, link=entry.link)

    def _link_pending(self) -> None:
        waiting: dict[str, list[Entry]] = {}
        for entry, target in self.pending:
            if self.entries.get(entry.path) is entry:
                waiting.setdefault(target, []).append(entry)
        ready = [target for target in waiting if target in self.entries and not self._dangles(self.entries[target])]
        while ready:
            target = ready.pop()
            for entry in waiting.pop(target, ()):
                joined = self.entries[entry.path] = self._join(entry, self.entries[target])
                if not self._dangles(joined):
                    ready.append(entry.path)
        for entries in waiting.values():
            for path, *_, link, _, _ in entries:
                self.problems.note(f"{quoted(path)} is a hard link to {quoted(link)}, which the layer does not bring")

    def _replace(self, path: str, kind: Kind) -> None:
        """Make room at a path that this layer has brought before."""
        if path not in self.directories:
            self._supersede(path)
        elif kind is _DIRECTORY:
            self.entries.pop(path, None)
        else:
            self._remove_directory(path)

    def _supersede(self, path: str) -> None:
        """Take a name away; its inode is superseded unless it has another."""
        entry = self.entries.pop(path)
        if entry.kind is _SYMLINK:
            self._forget_places()
        if not entry.kind.has_content:
            return
        names = self.names.get(entry.inode)
        if names is not None:
            del names[path]
            if names and entry.kind is _FILE:
                heir = next(iter(names))
                self.entries[heir] = self.entries[heir]._replace(kind=_FILE, link="")
            if names:
                return
        if entry.kind is _FILE:
            self.superseded.append(entry)

    def _forget_places(self) -> None:
        self.places.clear()
        self.places[""] = ""

    def _remove_directory(self, path: str) -> None:
        if self.below is None:
            self.below = {}
            for known in (*self.entries, *self.directories):
                self._note_below(known)
        self._forget_places()
        self.problems.note(f"{quoted(path)} is first a directory and then something else; the last one counts")
        stack = [path]
        while stack:
            directory = stack.pop()
            self.directories.discard(directory)
            self.entries.pop(directory, None)
            for name in sorted(self.below.pop(directory, ())):
                if name in self.directories:
                    stack.append(name)
                elif name in self.entries:
                    self._supersede(name)

    def _note_below(self, path: str) -> None:
        if self.below is not None and path:
            self.below.setdefault(path.rpartition("/")[0], set()).add(path)

    def _parent(self, path: str, member_name: str) -> str | None:
        """Make ``path`` a directory of this layer, through its symbolic links: its final path, or None for nowhere."""
        if is_below_marker(path):
            if not is_bookkeeping(path):
                self.problems.note(f"{quoted(member_name)} lies below a whiteout; it was not applied")
            return None
        resolved = self._resolve(path)
        if resolved is None:
            self.problems.note(
                f"{quoted(member_name)} lies below a symbolic link that leads nowhere; it was not applied"
            )
            return None
        directory = ""
        for name in resolved.split("/") if resolved else ():
            directory = f"{directory}/{name}" if directory else name
            if directory in self.directories:
                continue
            if directory in self.entries:
                self.problems.note(f"{quoted(directory)} is first a file and then a directory; the directory counts")
                self._supersede(directory)
            self.directories.add(directory)
            self._note_below(directory)
            self._imply(directory)
        return resolved

    def _imply(self, directory: str) -> None:
        """Account for a directory that no member names. Raises UnreadableImage when they are too many."""
        self.implied += len(directory)
        if self.implied > _MAX_IMPLIED:
            raise UnreadableImage(
                f"its members lie in more than {_MAX_IMPLIED:,} characters of directories that it does not name",
                "No real layer is as deep.",
            )

    def _imply_above(self, directory: str) -> None:
        """Account for the directories that a marker needs; the tree will make them."""
        while directory not in self.directories and directory not in self.marked:
            self.marked.add(directory)
            self._imply(directory)
            directory = directory.rpartition("/")[0]

    def _resolve(self, path: str) -> str | None:
        """A directory's path with the symbolic links of this layer followed, inside its root. None for a loop."""
        if path in self.directories:
            return path
        left = list(reversed(path.split("/"))) if path else []
        done = ""
        followed = 0
        while left:
            name = left.pop()
            if name in ("", "."):
                continue
            if name == "..":
                done = done.rpartition("/")[0]
                continue
            here = f"{done}/{name}" if done else name
            self.resolved += len(here)
            entry = self.entries.get(here)
            if entry is None or entry.kind is not _SYMLINK:
                done = here
                continue
            followed += 1
            if followed > _MAX_LINKS or len(left) + len(entry.link) > MAX_NAME:
                return None
            if entry.link.startswith("/"):
                done = ""
            left.extend(reversed(entry.link.split("/")))
        if self.resolved > _MAX_RESOLVED:
            raise UnreadableImage("its names lead through too many symbolic links", "No real layer has as many.")
        return done

    def _below_a_file(self, path: str) -> bool:
        """Whether a path, or one that leads to it, is something else than a directory in this layer."""
        while path and path not in self.directories:
            if path in self.entries:
                return True
            path = path.rpartition("/")[0]
        return False

    def _hide_by_devices(self) -> None:
        """Character devices 0:0 are whiteouts: an unpacked layer with one in it hides what lies below."""
        for path, entry in list(self.entries.items()):
            if entry.kind is _CHARACTER_DEVICE and entry.link == _NULL_DEVICE:
                del self.entries[path]
                self.whiteouts[path] = None

    def _mark(self, parent: str, name: str) -> None:
        """Take in a whiteout or an opaque mark."""
        kind = marker_kind(name)
        if is_below_marker(parent) or kind is Marker.BOOKKEEPING:
            return
        directory = self._resolve(parent)
        if directory is None or self._below_a_file(directory):
            self.problems.note(
                f"{quoted(f'{parent}/{name}')} marks something below a path that is no directory; it was ignored"
            )
        elif kind is Marker.NOTHING:
            self.problems.note(f"{quoted(f'{parent}/{name}'.lstrip('/'))} is a whiteout of nothing; it was ignored")
        else:
            self._imply_above(directory)
            if kind is Marker.OPAQUE:
                self.opaques[directory] = None
            else:
                hidden = hidden_name(name)
                self.whiteouts[f"{directory}/{hidden}" if directory else hidden] = None


def _is_special(name: str) -> bool:
    """Whether the last component of a name is none, or a marker."""
    return name in ("", ".", "..") or name.startswith(PREFIX)
