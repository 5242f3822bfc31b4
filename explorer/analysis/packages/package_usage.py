"""The files and bytes of each package and of no package: they add up to the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.analysis.fixes.origins import linked_names
from explorer.analysis.packages.owners import UNOWNED, Owners
from explorer.analysis.packages.package import Package
from explorer.analysis.visible_files import lower_deltas, visible_names
from explorer.analysis.windows_hives import HIVE_DELTAS
from explorer.layers.tree import InodeName, Node, Tree
from explorer.model import Kind, Waste

_FILE = Kind.FILE


@dataclass(slots=True)
class LayerShare:
    """The part of a package's figures that one layer ships."""

    files: int = 0
    bytes: int = 0
    wasted_bytes: int = 0


@dataclass(frozen=True, slots=True)
class FileUsage:
    """The files and bytes of a package, or of all files that no package owns."""

    package: Package | None
    by_layer: Mapping[int, LayerShare] = field(default_factory=dict)
    """Layer to the part that it ships."""
    wasted: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """Wasted bytes by the numbers of the layers that shipped and that hid them."""

    @property
    def files(self) -> int:
        """The number of visible files, each inode once."""
        return sum([share.files for share in self.by_layer.values()])

    @property
    def bytes(self) -> int:
        """The bytes of the visible files."""
        return sum([share.bytes for share in self.by_layer.values()])

    @property
    def shipped_bytes(self) -> int:
        """The visible and the wasted bytes."""
        return self.bytes + self.wasted_bytes

    @property
    def wasted_bytes(self) -> int:
        """The wasted bytes of files that it owned when they were shipped."""
        return sum([share.wasted_bytes for share in self.by_layer.values()])


@dataclass(frozen=True, slots=True)
class PackageUsage(FileUsage):
    """The files and bytes of a package."""

    package: Package


class Usages(NamedTuple):
    """The usages of packages, and the owners of wasted files."""

    packages: list[PackageUsage]
    unowned: FileUsage
    waste_owners: Sequence[Package | None]


def package_usages(
    tree: Tree, packages: Sequence[Package], owners: Owners, wasted: Sequence[Waste], origins: Sequence[Waste]
) -> Usages:
    """Returns the usage of each package, in order, and of the unowned files.

    Args:
        tree: The merged tree.
        packages: The packages.
        owners: Tells their numbers.
        wasted: The wasted files of the image.
        origins: The same files from the layers that first brought them, in the same order.
    """
    tally = _Tally()
    top = tree.top
    linked_inodes = tree.linked
    last_owner = last_layer = None
    for node, owner in _visible_files(tree, owners):
        layer, entry = node.history[-1]
        if entry is None or (linked_inodes and (layer, entry.inode) in linked_inodes):
            continue
        # The files of a directory follow each other, and most are of one package.
        if owner != last_owner or layer != last_layer:
            share = tally.share(owner, layer)
            last_owner, last_layer = owner, layer
        share.files += 1
        share.bytes += entry.size
        if entry.path in HIVE_DELTAS:
            for lower, delta in lower_deltas(tree, node):
                tally.share(owner, lower).bytes += delta.size
    for (layer, _), names in tree.linked.items():
        visible = visible_names(names, layer)
        if visible:
            size = next((name.entry.size for name in names if name.entry.kind is _FILE), names[0].entry.size)
            tally.add_file(_owner_of_names(owners, visible, top), layer, size)
    linked = linked_names(tree)
    waste_owners: list[Package | None] = []
    for waste, origin in zip(wasted, origins, strict=True):
        same_inode = linked.get((waste.shipped_in, waste.path))
        if same_inode:
            owner = _owner_of_names(owners, same_inode, origin.shipped_in)
        else:
            hidden = tree.find(waste.path)
            owner = UNOWNED if hidden is None else owners.owner(hidden, origin.shipped_in)
        tally.add_waste(owner, waste)
        waste_owners.append(None if owner == UNOWNED else packages[owner])
    usages = [PackageUsage(package, *tally.figures(number)) for number, package in enumerate(packages)]
    return Usages(usages, FileUsage(None, *tally.figures(UNOWNED)), waste_owners)


class _Tally:
    """Adds up figures by owner."""

    def __init__(self) -> None:
        self._shares: dict[int, dict[int, LayerShare]] = {}
        self._wasted: dict[int, dict[tuple[int, int], int]] = {}

    def add_file(self, owner: int, layer: int, size: int) -> None:
        share = self.share(owner, layer)
        share.files += 1
        share.bytes += size

    def add_waste(self, owner: int, waste: Waste) -> None:
        self.share(owner, waste.shipped_in).wasted_bytes += waste.bytes
        wasted = self._wasted.setdefault(owner, {})
        wasted[waste.layers] = wasted.get(waste.layers, 0) + waste.bytes

    def figures(self, owner: int) -> tuple[Mapping[int, LayerShare], Mapping[tuple[int, int], int]]:
        """Returns the last fields of a FileUsage."""
        return self._shares.get(owner, {}), self._wasted.get(owner, {})

    def share(self, owner: int, layer: int) -> LayerShare:
        shares = self._shares.get(owner)
        if shares is None:
            shares = self._shares[owner] = {}
        share = shares.get(layer)
        if share is None:
            share = shares[layer] = LayerShare()
        return share


def _visible_files(tree: Tree, owners: Owners) -> Iterator[tuple[Node, int]]:
    """Yields the visible regular files with the numbers of their owners."""
    top = tree.top
    exact = owners.exact_owners(top)
    waiting = [(tree.root, UNOWNED)]
    while waiting:
        directory, above = waiting.pop()
        # Not for each file, because its directories would be looked at again.
        below = owners.directory_owner(directory, top)
        below = above if below == UNOWNED else below
        for node in (directory.children or {}).values():
            entry = node.history[-1].entry
            if entry is None:
                continue
            if entry.kind is _FILE:
                yield node, exact.get(node, below)
            elif node.children:
                waiting.append((node, below))


def _owner_of_names(owners: Owners, names: Sequence[InodeName], layer: int) -> int:
    """Returns the owner of an inode: of its first name in path order that has one."""
    for name in sorted(names, key=lambda name: name.entry.path):
        owner = owners.owner(name.node, layer)
        if owner != UNOWNED:
            return owner
    return UNOWNED
