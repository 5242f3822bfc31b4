"""Builds a layer's index from its tar members, as if it were unpacked alone.

The order of members counts, as when a tar is unpacked: a later member replaces an earlier one, a hard link names the
inode that its target has at that moment, and a path leads through the symbolic links of its own layer. Whiteouts and
opaque marks only hide paths of lower layers, so their position does not count.
"""

from __future__ import annotations

from collections.abc import Iterable

from explorer.errors import UnreadableImage
from explorer.layers.hard_links import named_by_first
from explorer.layers.problems import Problems, quoted
from explorer.layers.tar import headers
from explorer.layers.tar.sparse import Pieces
from explorer.layers.whiteouts import PREFIX, Marker, hidden_name, is_below_marker, is_bookkeeping, marker_kind
from explorer.model import Entry, Kind, LayerIndex

MAX_ENTRIES = 20_000_000
MAX_PATH_CHARS = 4096
"""The longest path that Linux accepts."""
_MAX_IMPLIED_CHARS = 64 << 20
_MAX_ATTRIBUTE_BYTES = 64 << 10
"""For all extended attributes of a file; Linux allows as much for one attribute."""
_MAX_LINKS_FOLLOWED = 40
_MAX_PREFIXES, _MAX_PREFIX_CHARS = 1 << 16, 1 << 10
"""Number and length of the prefixes that are cached."""
_MAX_RESOLVED_CHARS = 4 << 30
"""Limit of the work for symbolic links: some seconds; real layers need a hundredth."""

_NULL_DEVICE = "0:0"

# Because a lookup in the enumeration for each member takes longer than all other work on it.
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

_KINDS_WITHOUT_LINK = (Kind.FILE, Kind.DIRECTORY, Kind.FIFO)


def normalized_path(name: str) -> str | None:
    """Returns a member's name as a relative path without ``.`` and empty components.

    ``./`` and ``/`` are the root, ``""``. Returns None for an empty name, and for one with ``..``.
    """
    path = name.removesuffix("/")
    if path and "//" not in name and "/." not in path and path[0] not in "./":
        return path
    if not name:
        return None
    parts = [part for part in name.split("/") if part and part != "."]
    return None if ".." in parts else "/".join(parts)


def build_index(members: Iterable[headers.Member], fingerprints: dict[int, bytes]) -> LayerIndex:
    """Returns the index of a layer.

    ``fingerprints`` may be filled while ``members`` is consumed. Raises UnreadableImage if the layer has more members
    than a real one could have.
    """
    return _IndexBuilder().run(members, fingerprints)


