"""Plans what to save, before anything is read or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from explorer.errors import CannotSave
from explorer.extract.secure_writer import Parts
from explorer.layers.tar.sparse import stored_bytes
from explorer.layers.tree import Node, Tree, Version
from explorer.model import Kind
from explorer.text.point_names import LAYERS, PointNames
from explorer.text.printable import printable
from explorer.text.units import counted

_UNSAVED_KINDS = (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE, Kind.FIFO)


@dataclass(frozen=True, slots=True)
class Plan:
    """The names to save, and counts of the rest."""

    name: str
    """Name of the destination unless the user types another; not yet printable."""
    is_directory: bool
    items: Sequence[tuple[Parts, Version]]
    """Directories before their content."""
    bytes: int
    """Stored bytes of the contents, each inode once."""
    files: int
    skipped: Sequence[str] = ()
    """Counts of what is not saved, for people."""


def make_plan(tree: Tree, node: Node, layer: int, *, alone: bool = False, points: PointNames = LAYERS) -> Plan:
    """Plans to save a path as a container of layers 0 to ``layer`` sees it.

    With ``alone``, the plan has only what this layer brings. ``points`` names the layer in
    errors. Raises CannotSave if there is nothing to save.
    """
    entry = node.entry_at(layer)
    if entry is None:
        raise CannotSave(f"/{printable(node.path)} does not exist {points.at(layer)}")
    selection = _Selection(node, layer, alone)
    if not selection.wanted:
        what = "brought nothing that can be saved" if alone else "has nothing that can be saved"
        raise CannotSave(f"{points.point(layer)} {what} at /{printable(node.path)}")
    items = selection.items()
    files = len([parts for parts in selection.wanted if parts not in selection.directories])
    sizes: dict[tuple[int, int], int] = {}
    for _, (number, item) in items:
        if item is not None and item.kind.has_content:
            sizes[number, item.inode] = stored_bytes(item.size, tree.layers[number].sparse.get(item.inode))
    is_directory = entry.kind is Kind.DIRECTORY
    return Plan(node.name or "rootfs", is_directory, items, sum(sizes.values()), files, selection.skipped())


class _Selection:
    """The names below a path that a plan wants."""

    def __init__(self, node: Node, layer: int, alone: bool) -> None:
        self.wanted: dict[Parts, Version] = {}
        self.directories: dict[Parts, Version] = {}
        """Visible directories, also those that only lead to what is wanted."""
        self._devices = 0
        self._removed = 0
        stack: list[tuple[Parts, Node]] = [((), node)]
        while stack:
            parts, node = stack.pop()
            version = node.version_at(layer)
            if version is None or version.entry is None:
                # Nothing below a hidden path is visible.
                self._removed += alone and version is not None and version.layer == layer
                continue
            kind = version.entry.kind
            if kind is Kind.DIRECTORY:
                self.directories[parts] = version
                stack.extend(((*parts, name), child) for name, child in (node.children or {}).items())
            if alone and version.layer != layer:
                continue
            if kind in _UNSAVED_KINDS:
                self._devices += 1
            else:
                self.wanted[parts] = version

    def items(self) -> list[tuple[Parts, Version]]:
        """Returns the wanted names and the directories above them, which come first."""
        needed = dict(self.wanted)
        for parts in self.wanted:
            while parts and (parts := parts[:-1]) not in needed:
                needed[parts] = self.directories[parts]
        return sorted(needed.items(), key=itemgetter(0))

    def skipped(self) -> tuple[str, ...]:
        """Returns counts of what is not saved, for people."""
        counts = []
        if self._devices:
            counts.append(counted(self._devices, "device or pipe", "devices or pipes"))
        if self._removed:
            counts.append(counted(self._removed, "removal"))
        return tuple(counts)
