"""Hard links: the names of an inode in a tar, and the one that is its file."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.layers.problems import Problems, quoted
from explorer.model import Entry, Kind


def with_first_name_as_file(names: Sequence[Entry]) -> Sequence[Entry]:
    """Returns the names of one inode, with the first in path order as the file.

    Otherwise the order of a tar's members decides which path ships the bytes, and a rule about paths gives two verdicts
    about the same files.
    """
    if len(names) < 2 and all(entry.kind is Kind.FILE for entry in names):
        return names
    first = min(names, key=_path_order)
    return [
        entry._replace(kind=Kind.FILE, link="")
        if entry is first
        else entry._replace(kind=Kind.HARDLINK, link=entry.link or first.path)
        for entry in names
    ]


def _path_order(entry: Entry) -> str:
    """Returns a key that sorts the contents of a directory before its next sibling."""
    return entry.path.replace("/", "\0")


class HardLinks:
    """The inodes of a layer with several names, while its members are read."""

    def __init__(self, entries: dict[str, Entry], problems: Problems) -> None:
        """Takes the layer's entries, which ``finish`` changes."""
        self._entries = entries
        self._problems = problems
        self._names_of_inode: dict[int, dict[str, None]] = {}
        """Inode to its paths in order, for inodes with hard links."""
        self._last_headers: dict[int, Entry] = {}
        """Inode to the last of its hard links, whose mode, owner, time and attributes count."""
        self._pending: list[tuple[Entry, str]] = []
        """Hard links with their targets, which come later or never."""

    def without(self, entry: Entry) -> Entry | None:
        """Removes a name, and returns the file of its inode if that has no other name."""
        names = self._names_of_inode.get(entry.inode)
        if names is not None:
            del names[entry.path]
        if names or not entry.kind.has_content:
            return None
        if names is not None:
            entry = entry._replace(kind=Kind.FILE, link="")
        return entry if entry.kind is Kind.FILE else None

    def finish(self) -> None:
        """Links names to targets that came later, and completes the names of each inode."""
        self._link_pending()
        for inode, names in self._names_of_inode.items():
            linked = self._with_last_header(inode, [self._entries[name] for name in names])
            if linked and linked[0].kind.has_content:
                linked = list(with_first_name_as_file(linked))
            self._entries.update((entry.path, entry) for entry in linked)

    def linked(self, entry: Entry, target: str) -> Entry:
        """Returns the entry of a hard link: another name of its target if that exists."""
        target_entry = self._entries.get(target)
        if not target or target_entry is None or self._dangles(target_entry):
            self._pending.append((entry, target))
            return entry
        return self._join(entry, target_entry)

    def _dangles(self, entry: Entry) -> bool:
        """True if a hard link does not name a file."""
        return entry.kind is Kind.HARDLINK and entry.inode not in self._names_of_inode

    def _join(self, entry: Entry, target: Entry) -> Entry:
        """Returns the entry as another name of the target's inode."""
        if target.kind is Kind.DIRECTORY:
            self._problems.note(
                f"{quoted(entry.path)} is a hard link to the directory {quoted(target.path)}; it counts as empty"
            )
            return entry
        names = self._names_of_inode.setdefault(target.inode, {target.path: None})
        names[entry.path] = None
        if entry.inode > target.inode:
            earlier = self._last_headers.get(target.inode, target)
            xattrs = tuple(sorted({**dict(earlier.xattrs), **dict(entry.xattrs)}.items()))
            self._last_headers[target.inode] = entry._replace(xattrs=xattrs)
        if not target.kind.has_content:
            return target._replace(path=entry.path)
        return target._replace(path=entry.path, kind=Kind.HARDLINK, link=entry.link)

    def _with_last_header(self, inode: int, names: list[Entry]) -> list[Entry]:
        """Returns the names of an inode with the metadata that unpacking sets last."""
        last = self._last_headers.get(inode)
        if last is None or not names or (last[3:7] == names[0][3:7] and last.xattrs == names[0].xattrs):
            return names
        mode, uid, gid, mtime_ns = last[3:7]
        if names[0].kind is Kind.SYMLINK:
            mode, mtime_ns = names[0].mode, names[0].mtime_ns
        return [entry._replace(mode=mode, uid=uid, gid=gid, mtime_ns=mtime_ns, xattrs=last.xattrs) for entry in names]

    def _link_pending(self) -> None:
        waiting: dict[str, list[Entry]] = {}
        for entry, target in self._pending:
            if self._entries.get(entry.path) is entry:
                waiting.setdefault(target, []).append(entry)
        ready = [target for target in waiting if target in self._entries and not self._dangles(self._entries[target])]
        while ready:
            target = ready.pop()
            for entry in waiting.pop(target, ()):
                joined = self._entries[entry.path] = self._join(entry, self._entries[target])
                if not self._dangles(joined):
                    ready.append(entry.path)
        for entries in waiting.values():
            for path, *_, link, _, _ in entries:
                self._problems.note(f"{quoted(path)} is a hard link to {quoted(link)}, which the layer does not bring")
