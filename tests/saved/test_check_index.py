"""The rules for saved indexes: those of real layers keep them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.model import Entry, Kind, LayerIndex
from explorer.saved.check_index import check_index
from tests import overlay
from tests.images import directory, file, hardlink, indexed, layer, whiteout
from tests.layers.test_layer_builder import random_items

INDEX = indexed(layer(directory("d"), file("d/f", b"12"), file("d/f", b"123"), hardlink("h", "d/f"), whiteout("w")))


@given(st.integers(0, 1 << 32))
def test_indexes_of_real_layers_keep_the_rules(seed: int) -> None:
    """An index can be saved and opened, for any collisions in its layer."""
    chance = random.Random(seed)
    items = [*random_items(chance), *overlay.random_layer(chance)]
    check_index(indexed(layer(*items)))


def entry(path: str, kind: Kind = Kind.FILE, size: int = 1, inode: int = 9_000) -> Entry:
    """Returns an entry."""
    return Entry(path, kind, size, 0o644, 0, 0, 0, "", (), inode)


@pytest.mark.parametrize(
    "change",
    [
        {"entries": [*INDEX.entries, entry("d/f/below")]},
        {"entries": [*INDEX.entries, entry("d/f/far/below")]},
        {"entries": [*INDEX.entries, entry("x", inode=INDEX.superseded[0].inode)]},
        {"entries": [*INDEX.entries, entry("x", Kind.HARDLINK)]},
        {"entries": [*INDEX.entries, entry("x", Kind.DIRECTORY)]},
        {"entries": [entry("x", size=1 << 62), entry("y", size=1, inode=1)]},
        {"superseded": [entry("x", Kind.SYMLINK, 0)]},
        {"whiteouts": ["d/f/below"]},
        {"fingerprints": {9_001: b"1" * 16}},
        {"digests": {9_001: b"1" * 32}},
        {"fingerprints": {INDEX.superseded[0].inode: b"1" * 15}},
        {"entries": [entry("/".join([str(number), *["deep"] * 800, "f"]), inode=number) for number in range(50)]},
    ],
)
def test_other_indexes_break_them(change: dict[str, Any]) -> None:
    """Files below files, contents of two files, sizes of directories and directories without end are refused."""
    check_index(INDEX)
    with pytest.raises(ValueError, match=r"\w"):
        check_index(replace(INDEX, **change))


def test_an_empty_index_keeps_them() -> None:
    """A layer may have nothing."""
    check_index(LayerIndex(()))
