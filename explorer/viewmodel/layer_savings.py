"""The disposable files and the fixes of each layer, for its details."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.groups import DisposableGroup, disposable_groups
from explorer.analysis.fixes.fix import Fix
from explorer.pipeline import Exploration


@dataclass(frozen=True, slots=True)
class LayerSavings:
    """The disposable files of a layer, and the fixes that change its step."""

    disposables: Sequence[DisposableGroup]
    """The kinds of disposable files that the layer ships, largest first."""
    fixes: Sequence[Fix]
    is_base: bool
    bytes_by_fix: Mapping[str, int] = field(default_factory=dict)
    """ID of a fix to the bytes that it saves of this layer; the rest is in other layers."""

    @property
    def disposable_bytes(self) -> int:
        """Disposable bytes that the layer ships."""
        return sum(kind.bytes for kind in self.disposables)


def layer_savings(exploration: Exploration) -> Mapping[int, LayerSavings]:
    """Returns the savings of each layer; they need all fixes, so up to a second."""
    disposables: defaultdict[int, list[Disposable]] = defaultdict(list)
    for disposable in exploration.disposables:
        disposables[disposable.shipped_in].append(disposable)
    fixes: defaultdict[int, list[Fix]] = defaultdict(list)
    shares: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for fix in exploration.fixes:
        for layer in _layers_of(fix):
            fixes[layer].append(fix)
        for waste in fix.wasted:
            shares[waste.shipped_in][fix.id] += waste.bytes
        for disposable in fix.disposables:
            shares[disposable.shipped_in][fix.id] += disposable.bytes
    steps = exploration.build_steps
    found = {
        layer: LayerSavings(
            disposable_groups(disposables[layer]),
            fixes[layer],
            is_base=layer < len(steps) and steps[layer].is_base,
            bytes_by_fix=shares[layer],
        )
        for layer in range(len(exploration.layers))
    }
    for savings in found.values():
        for group in savings.disposables:
            # Now and not when they are painted, because files are many.
            _ = group.own_bytes, group.directory
    return found


def _layers_of(fix: Fix) -> Iterable[int]:
    """Returns the layers whose steps a fix changes, or that ship or hide its files."""
    layers = set(fix.layers)
    if not fix.is_base:
        layers.update(each.shipped_in for each in fix.disposables)
        for waste in fix.wasted:
            layers.update(waste.layers)
    return layers
