"""The account of an image: its usage without what somebody wants left out. Most rules of the gate look at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from explorer.analysis.waste import ByteUsage
from explorer.gate.patterns import path_matcher
from explorer.layers.tree import Tree
from explorer.model import Entry, Kind, LayerIndex, Waste


@dataclass(frozen=True, slots=True)
class Account:
    """The bytes that rules count: the byte usage without ignored paths and without the waste inside the base."""

    base_layers: int
    """How many of the lowest layers belong to the base."""
    layer_bytes: tuple[int, ...]
    """Shipped by each layer, the base's too."""
    wasted: tuple[Waste, ...]
    """What layers above the base wasted or hid. Largest first, then by path."""
    base_waste_bytes: int
    """What the base wastes by itself."""

    @property
    def above_base(self) -> tuple[int, ...]:
        """Shipped by each layer above the base."""
        return self.layer_bytes[self.base_layers :]

    @property
    def shipped_bytes(self) -> int:
        """Of all layers."""
        return sum(self.layer_bytes)

    @property
    def wasted_bytes(self) -> int:
        """Of which the layers above the base are the cause."""
        return sum(waste.bytes for waste in self.wasted)

    @property
    def efficiency(self) -> Fraction:
        """One minus wasted over shipped bytes, of which those that the base wastes itself are taken off; else 1."""
        shipped = self.shipped_bytes - self.base_waste_bytes
        return 1 - Fraction(self.wasted_bytes, shipped) if shipped else Fraction(1)


def build_account(tree: Tree, usage: ByteUsage, ignored_paths: Sequence[str], base_layers: int) -> Account:
    """The byte usage without ignored paths, and without what the lowest layers waste among themselves."""
    layer_bytes, wasted = list(usage.shipped_by_layer), usage.wasted
    if ignored_paths:
        is_ignored = path_matcher(ignored_paths)
        for number, index in enumerate(tree.layers):
            layer_bytes[number] -= sum(entry.size for entry in _shipped(index) if is_ignored(entry.path))
        wasted = tuple(waste for waste in wasted if not is_ignored(waste.path))
    own = sum(waste.bytes for waste in wasted if waste.hidden_in < base_layers)
    above = tuple(waste for waste in wasted if waste.hidden_in >= base_layers)
    return Account(base_layers, tuple(layer_bytes), above, own)


def _shipped(index: LayerIndex) -> Iterator[Entry]:
    """The files whose bytes a layer ships, each inode once."""
    yield from (entry for entry in index.entries if entry.kind is Kind.FILE)
    yield from index.superseded
