"""Chooses the name of an inode that is its file; the same in each source."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.model import Entry, Kind


def named_by_first(names: Sequence[Entry]) -> Sequence[Entry]:
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
