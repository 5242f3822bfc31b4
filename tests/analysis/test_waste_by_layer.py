"""What became of each layer's wasted bytes, and whose bytes each layer hid."""

from __future__ import annotations

from pathlib import Path

from explorer.analysis.fates import fates
from explorer.model import Cause
from tests.images import explored_layers, file, layer, whiteout


def test_fates(tmp_path: Path) -> None:
    """A layer's waste is told by cause and hiding layer, and what one layer holds twice is hidden by none."""
    found = explored_layers(
        tmp_path,
        layer(file("a", b"1" * 5), file("b", b"1" * 7), file("c", b"1"), file("c", b"22")),
        layer(file("d", b"1" * 9)),
        layer(whiteout("a"), whiteout("d"), file("b", b"2")),
    )
    told = fates(found.ledger)
    assert told.lost == {
        0: {(Cause.REMOVED, 2): 5, (Cause.OVERWRITTEN, 2): 7, (Cause.DUPLICATE, 0): 1},
        1: {(Cause.REMOVED, 2): 9},
    }
    assert told.hid == {2: {0, 1}}
