"""The byte usage of an image: its wasted files, their causes and layers.

Shipped bytes are the sizes of all regular files of all layers. Visible bytes are the sizes of the regular files that a
container of the image sees, each inode once. The difference is wasted; the sizes of the wasted files add up to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass

from explorer.analysis.changes import same_content
from explorer.analysis.windows_hives import HIVE_DELTAS
from explorer.layers.tree import InodeName, Node, Tree
from explorer.model import Cause, Kind, Waste

_FILE = Kind.FILE


@dataclass(frozen=True, slots=True)
class ByteUsage:
    """The shipped, visible and wasted bytes of an image."""

    shipped_bytes: int
    visible_bytes: int
    shipped_by_layer: tuple[int, ...]
    wasted: tuple[Waste, ...]
    """The wasted files, largest first, then by path."""

    @property
    def wasted_bytes(self) -> int:
        """Shipped bytes minus visible bytes."""
        return self.shipped_bytes - self.visible_bytes

    @property
    def efficiency(self) -> float:
        """Visible bytes divided by shipped bytes, from 0 to 1; 1 if nothing is shipped."""
        return self.visible_bytes / self.shipped_bytes if self.shipped_bytes else 1.0

    @property
    def by_cause(self) -> dict[Cause, int]:
        """The wasted bytes of each cause; all causes are present."""
        return {cause: sum([waste.bytes for waste in self.wasted if waste.cause is cause]) for cause in Cause}

    @property
    def by_shipping_layer(self) -> Counter[int]:
        """Layer to the bytes that it ships and that are wasted."""
        totals: Counter[int] = Counter()
        for waste in self.wasted:
            totals[waste.shipped_in] += waste.bytes
        return totals

    @property
    def by_hiding_layer(self) -> Counter[int]:
        """Layer to the bytes of earlier layers that it hides."""
        totals: Counter[int] = Counter()
        for waste in self.wasted:
            if waste.hidden_in != waste.shipped_in:
                totals[waste.hidden_in] += waste.bytes
        return totals


def byte_usage(tree: Tree) -> ByteUsage:
    """Returns the byte usage from the paths that more than one layer touches."""
    wasted = [
        Waste(entry.path, entry.size, Cause.DUPLICATE, number, number)
        for number, index in enumerate(tree.layers)
        for entry in index.superseded
        if entry.size
    ]
    linked = tree.linked
    for node in tree.revised:
        for position, (number, file) in enumerate(node.history[:-1]):
            if file is None or not file.size or file.kind is not _FILE:
                continue
            if not linked or (number, file.inode) not in linked:
                if file.path in HIVE_DELTAS:
                    position = _last_delta(tree, node, position)
                    if position == len(node.history) - 1:
                        continue
                cause, hidden_in = _hidden(tree, node, position)
                wasted.append(Waste(file.path, file.size, cause, number, hidden_in))
    for (number, _), names in linked.items():
        waste = _linked_waste(tree, number, names)
        if waste is not None:
            wasted.append(waste)
    wasted.sort(key=lambda waste: (-waste.bytes, waste.path, waste.shipped_in))
    shipped = tuple(index.shipped_bytes for index in tree.layers)
    visible = sum(shipped) - sum([waste.bytes for waste in wasted])
    return ByteUsage(sum(shipped), visible, shipped, tuple(wasted))


def _hidden(tree: Tree, node: Node, position: int) -> tuple[Cause, int]:
    """Returns the cause and the layer that hide a version which is not the last."""
    old, new = node.history[position], node.history[position + 1]
    if new.entry is None:
        return Cause.REMOVED, new.layer
    if same_content(tree, old, new):
        return Cause.RECOPIED, new.layer
    return Cause.OVERWRITTEN, new.layer


def _last_delta(tree: Tree, node: Node, position: int) -> int:
    """Returns the position of the last of the differences that Windows puts together."""
    for layer, file in node.history[position + 1 :]:
        if file is None or not file.size or file.kind is not _FILE or (layer, file.inode) in tree.linked:
            break
        position += 1
    return position


def _linked_waste(tree: Tree, number: int, names: list[InodeName]) -> Waste | None:
    """Returns the waste of an inode by its last hidden name; None if one is visible."""
    hidings: list[tuple[int, Cause]] = []
    for name in names:
        position = name.position(number)
        if position == len(name.node.history) - 1:
            return None
        cause, hidden_in = _hidden(tree, name.node, position)
        hidings.append((hidden_in, cause))
    # A cached index that was changed may lack it.
    file = next((name.entry for name in names if name.entry.kind is _FILE), names[0].entry)
    if not file.size:
        return None
    last = max(hidden_in for hidden_in, _ in hidings)
    cause = next(cause for hidden_in, cause in hidings if hidden_in == last)
    return Waste(file.path, file.size, cause, number, last)


@dataclass(frozen=True, slots=True)
class WasteByLayer:
    """Wasted bytes by the layers that shipped them, and by those that hide them."""

    wasted: Mapping[int, Counter[tuple[Cause, int]]]
    """Layer to the bytes that it wastes, by cause and by the layer that hides them."""
    hides: Mapping[int, Set[int]]
    """Layer to the lower layers that shipped what it hides."""


def waste_by_layer(usage: ByteUsage) -> WasteByLayer:
    """Returns the waste by layers. Layers that waste or hide nothing are missing."""
    wasted: defaultdict[int, Counter[tuple[Cause, int]]] = defaultdict(Counter)
    hides: defaultdict[int, set[int]] = defaultdict(set)
    for waste in usage.wasted:
        wasted[waste.shipped_in][waste.cause, waste.hidden_in] += waste.bytes
        if waste.hidden_in != waste.shipped_in:
            hides[waste.hidden_in].add(waste.shipped_in)
    return WasteByLayer(dict(wasted), dict(hides))
