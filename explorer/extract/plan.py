"""What saving a path of an image means: which names, of which versions, and what is left out. Nothing is read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from explorer.errors import CannotSave
from explorer.extract.secure_writer import Parts
from explorer.layers.tar.sparse import stored_bytes
from explorer.layers.tree import Node, Tree, Version
from explorer.model import Kind
from explorer.text.printable import printable
from explorer.text.units import counted


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be saved; nothing has been read or written yet."""

    name: str
    """What the destination is called unless the user says otherwise; not yet printable."""
    is_directory: bool
    items: Sequence[tuple[Parts, Version]]
    """Parents before what is in them."""
    bytes: int
    """Of the contents, as far as the layers store them, each inode once."""
    files: int
    skipped: Sequence[str] = ()
    """What will not be saved, for people."""


def make_plan(tree: Tree, node: Node, layer: int, *, alone: bool = False, image_name: str = "rootfs") -> Plan:
    """What saving a path means: as a container of layers 0 to ``layer`` sees it, or ``alone`` what this layer brought.

    ``image_name`` names the root directory. Raises CannotSave when there is nothing.
    """
    top = node.entry_at(layer)
    if top is None:
        raise CannotSave(f"/{printable(node.path)} is not there at layer {layer}")
    found = _Found()
    found.look(node, layer, alone)
    items = found.items()
    files = len([parts for parts in found.wanted if parts not in found.directories])
    if not items or not found.wanted:
        what = "brought nothing that can be saved" if alone else "has nothing that can be saved"
        raise CannotSave(f"layer {layer} {what} at /{printable(node.path)}")
    stored: dict[tuple[int, int], int] = {}
    for _, (number, entry) in items:
        if entry is not None and entry.kind.has_content:
            pieces = tree.layers[number].sparse.get(entry.inode)
            stored[number, entry.inode] = stored_bytes(entry.size, pieces)
    is_directory = top.kind is Kind.DIRECTORY
    return Plan(node.name or image_name, is_directory, items, sum(stored.values()), files, found.skipped())


class _Found:
    """What there is below a path."""

    def __init__(self) -> None:
        self.wanted: dict[Parts, Version] = {}
        self.directories: dict[Parts, Version] = {}
        """All of them, also those that are only on the way to what is wanted."""
        self.devices = 0
        self.removed = 0

    def look(self, node: Node, layer: int, alone: bool) -> None:
        """Go through all of it; what is hidden has nothing visible below."""
        stack: list[tuple[Parts, Node]] = [((), node)]
        while stack:
            parts, at = stack.pop()
            version = at.version_at(layer)
            if version is None or version.entry is None:
                self.removed += alone and version is not None and version.layer == layer
                continue
            kind = version.entry.kind
            if kind is Kind.DIRECTORY:
                self.directories[parts] = version
                stack.extend(((*parts, name), child) for name, child in (at.children or {}).items())
            if alone and version.layer != layer:
                continue
            if kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE, Kind.FIFO):
                self.devices += 1
            else:
                self.wanted[parts] = version

    def items(self) -> list[tuple[Parts, Version]]:
        """What is wanted, with the directories above it, parents first."""
        needed = dict(self.wanted)
        for parts in self.wanted:
            while parts and (parts := parts[:-1]) not in needed:
                needed[parts] = self.directories[parts]
        return sorted(needed.items(), key=itemgetter(0))

    def skipped(self) -> tuple[str, ...]:
        """What will not be saved, for people."""
        found = []
        if self.devices:
            found.append(counted(self.devices, "device or pipe", "devices or pipes"))
        if self.removed:
            found.append(counted(self.removed, "removal"))
        return tuple(found)
