"""The bytes of each layer of an engine's images.

An engine tells the bytes of an image, and the bytes of each step of its history, but not which steps made layers: a
step without bytes made an empty layer or none. Here is only stated what follows for certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

_EMPTY_DIFF_IDS = frozenset(
    (
        "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        "sha256:84ff92691f909a05b224e1c56abb4864f01b4f8e3c854e4bb4c7baf1d3f6d652",
    )
)
"""The diff IDs of tars without entries, of 1024 and of 10240 bytes."""


@dataclass
class LayeredImage:
    """The layers of one image, and what is known of their bytes."""

    diff_ids: Sequence[str]
    chain: Sequence[str]
    """The chain ID of each layer, bottom first."""
    bytes: int | None
    """The bytes of all layers."""
    steps: list[int] = field(default_factory=list)
    """The bytes of the steps of its history that have some, bottom first; empty if not asked for."""


def branches(images: Iterable[LayeredImage]) -> set[str]:
    """Returns the chain IDs of layers on which different layers stand.

    Only the bytes up to these must be known to tell what images share.
    """
    above: defaultdict[str, set[str]] = defaultdict(set)
    for image in images:
        for lower, upper in zip(image.chain, image.chain[1:], strict=False):
            above[lower].add(upper)
    return {chain_id for chain_id, others in above.items() if len(others) > 1}


def known_bytes(images: Sequence[LayeredImage]) -> dict[str, int]:
    """Returns the bytes up to each layer for which they are certain, by chain ID."""
    known = {image.chain[-1]: image.bytes for image in images if image.chain and image.bytes is not None}
    before = -1
    while before < len(known):
        before = len(known)
        candidates: dict[str, set[int]] = {}
        for image in images:
            if image.steps:
                for chain_id, counts in _candidates(image, known):
                    candidates[chain_id] = candidates.get(chain_id, counts) & counts
        known.update((chain_id, counts.pop()) for chain_id, counts in candidates.items() if len(counts) == 1)
    return known


def _candidates(image: LayeredImage, known: Mapping[str, int]) -> Iterator[tuple[str, set[int]]]:
    """Yields each layer of unknown bytes with the possible bytes up to it."""
    sums = [0, *accumulate(image.steps)]
    if image.bytes not in (None, sums[-1]):
        # The engine contradicts itself.
        return
    # An engine that counts the bytes of tars has some for each layer.
    empty = _EMPTY_DIFF_IDS if len(image.steps) < len(image.diff_ids) else ()
    can_have_bytes = [diff_id not in empty for diff_id in image.diff_ids]
    ends = [position for position, chain_id in enumerate(image.chain) if chain_id in known]
    start, first_step = 0, 0
    for end in ends:
        if known[image.chain[end]] not in sums:
            return
        last_step = sums.index(known[image.chain[end]])
        for position in range(start, end):
            below = sum(can_have_bytes[start : position + 1])
            above = sum(can_have_bytes[position + 1 : end + 1])
            lowest, highest = max(first_step, last_step - above), min(first_step + below, last_step)
            yield image.chain[position], set(sums[lowest : highest + 1])
        start, first_step = end + 1, last_step
