"""The numbers of files below directories."""

from __future__ import annotations

from pathlib import Path

from tests.images import directory, explored_layers, file, layer, symlink, whiteout


def test_each_layer_counts_the_files_that_it_shows(tmp_path: Path) -> None:
    """Links count, directories do not; a file that a layer removes no longer counts from there."""
    explored = explored_layers(
        tmp_path,
        layer(directory("a/empty"), file("a/b/one"), symlink("a/two", "b"), file("c")),
        layer(whiteout("a/b/one"), file("a/b/three"), file("a/b/four")),
        layer(whiteout("a/b"), directory("c")),
    )
    root, a, b = (explored.tree.find(path) for path in ("", "a", "a/b"))
    assert root is not None
    assert a is not None
    assert b is not None
    counts = explored.file_counts
    assert [counts.at(root, number) for number in range(3)] == [3, 4, 1]
    assert [counts.at(a, number) for number in range(3)] == [2, 3, 1]
    assert [counts.at(b, number) for number in range(3)] == [1, 2, 0]
