"""The layers before and after a layer in the history of a path."""

from __future__ import annotations

from explorer.viewmodel.history_navigation import index_at, next_layer


def test_neighbours() -> None:
    """From each layer the nearest layers above and below that touched the path are found."""
    assert [next_layer([1, 4, 7], layer, 1) for layer in (0, 1, 5, 7)] == [1, 4, 7, None]
    assert [next_layer([1, 4, 7], layer, -1) for layer in (0, 1, 5, 7)] == [None, None, 4, 4]
    assert [index_at([1, 4, 7], layer) for layer in (0, 1, 5, 9)] == [None, 0, 1, 2]
