"""Aligns the layers of two images.

By identity, then by command, then by shared paths.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from explorer.analysis.common_subsequence import common_subsequence, increasing_subsequence
from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.entry_changes import entry_changes, same_superseded
from explorer.analysis.image_diff.layer_difference import layer_difference, undecided_files
from explorer.analysis.image_diff.layer_pair import LayerPair, PairStatus
from explorer.analysis.image_diff.path_pairs import PathPair
from explorer.analysis.image_diff.shared_layers import has_same_diff_id, layer_identities
from explorer.analysis.image_diff.steps import command_key
from explorer.layers.tree import Tree
from explorer.model import Kind

_MIN_SHARED = 0.5
"""The share of the paths of the larger layer that both have, for layers that belong together."""
_MAX_SHARED_PATHS = 5_000_000
"""Paths that are counted for all pairs of layers, because a hostile image has the same ones in all layers."""


class Aligned(NamedTuple):
    """A layer of each image that belong together, or one alone."""

    old: int | None
    new: int | None
    is_identical: bool = False
    """True if both are the same layer for certain, or have one digest and no bytes."""
    is_moved: bool = False
    """True if others have another order."""


def aligned_layers(old: ComparedImage, new: ComparedImage, shared: Set[tuple[int, int]]) -> Sequence[Aligned]:
    """Returns all layers of both images, each once, in the order of the new image.

    It reads no contents. A layer that only the old image has stands before the next one that both have.

    Args:
        old: The old image.
        new: The new image.
        shared: Numbers of layers that are certainly the same, in the old and in the new image.
    """
    matching = _Matching(old, new)
    matching.match_identical(shared)
    matching.match_by(_unique(matching.old_commands), _unique(matching.new_commands))
    matching.match_by_paths()
    matching.match_by(matching.old_commands, matching.new_commands)
    return matching.in_order()


def undecided_in_layers(old: ComparedImage, new: ComparedImage, aligned: Sequence[Aligned]) -> Iterator[PathPair]:
    """Yields the files of aligned layers that need fingerprints, also hidden ones."""
    for each in aligned:
        if each.old is not None and each.new is not None and not each.is_identical:
            yield from undecided_files(old.tree, each.old, new.tree, each.new)


def layer_pairs(old: ComparedImage, new: ComparedImage, aligned: Sequence[Aligned]) -> Sequence[LayerPair]:
    """Returns the aligned layers with their differences.

    It needs the fingerprints of the aligned layers.
    """
    return [_pair(old, new, each) for each in aligned]


def _pair(old: ComparedImage, new: ComparedImage, aligned: Aligned) -> LayerPair:
    if aligned.new is None or aligned.old is None:
        return LayerPair(aligned.old, aligned.new, PairStatus.REMOVED if aligned.new is None else PairStatus.ADDED)
    if aligned.is_identical:
        return LayerPair(aligned.old, aligned.new, PairStatus.MOVED if aligned.is_moved else PairStatus.SAME)
    if old.tree.layers[aligned.old].is_unread or new.tree.layers[aligned.new].is_unread:
        return LayerPair(aligned.old, aligned.new, PairStatus.CHANGED)
    changes = entry_changes(old.tree, aligned.old, new.tree, aligned.new)
    difference = layer_difference(old.tree.layers[aligned.old], new.tree.layers[aligned.new], changes)
    ships_the_same = same_superseded(old.tree, aligned.old, new.tree, aligned.new, if_unknown=True)
    is_claimed = has_same_diff_id(old.image.layers[aligned.old], new.image.layers[aligned.new])
    if difference.is_nothing and is_claimed and ships_the_same:
        # Nothing proves the digests of plain archives, but the layers have the same files.
        return LayerPair(aligned.old, aligned.new, PairStatus.MOVED if aligned.is_moved else PairStatus.SAME)
    status = PairStatus.CHANGED
    if difference.is_only_times and ships_the_same:
        status = PairStatus.MOVED if aligned.is_moved else PairStatus.SAME_BUT_TIMES
    return LayerPair(aligned.old, aligned.new, status, difference, changes)


class _Matching:
    """Pairs of layers, while they are found."""

    def __init__(self, old: ComparedImage, new: ComparedImage) -> None:
        self._old, self._new = old, new
        self.old_commands = {layer.number: command_key(layer.step) for layer in old.image.layers}
        self.new_commands = {layer.number: command_key(layer.step) for layer in new.image.layers}
        self._old_of: dict[int, int] = {}
        """Numbers of layers of the new image to those of the old image."""
        self._identical: set[int] = set()
        """Numbers of layers of the new image that the old one has."""
        self._free_old = dict.fromkeys(self.old_commands)
        self._free_new = dict.fromkeys(self.new_commands)

    def match_identical(self, shared: Set[tuple[int, int]]) -> None:
        """Matches the layers that both images have, also in another order."""
        self.match_by(_identities(self._old), _identities(self._new))
        self._identical = {
            new for new, old in self._old_of.items() if (old, new) in shared or self._are_unread(old, new)
        }

    def match_by(self, old: Mapping[int, Hashable], new: Mapping[int, Hashable]) -> None:
        """Matches free layers with the same key, those in the same order first."""
        old_numbers = [number for number in self._free_old if old.get(number)]
        new_numbers = [number for number in self._free_new if new.get(number)]
        pairs = common_subsequence([old[number] for number in old_numbers], [new[number] for number in new_numbers])
        self._add((old_numbers[before], new_numbers[after]) for before, after in pairs)
        others = defaultdict(list)
        for number in reversed(self._free_old):
            others[old.get(number)].append(number)
        for number in list(self._free_new):
            if new.get(number) and others[new[number]]:
                self._add([(others[new[number]].pop(), number)])

    def match_by_paths(self) -> None:
        """Matches free layers that share most of their paths, the most similar first."""
        layers_with: dict[str, list[int]] = defaultdict(list)
        old_counts = {number: self._add_paths(number, layers_with) for number in self._free_old}
        shares: list[tuple[float, int, int]] = []
        left = _MAX_SHARED_PATHS
        for number in self._free_new:
            paths = _paths(self._new.tree, number)
            shared: Counter[int] = Counter()
            for path in paths:
                with_path = layers_with.get(path, ())
                left -= len(with_path)
                if left < 0:
                    return
                shared.update(with_path)
            shares += [(count / max(len(paths), old_counts[old]), old, number) for old, count in shared.items()]
        for share, old, number in sorted(shares, key=lambda each: (-each[0], each[2], each[1])):
            if share >= _MIN_SHARED and old in self._free_old and number in self._free_new:
                self._add([(old, number)])

    def in_order(self) -> Sequence[Aligned]:
        """Returns all layers in the order of the new image."""
        pairs = sorted(self._old_of.items())
        unmoved = {pairs[place] for place in increasing_subsequence([old for _, old in pairs])}
        rows: list[Aligned] = []
        removed = list(self._free_old)
        for layer in self._new.image.layers:
            old = self._old_of.get(layer.number)
            is_moved = old is not None and (layer.number, old) not in unmoved
            while removed and old is not None and not is_moved and removed[0] < old:
                rows.append(Aligned(removed.pop(0), None))
            rows.append(Aligned(old, layer.number, layer.number in self._identical, is_moved))
        return [*rows, *(Aligned(number, None) for number in removed)]

    def _are_unread(self, old: int, new: int) -> bool:
        return self._old.tree.layers[old].is_unread or self._new.tree.layers[new].is_unread

    def _add(self, pairs: Iterable[tuple[int, int]]) -> None:
        for old, new in pairs:
            self._old_of[new] = old
            del self._free_old[old], self._free_new[new]

    def _add_paths(self, number: int, layers_with: dict[str, list[int]]) -> int:
        paths = _paths(self._old.tree, number)
        for path in paths:
            layers_with[path].append(number)
        return len(paths)


def _identities(compared: ComparedImage) -> Mapping[int, Hashable]:
    """Returns the digest of each layer, or what a layer without one certainly is."""
    identities = dict(enumerate(layer_identities(compared)))
    for layer, index in zip(compared.image.layers, compared.tree.layers, strict=True):
        # Damage means that the bytes are not those of the digest.
        if layer.diff_id and not index.damage:
            identities[layer.number] = layer.diff_id
    return identities


def _paths(tree: Tree, number: int) -> Sequence[str]:
    """Returns the paths that a layer adds, without directories."""
    return [entry.path for entry in tree.layers[number].entries if entry.kind is not Kind.DIRECTORY]


def _unique(commands: Mapping[int, Hashable]) -> Mapping[int, Hashable]:
    """Returns the commands that only one layer has.

    Tools without a Dockerfile record the same command for all layers.
    """
    counts = Counter(commands.values())
    return {number: command for number, command in commands.items() if counts[command] == 1}
