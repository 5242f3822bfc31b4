"""The account of an image: the bytes that most rules of the gate count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.waste import ByteUsage
from explorer.layers.tree import Tree
from explorer.model import Entry, Kind, LayerIndex, Waste
from explorer.text.patterns import path_matcher

if TYPE_CHECKING:
    from explorer.analysis.disposables.disposables import Disposable


@dataclass(frozen=True, slots=True)
class Account:
    """The byte usage without ignored paths and without waste inside the base."""

    base_layers: int
    """The number of lowest layers that are the base."""
    layer_bytes: tuple[int, ...]
    """The bytes that each layer ships, including the layers of the base."""
    wasted: tuple[Waste, ...]
    """The files that layers above the base waste or hide, largest first, then by path."""
    base_waste_bytes: int
    """The bytes that layers of the base hide from each other."""

    @property
    def above_base(self) -> tuple[int, ...]:
        """The bytes that each layer above the base ships."""
        return self.layer_bytes[self.base_layers :]

    @property
    def shipped_bytes(self) -> int:
        """The bytes that all layers ship."""
        return sum(self.layer_bytes)

    @property
    def wasted_bytes(self) -> int:
        """The bytes that are wasted by the layers above the base."""
        return sum(waste.bytes for waste in self.wasted)

    @property
    def efficiency(self) -> Fraction:
        """The share of shipped bytes that is not wasted; the base's own waste is left out."""
        shipped = self.shipped_bytes - self.base_waste_bytes
        return 1 - Fraction(self.wasted_bytes, shipped) if shipped else Fraction(1)


def build_account(tree: Tree, usage: ByteUsage, ignored_paths: Sequence[str], base_layers: int) -> Account:
    """Returns the account of an image whose lowest layers are the base."""
    layer_bytes, wasted = list(usage.shipped_by_layer), usage.wasted
    if ignored_paths:
        is_ignored = path_matcher(ignored_paths)
        for number, index in enumerate(tree.layers):
            layer_bytes[number] -= sum(entry.size for entry in _shipped(index) if is_ignored(entry.path))
        wasted = tuple(waste for waste in wasted if not is_ignored(waste.path))
    base_waste = sum(waste.bytes for waste in wasted if waste.hidden_in < base_layers)
    above_base = tuple(waste for waste in wasted if waste.hidden_in >= base_layers)
    return Account(base_layers, tuple(layer_bytes), above_base, base_waste)


class DisposableShares(NamedTuple):
    """The disposable files of the base and above it, without ignored paths."""

    own: tuple[Disposable, ...]
    """The files that layers above the base ship, largest first."""
    base_bytes: int
    """The bytes of the files that the base ships."""

    @property
    def own_bytes(self) -> int:
        """The bytes of the files that layers above the base ship."""
        return sum([disposable.bytes for disposable in self.own])


def divide_disposables(
    disposables: Sequence[Disposable], ignored_paths: Sequence[str], base_layers: int
) -> DisposableShares:
    """Returns the disposable files of the base and of the layers above it."""
    if ignored_paths:
        is_ignored = path_matcher(ignored_paths)
        disposables = [disposable for disposable in disposables if not is_ignored(disposable.path)]
    own = tuple(disposable for disposable in disposables if disposable.shipped_in >= base_layers)
    base_bytes = sum([disposable.bytes for disposable in disposables if disposable.shipped_in < base_layers])
    return DisposableShares(own, base_bytes)


def _shipped(index: LayerIndex) -> Iterator[Entry]:
    """Yields the files whose bytes a layer ships, each inode once."""
    yield from (entry for entry in index.entries if entry.kind is Kind.FILE)
    yield from index.superseded
