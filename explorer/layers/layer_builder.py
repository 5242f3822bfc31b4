"""Builds a layer's index from its tar members, as if it were unpacked alone.

The order of members counts, as when a tar is unpacked: a later member replaces an earlier one, a hard link names the
inode that its target has at that moment, and a path leads through the symbolic links that its layer has made before.
Whiteouts and opaque marks only hide paths of lower layers, so they never hide what their own layer brings.
"""

from __future__ import annotations

from collections.abc import Iterable

from explorer.errors import UnreadableImage
from explorer.layers.hard_links import HardLinks
from explorer.layers.layer_whiteouts import LayerWhiteouts, note_no_directory
from explorer.layers.path_resolver import MAX_PATH_CHARS, PathResolver, unpacked_path
from explorer.layers.problems import Problems, quoted
from explorer.layers.read_budget import ENTRIES, ReadBudget
from explorer.layers.tar import headers
from explorer.layers.tar.sparse import Pieces
from explorer.layers.whiteouts import (
    ENGINE_ATTRIBUTES,
    OPAQUE,
    OPAQUE_ATTRIBUTE,
    OPAQUE_VALUE,
    PREFIX,
    Marker,
    marker_kind,
)
from explorer.model import Entry, Kind, LayerIndex

_COUNTED_ENTRIES = 1_024
"""Entries that count in the budget at once."""
_MAX_IMPLIED_CHARS = 64 << 20
_MAX_ATTRIBUTE_BYTES = 64 << 10
"""For all extended attributes of a file; Linux allows as much for one attribute."""

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
_VOLUME_LABEL, _DIRECTORY_LIST = b"V", b"D"
"""Types of GNU tar: a name of the whole archive, and a directory with a list of its files in an incremental one."""
_KINDS_WITHOUT_LINK = (Kind.FILE, Kind.DIRECTORY, Kind.FIFO)


def build_index(members: Iterable[headers.Member], fingerprints: dict[int, bytes], budget: ReadBudget) -> LayerIndex:
    """Returns the index of a layer.

    ``fingerprints`` may be filled while ``members`` is consumed. Raises UnreadableImage if the layer has more than the
    budget of its image.
    """
    return _IndexBuilder(budget).run(members, fingerprints)


