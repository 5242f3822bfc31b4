"""What became of the bytes of each layer that are wasted, and whose bytes each layer hid."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass

from explorer.analysis.waste import Ledger
from explorer.model import Cause


@dataclass(frozen=True, slots=True)
class Fates:
    """Which layer did what to the bytes of which."""

    lost: Mapping[int, Counter[tuple[Cause, int]]]
    """Layer to what became of its wasted bytes: (cause, layer that hid them) to bytes."""
    hid: Mapping[int, Set[int]]
    """Layer to the lower layers that shipped what it hid."""


def fates(ledger: Ledger) -> Fates:
    """What the ledger says, by layers. Layers that lost or hid nothing are missing."""
    lost: defaultdict[int, Counter[tuple[Cause, int]]] = defaultdict(Counter)
    for waste in ledger.wasted:
        lost[waste.shipped_in][waste.cause, waste.hidden_in] += waste.bytes
    hid: defaultdict[int, set[int]] = defaultdict(set)
    for shipped_in, ends in lost.items():
        for _, hidden_in in ends:
            if hidden_in != shipped_in:
                hid[hidden_in].add(shipped_in)
    return Fates(dict(lost), dict(hid))
