"""Small entries that share a row, without a terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.filter.query import parse
from explorer.config.settings import Sort
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.small_entries import Folding
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from tests.images import directory, explored_layers, file, layer
from tests.viewmodel.trees import node, visible_tree


@pytest.fixture
def explored_small(tmp_path: Path) -> Exploration:
    """A big file among small ones; a layer changes two of them."""
    small = [file(f"s{number}", b"1") for number in range(6)]
    return explored_layers(
        tmp_path, layer(file("big", b"1" * 1000), directory("empty"), *small), layer(file("s1", b"2"), file("empty/x"))
    )


def names(explored: Exploration, view: View, folding: Folding) -> list[str]:
    """Returns the names of the rows of a view."""
    return [row.name for row in FileRows(ViewCache(explored).of(view), set(), folding)]


def test_small_entries_share_a_row(explored_small: Exploration) -> None:
    """Entries under the limit share the last row; in the first layer, all are new and so none is special."""
    assert names(explored_small, View(0), Folding()) == ["big", "7 entries under 1 kB"]


def test_changes_have_rows(explored_small: Exploration) -> None:
    """A small entry that the layer changed has a row of its own."""
    assert names(explored_small, View(1), Folding()) == ["big", "s1", "empty", "5 entries under 1 kB"]


def test_kept_entries_have_rows(explored_small: Exploration) -> None:
    """A small entry that is selected has a row of its own, and a directory may give one to each."""
    root = explored_small.tree.root
    assert names(explored_small, View(0), Folding(kept={node(explored_small.tree, "s3")}))[:2] == ["big", "s3"]
    assert len(names(explored_small, View(0), Folding({root: 0}))) == 8


@pytest.mark.parametrize(
    "view",
    [
        View(1, query=parse("s", 1)),
        View(1, base=0),
        View(1).toggled(Change.ADDED),
        View(1, reversed=True),
        replace(View(1), sort=Sort.NAME),
    ],
)
def test_other_views_show_each_entry(explored_small: Exploration, view: View) -> None:
    """With a filter, a comparison, hidden kinds or another order, each entry has a row."""
    assert not any("entries" in name for name in names(explored_small, view, Folding()))


def test_a_small_directory_shows_all(tmp_path: Path) -> None:
    """Each entry has a row if none is large, or if few are small."""
    explored = explored_layers(
        tmp_path, layer(*(file(f"a/{number}", b"1") for number in range(9)), file("b", b"1" * 1000), file("c"))
    )
    tree = visible_tree(explored)
    assert len(FileRows(tree, {node(explored.tree, "a")}, Folding())) == 12


def test_small_entries_are_found(explored_small: Exploration) -> None:
    """The row of the small entries is found by each of them."""
    rows = FileRows(visible_tree(explored_small, View(0)), set(), Folding())
    assert rows.find(node(explored_small.tree, "s3")) == 1
    assert rows[1].node.path == "s0"
    assert len(rows[1].folded) == 7
