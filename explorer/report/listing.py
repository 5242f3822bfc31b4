"""The files of an image at one layer, as lines of text or of JSON."""

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


class Line(NamedTuple):
    """One path of a listing."""

    path: str
    entry: Entry
    """What is there; of a removed path what was there."""
    layer: int
    """The layer that brought it."""
    change: Change
    """Against the layer below."""


def listing(exploration: Exploration, layer: int, *, changes_only: bool = False) -> Iterator[Line]:
    """Every path that a container of layers 0 to ``layer`` sees, and those that ``layer`` removed, in path order."""
    tree = exploration.tree
    for node in tree.walk():
        if node is tree.root:
            continue
        version = node.version_at(layer)
        found = change(tree, node, layer - 1, layer)
        if found is Change.REMOVED:
            version = node.version_at(layer - 1)
        if version is None or version.entry is None or (changes_only and found is Change.UNCHANGED):
            continue
        yield Line(node.path, version.entry, version.layer, found)


def as_text(line: Line) -> str:
    """Mark, mode, owner, size, path and link target; without newline."""
    entry = line.entry
    shown = size(entry.size) if entry.kind.has_content else "-"
    text = f"{MARKS[line.change]} {mode(entry)} {owner(entry):>11} {shown:>8} /{printable(line.path)}"
    link = target(entry)
    return f"{text} {link}" if link else text


def as_json(line: Line) -> str:
    """One JSON object on one line; without newline."""
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
