"""The files that a container sees."""

from __future__ import annotations

from itertools import product

import pytest

from explorer.analysis.visible_files import visible_files
from explorer.analysis.waste import byte_usage
from tests.images import file, layer, merged


@pytest.mark.parametrize("sizes", product((0, 1, 2), repeat=3))
def test_differences_of_the_registry_add_up(sizes: tuple[int, int, int]) -> None:
    """Versions of a difference of the Windows registry are visible up to an empty one, as in the account of bytes."""
    tree = merged(*(layer(file("Hives/Sam_Delta", b"1" * size)) for size in sizes))
    assert sum(entry.size for _, entry in visible_files(tree)) == byte_usage(tree).visible_bytes
