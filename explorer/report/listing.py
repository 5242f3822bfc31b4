"""Lists the files of an image at one layer, as lines of text or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from explorer.analysis.changes import change
from explorer.model import Change, Entry
from explorer.pipeline import Exploration
from explorer.report.as_json import dumps
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import mode, owner, target

MARKS = {Change.ADDED: "+", Change.MODIFIED: "~", Change.REMOVED: "-", Change.UNCHANGED: " "}


class ListedPath(NamedTuple):
    """One path of a listing."""

    path: str
    entry: Entry
    """The entry at this path; of a removed path its last entry."""
    layer: int
    """The layer that ships the entry."""
    change: Change
    """The change against the layer below."""


def listing(exploration: Exploration, layer: int, *, changes_only: bool = False) -> Iterator[ListedPath]:
    """Lists the paths that exist at a layer or that it removed, in path order."""
    tree = exploration.tree
    for node in tree.walk():
        if node is tree.root:
            continue
        version = node.version_at(layer)
        path_change = change(tree, node, layer - 1, layer)
        if path_change is Change.REMOVED:
            version = node.version_at(layer - 1)
        if version is None or version.entry is None or (changes_only and path_change is Change.UNCHANGED):
            continue
        yield ListedPath(node.path, version.entry, version.layer, path_change)


def as_text(line: ListedPath) -> str:
    """Mark, mode, owner, size, path and link target, without a newline."""
    entry = line.entry
    shown = size(entry.size) if entry.kind.has_content else "-"
    text = f"{MARKS[line.change]} {mode(entry)} {owner(entry):>11} {shown:>8} /{printable(line.path)}"
    link = target(entry)
    return f"{text} {link}" if link else text


def as_json(line: ListedPath) -> str:
    """A JSON object on one line, without a newline."""
    entry = line.entry
    return dumps(
        {
            "path": f"/{line.path}",
            "type": entry.kind.label,
            "bytes": entry.size,
            "mode": f"{entry.mode:04o}",
            "uid": entry.uid,
            "gid": entry.gid,
            "link": entry.link,
            "layer": line.layer,
            "change": line.change.value,
        }
    )