class _IndexBuilder:
    """The state of a layer between two members."""

    def __init__(self, budget: ReadBudget) -> None:
        self.budget = budget
        self.entries: dict[str, Entry] = {}
        self.directories: set[str] = {""}
        """Directories of this layer, also those that no member names."""
        self.superseded: list[Entry] = []
        self.whiteouts: dict[str, None] = {}
        self.opaques: dict[str, None] = {}
        self.sparse: dict[int, Pieces] = {}
        self.problems = Problems()
        self.hard_links = HardLinks(self.entries, self.problems)
        self.resolver = PathResolver(self.directories, self.entries)
        self.has_null_device = False
        self.implied_chars = 0
        """Characters in the paths of directories that no member names."""
        self.marks: list[tuple[str, str]] = []
        """Directory, links followed, and name of each marker."""
        self.opaque_directories: dict[str, None] = {}
        """Directories with the attribute of opaque ones, which goes with its directory."""
        self.names_below: dict[str, set[str]] | None = None
        """Directory to the paths in it; None until a directory is replaced for the first time."""

    def run(self, members: Iterable[headers.Member], fingerprints: dict[int, bytes]) -> LayerIndex:
        prefixes = self.resolver.prefixes
        count = counted = due = 0
        for count, member in enumerate(members, 1):
            if count > due:
                self.budget.take(ENTRIES, count - counted)
                counted, due = count, count + _COUNTED_ENTRIES
            raw = member[0].removesuffix("/")
            prefix, _, name = raw.rpartition("/")
            parent = prefixes.get(prefix)
            if parent is None or len(raw) > MAX_PATH_CHARS or "\0" in name or (name[:1] in "." and _needs_care(name)):
                path = self._path(member)
                if path is None:
                    continue
                raw_name = name
                above, _, name = path.rpartition("/")
                if name.startswith(PREFIX):
                    self._mark(above, name, member)
                    continue
                parent = above if above in self.directories else self._parent(above, member)
                if parent is None:
                    continue
                if name == raw_name:
                    self.resolver.keep_prefix(prefix, parent)
            self._put(f"{parent}/{name}" if parent else name, member)
        self.budget.take(ENTRIES, count - counted)
        self.hard_links.finish()
        marks = LayerWhiteouts(self.directories, self.entries, self._imply, self.problems)
        marks.apply([*self.marks, *((path, OPAQUE) for path in self.opaque_directories)])
        self.whiteouts, self.opaques = marks.whiteouts, marks.opaques
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

    def _path(self, member: headers.Member) -> str | None:
        """Returns the path of a member; None if it has none inside the image."""
        path = None if "\0" in member.name else unpacked_path(member.name)
        if path is None or len(path) > MAX_PATH_CHARS:
            self._leave_out(member, "is not a path inside the image; it was not applied")
            return None
        if "/../" in f"/{member.name}/":
            self.problems.note(f"{quoted(member.name)} contains “..”; it counts as {quoted(path)}")
        return path

    def _leave_out(self, member: headers.Member, reason: str, path: str = "") -> None:
        """Notes a member that no container sees. Its bytes are shipped all the same."""
        self.problems.note(f"{quoted(member.name)} {reason}")
        if member.size:
            path = path or member.name.replace("\0", "")[:MAX_PATH_CHARS] or "."
            fields = (member.size, member.mode, member.uid, member.gid, member.mtime_ns, "", (), member.offset)
            self.superseded.append(Entry(path, _FILE, *fields))
            if member.pieces is not None:
                self.sparse[member.offset] = member.pieces

    def _put(self, path: str, member: headers.Member) -> None:  # noqa: C901 -- calls would slow the hot loop
        _, type_flag, size, mode, uid, gid, mtime_ns, link, xattrs, offset, _, pieces = member
        kind = _KINDS.get(type_flag)
        if kind is None:
            kind = self._unusual_kind(path, member)
            if kind is None:
                return
            size = size if kind is _FILE else 0
        if not path and kind is not _DIRECTORY:
            self._leave_out(member, f"puts a {kind.label} in place of the root; it was not applied")
            return
        if pieces is not None:
            self.sparse[offset] = pieces
            if type_flag == headers.GNU_SPARSE:
                self.problems.note(f"{quoted(path)} is a sparse file in the old GNU format, which engines refuse")
        if kind is _SYMLINK:
            # Because Linux gives each symbolic link this mode, whatever a tar says.
            mode = 0o777
            self.resolver.add_link()
        elif link and kind in _KINDS_WITHOUT_LINK:
            link = ""
        if len(link) > MAX_PATH_CHARS or "\0" in link:
            link = self._cut_link(path, link)
        if xattrs:
            xattrs = self._attributes(path, kind, xattrs)
        # The same as Entry(...), in half the time.
        entry = tuple.__new__(Entry, (path, kind, size, mode, uid, gid, mtime_ns, link, xattrs, offset))
        target = self._target(link) if kind is _HARDLINK else None
        if target == path:
            self.problems.note(f"{quoted(path)} is a hard link to itself; it was not applied")
            return
        if path in self.entries or path in self.directories:
            self._replace(path, kind)
        self.entries[path] = entry if target is None else self.hard_links.linked(entry, target)
        if kind is _DIRECTORY:
            self.directories.add(path)
        elif kind is _CHARACTER_DEVICE and link == _NULL_DEVICE:
            self.has_null_device = True
        if self.names_below is not None:
            self._add_below(path)

    def _unusual_kind(self, path: str, member: headers.Member) -> Kind | None:
        """Returns the kind of a member that engines refuse; None if it is left out."""
        if member.type == _VOLUME_LABEL:
            self._leave_out(member, "is the label of a GNU tar, which engines refuse; it was not applied", path)
            return None
        if member.type == _DIRECTORY_LIST:
            self._leave_out(member, "has a list of its files, which engines refuse; the list was not applied", path)
            return _DIRECTORY
        self.problems.note(
            f"{quoted(path)} has the unknown tar type {member.type!r}, which engines refuse; it counts as a file"
        )
        return _FILE

    def _attributes(
        self, path: str, kind: Kind, xattrs: tuple[tuple[str, bytes], ...]
    ) -> tuple[tuple[str, bytes], ...]:
        """Returns the attributes of the image, and notes an opaque directory."""
        if sum(len(name) + len(value) for name, value in xattrs) > _MAX_ATTRIBUTE_BYTES:
            self.problems.note(
                f"{quoted(path)} has extended attributes of more than {_MAX_ATTRIBUTE_BYTES:,} bytes; left out"
            )
            return ()
        for name, value in xattrs:
            if name == OPAQUE_ATTRIBUTE and value == OPAQUE_VALUE and kind is _DIRECTORY:
                self.opaque_directories[path] = None
            elif name.startswith(ENGINE_ATTRIBUTES):
                self.problems.note(
                    f"{quoted(path)} has the attribute {quoted(name)}; with it, an engine may show something else there"
                )
        return tuple(pair for pair in xattrs if not pair[0].startswith(ENGINE_ATTRIBUTES))

    def _cut_link(self, path: str, link: str) -> str:
        link, nul, _ = link.partition("\0")
        if nul:
            self.problems.note(f"{quoted(path)} has a link target with a NUL; it was cut there")
        if len(link) > MAX_PATH_CHARS:
            self.problems.note(f"{quoted(path)} has a link target of {len(link):,} characters; it was cut")
        return link[:MAX_PATH_CHARS]

    def _target(self, link: str) -> str:
        """Returns the path that a hard link names, with links followed; empty if none."""
        target = unpacked_path(link) or ""
        if target in self.entries:
            return target
        parent, _, name = target.rpartition("/")
        resolved = self.resolver.resolve(parent)
        return f"{resolved}/{name}" if resolved else target if resolved is None else name

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
            self.resolver.forget()
        file = self.hard_links.without(entry)
        if file is not None:
            self.superseded.append(file)

    def _remove_directory(self, path: str) -> None:
        if self.names_below is None:
            self.names_below = {}
            for existing in (*self.entries, *self.directories):
                self._add_below(existing)
        self.resolver.forget()
        self.problems.note(f"{quoted(path)} is first a directory and then something else; the last one counts")
        stack = [path]
        while stack:
            directory = stack.pop()
            self.directories.discard(directory)
            self.opaque_directories.pop(directory, None)
            self.entries.pop(directory, None)
            for name in sorted(self.names_below.pop(directory, ())):
                if name in self.directories:
                    stack.append(name)
                elif name in self.entries:
                    self._supersede(name)

    def _add_below(self, path: str) -> None:
        if self.names_below is not None and path:
            self.names_below.setdefault(path.rpartition("/")[0], set()).add(path)

    def _parent(self, path: str, member: headers.Member) -> str | None:
        """Makes a path a directory and returns it, links followed; None if impossible."""
        resolved = self.resolver.resolve(path)
        if resolved is None:
            self._leave_out(member, "lies below a symbolic link that leads nowhere; it was not applied")
            return None
        missing = []
        directory = resolved
        while directory not in self.directories:
            missing.append(directory)
            directory = directory.rpartition("/")[0]
        for directory in reversed(missing):
            if directory in self.entries:
                self.problems.note(f"{quoted(directory)} is first a file and then a directory; the directory counts")
                self._supersede(directory)
            elif directory.rpartition("/")[2].startswith(PREFIX):
                self.problems.note(f"{quoted(directory)} is a whiteout, but has content; it counts as a directory")
            self.directories.add(directory)
            self._add_below(directory)
            self._imply(directory)
        return resolved

    def _imply(self, directory: str) -> None:
        """Counts a directory that no member names; too many raise UnreadableImage."""
        self.implied_chars += len(directory)
        if self.implied_chars > _MAX_IMPLIED_CHARS:
            raise UnreadableImage(
                f"it leaves out the entries of too many directories: over {_MAX_IMPLIED_CHARS:,} characters of paths",
                "Save or pull the image again; if it stays, report the tool that made it.",
            )

    def _hide_by_devices(self) -> None:
        """Turns character devices 0:0 into whiteouts, as overlayfs does."""
        for path, entry in list(self.entries.items()):
            if entry.kind is _CHARACTER_DEVICE and entry.link == _NULL_DEVICE:
                del self.entries[path]
                self.whiteouts[path] = None

    def _mark(self, parent: str, name: str, member: headers.Member) -> None:
        """Keeps a marker, whose directory is the one that its path leads to now."""
        if member.size:
            self._leave_out(
                member, f"is a marker of {member.size:,} bytes, which no container sees", f"{parent}/{name}".lstrip("/")
            )
        directory = self.resolver.marked_directory(parent)
        if directory is None:
            note_no_directory(parent, name, self.problems)
        elif marker_kind(name) is Marker.NOTHING:
            self.problems.note(
                f"{quoted(f'{parent}/{name}'.lstrip('/'))} is a whiteout that names no file; it was ignored"
            )
        else:
            self.marks.append((directory, name))


def _needs_care(name: str) -> bool:
    """True if the last component of a name is not a plain name, or is a marker."""
    return name in ("", ".", "..") or name.startswith(PREFIX)
