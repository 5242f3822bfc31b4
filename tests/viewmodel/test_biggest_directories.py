"""The directories that are open at first, without a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from explorer.viewmodel.biggest_directories import biggest_directories
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.small_entries import Folding
from explorer.viewmodel.view import View
from tests.images import explored_layers, file, layer
from tests.viewmodel.trees import visible_tree


@pytest.fixture
def wide(tmp_path: Path) -> Exploration:
    """A directory with one big file and many small ones in each of two directories."""
    sizes = {"a/big": 90_000, "b/big": 70_000, **{f"{name}/{n}": 2000 + n for name in "ab" for n in range(30)}}
    return explored_layers(tmp_path, layer(*(file(path, b"1" * size) for path, size in sizes.items())))


@pytest.mark.parametrize(
    ("max_rows", "names"),
    [
        (1, ["a", "b"]),
        (3, ["a", "b"]),
        (4, ["a", "big", "30 entries under 3 kB", "b"]),
        (6, ["a", "big", "30 entries under 3 kB", "b", "big", "30 entries under 3 kB"]),
        (7, ["a", "big", "29", "29 entries under 2.029 kB", "b", "big", "30 entries under 3 kB"]),
    ],
)
def test_biggest_paths_fill_the_rows(wide: Exploration, max_rows: int, names: list[str]) -> None:
    """Directories are open as far as they fit, and their other entries share a row."""
    tree = visible_tree(wide)
    limits = biggest_directories(tree, max_rows)
    rows = [row.name for row in FileRows(tree, set(limits), Folding(limits))]
    assert rows == [name.replace("2.029", "2.0").replace("2.0 kB", "2 kB") for name in names]


def test_nothing_is_too_small_to_fit(wide: Exploration) -> None:
    """With room for all, all directories are open, without shared rows; an order by name opens as well."""
    for view in (View(0), View(0).sorted_by(View(0).sort.following)):
        tree = visible_tree(wide, view)
        limits = biggest_directories(tree, 100)
        assert len(FileRows(tree, set(limits), Folding(limits))) == 64