class _IndexBuilder:
    """The state of a layer between two members."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.directories: set[str] = {""}
        """Directories of this layer, also those that no member names."""
        self.superseded: list[Entry] = []
        self.whiteouts: dict[str, None] = {}
        self.opaques: dict[str, None] = {}
        self.prefixes: dict[str, str] = {"": ""}
        """Prefix of a member's name, up to the last slash, to the directory that it leads to."""
        self.names_of_inode: dict[int, dict[str, None]] = {}
        """Inode to its paths in order, for inodes with hard links."""
        self.pending_links: list[tuple[Entry, str]] = []
        """Hard links with their targets, which come later or never."""
        self.sparse: dict[int, Pieces] = {}
        self.problems = Problems()
        self.has_null_device = False
        self.resolved_chars = 0
        """Characters read so far to follow symbolic links."""
        self.implied_chars = 0
        """Characters in the paths of directories that no member names."""
        self.marked_directories: set[str] = set()
        """Directories that contain only markers."""
        self.names_below: dict[str, set[str]] | None = None
        """Directory to the paths in it; None until a directory is replaced for the first time."""

    def run(self, members: Iterable[headers.Member], fingerprints: dict[int, bytes]) -> LayerIndex:
        markers: list[tuple[str, str]] = []
        prefixes = self.prefixes
        for count, member in enumerate(members):
            if count >= MAX_ENTRIES:
                raise UnreadableImage(f"it has more than {MAX_ENTRIES:,} members", "Real layers have far fewer.")
            raw = member[0].removesuffix("/")
            prefix, _, name = raw.rpartition("/")
            parent = prefixes.get(prefix)
            if parent is None or len(raw) > MAX_PATH_CHARS or "\0" in name or (name[:1] in "." and _needs_care(name)):
                path = normalized_path(member.name)
                if path is None or len(path) > MAX_PATH_CHARS or "\0" in path:
                    self.problems.note(f"{quoted(member.name)} is not a path inside the image; it was not applied")
                    continue
                raw_name = name
                above, _, name = path.rpartition("/")
                if name.startswith(PREFIX):
                    markers.append((above, name))
                    continue
                parent = above if above in self.directories else self._parent(above, member.name)
                if parent is None:
                    continue
                if name == raw_name and len(prefixes) < _MAX_PREFIXES and len(prefix) <= _MAX_PREFIX_CHARS:
                    prefixes[prefix] = parent
            self._put(f"{parent}/{name}" if parent else name, member)
        self._link_pending()
        for names in self.names_of_inode.values():
            self.entries.update((entry.path, entry) for entry in named_by_first([self.entries[name] for name in names]))
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
        if link and kind in _KINDS_WITHOUT_LINK:
            link = ""
        if len(link) > MAX_PATH_CHARS:
            self.problems.note(f"{quoted(path)} has a link target of {len(link):,} characters; it was cut")
            link = link[:MAX_PATH_CHARS]
        if xattrs and sum(len(name) + len(value) for name, value in xattrs) > _MAX_ATTRIBUTE_BYTES:
            self.problems.note(
                f"{quoted(path)} has extended attributes of more than {_MAX_ATTRIBUTE_BYTES:,} bytes; left out"
            )
            xattrs = ()
        # The same as Entry(...), in half the time.
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
        if self.names_below is not None:
            self._add_below(path)

    def _target(self, link: str) -> str:
        """Returns the path that a hard link names, with links followed; empty if none."""
        target = normalized_path(link) or ""
        if target in self.entries:
            return target
        parent, _, name = target.rpartition("/")
        resolved = self._resolve(parent)
        return f"{resolved}/{name}" if resolved else target if resolved is None else name

    def _linked(self, entry: Entry, target: str) -> Entry:
        """Returns the entry of a hard link: another name of its target if that exists."""
        target_entry = self.entries.get(target)
        if not target or target_entry is None or self._dangles(target_entry):
            self.pending_links.append((entry, target))
            return entry
        return self._join(entry, target_entry)

    def _dangles(self, entry: Entry) -> bool:
        """True if a hard link does not name a file."""
        return entry.kind is _HARDLINK and entry.inode not in self.names_of_inode

    def _join(self, entry: Entry, target: Entry) -> Entry:
        """Returns the entry as another name of the target's inode."""
        if target.kind is _DIRECTORY:
            self.problems.note(
                f"{quoted(entry.path)} is a hard link to the directory {quoted(target.path)}; it counts as empty"
            )
            return entry
        if not target.kind.has_content:
            return target._replace(path=entry.path)
        names = self.names_of_inode.setdefault(target.inode, {target.path: None})
        names[entry.path] = None
        return target._replace(path=entry.path, kind=_HARDLINK, link=entry.link)

    def _link_pending(self) -> None:
        waiting: dict[str, list[Entry]] = {}
        for entry, target in self.pending_links:
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
        """Removes an entry that a later member of this layer replaces."""
        if path not in self.directories:
            self._supersede(path)
        elif kind is _DIRECTORY:
            self.entries.pop(path, None)
        else:
            self._remove_directory(path)

    def _supersede(self, path: str) -> None:
        """Removes a name; without another name, its inode is superseded."""
        entry = self.entries.pop(path)
        if entry.kind is _SYMLINK:
            self._forget_prefixes()
        if not entry.kind.has_content:
            return
        names = self.names_of_inode.get(entry.inode)
        if names is not None:
            del names[path]
            if names and entry.kind is _FILE:
                heir = next(iter(names))
                self.entries[heir] = self.entries[heir]._replace(kind=_FILE, link="")
            if names:
                return
        if entry.kind is _FILE:
            self.superseded.append(entry)

    def _forget_prefixes(self) -> None:
        self.prefixes.clear()
        self.prefixes[""] = ""

    def _remove_directory(self, path: str) -> None:
        if self.names_below is None:
            self.names_below = {}
            for existing in (*self.entries, *self.directories):
                self._add_below(existing)
        self._forget_prefixes()
        self.problems.note(f"{quoted(path)} is first a directory and then something else; the last one counts")
        stack = [path]
        while stack:
            directory = stack.pop()
            self.directories.discard(directory)
            self.entries.pop(directory, None)
            for name in sorted(self.names_below.pop(directory, ())):
                if name in self.directories:
                    stack.append(name)
                elif name in self.entries:
                    self._supersede(name)

    def _add_below(self, path: str) -> None:
        if self.names_below is not None and path:
            self.names_below.setdefault(path.rpartition("/")[0], set()).add(path)

    def _parent(self, path: str, member_name: str) -> str | None:
        """Makes a path a directory and returns it, links followed; None if impossible."""
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
            self._add_below(directory)
            self._imply(directory)
        return resolved

    def _imply(self, directory: str) -> None:
        """Counts a directory that no member names; too many raise UnreadableImage."""
        self.implied_chars += len(directory)
        if self.implied_chars > _MAX_IMPLIED_CHARS:
            raise UnreadableImage(
                f"its members lie in more than {_MAX_IMPLIED_CHARS:,} characters of directories that it does not name",
                "Real layers have far fewer.",
            )

    def _imply_above(self, directory: str) -> None:
        """Counts the directories above a marker; the tree makes them later."""
        while directory not in self.directories and directory not in self.marked_directories:
            self.marked_directories.add(directory)
            self._imply(directory)
            directory = directory.rpartition("/")[0]

    def _resolve(self, path: str) -> str | None:
        """Returns a path with symbolic links followed inside the root; None for a loop."""
        if path in self.directories:
            return path
        remaining = list(reversed(path.split("/"))) if path else []
        resolved = ""
        followed = 0
        while remaining:
            name = remaining.pop()
            if name in ("", "."):
                continue
            if name == "..":
                resolved = resolved.rpartition("/")[0]
                continue
            here = f"{resolved}/{name}" if resolved else name
            self.resolved_chars += len(here)
            entry = self.entries.get(here)
            if entry is None or entry.kind is not _SYMLINK:
                resolved = here
                continue
            followed += 1
            if followed > _MAX_LINKS_FOLLOWED or len(remaining) + len(entry.link) > MAX_PATH_CHARS:
                return None
            if entry.link.startswith("/"):
                resolved = ""
            remaining.extend(reversed(entry.link.split("/")))
        if self.resolved_chars > _MAX_RESOLVED_CHARS:
            raise UnreadableImage("its names lead through too many symbolic links", "Real layers have far fewer.")
        return resolved

    def _is_below_file(self, path: str) -> bool:
        """True if this layer has a non-directory at a path or above it."""
        while path and path not in self.directories:
            if path in self.entries:
                return True
            path = path.rpartition("/")[0]
        return False

    def _hide_by_devices(self) -> None:
        """Turns character devices 0:0 into whiteouts, as overlayfs does."""
        for path, entry in list(self.entries.items()):
            if entry.kind is _CHARACTER_DEVICE and entry.link == _NULL_DEVICE:
                del self.entries[path]
                self.whiteouts[path] = None

    def _mark(self, parent: str, name: str) -> None:
        """Adds a whiteout or an opaque mark."""
        kind = marker_kind(name)
        if is_below_marker(parent) or kind is Marker.BOOKKEEPING:
            return
        directory = self._resolve(parent)
        if directory is None or self._is_below_file(directory):
            self.problems.note(
                f"{quoted(f'{parent}/{name}')} marks something below a path that is not a directory; it was ignored"
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


def _needs_care(name: str) -> bool:
    """True if the last component of a name is not a plain name, or is a marker."""
    return name in ("", ".", "..") or name.startswith(PREFIX)
