"""Two images on the screen: rows of layers, views of files, and waste."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.image_diff.layer_pair import PairStatus
from explorer.config.settings import COMPARED_ORDERS, FILE_ORDERS, Sort
from explorer.model import Cause, Change, Watcher
from explorer.pipeline import Exploration, ImageDiff, compare
from explorer.pipeline.joined import joined
from explorer.viewmodel.compared_views import STARTING_VIEW, ComparedViews, all_changes, nodes_beside, nodes_of_times
from explorer.viewmodel.comparison_summary import ComparisonSummary
from explorer.viewmodel.pair_rows import pair_rows
from explorer.viewmodel.waste_changes import waste_by_cause, waste_changes
from tests.images import big, directory, explored_layers, file, layer, whiteout

_BASE = layer(directory("d"), big("d/kept", 1), big("d/gone", 2))


@pytest.fixture
def diff(tmp_path: Path) -> ImageDiff:
    """Two images with a shared base, a changed layer, and a layer that only the old one has."""

    def made(name: str, steps: tuple[str, ...], *layers: bytes) -> Exploration:
        folder = tmp_path / name
        folder.mkdir()
        return explored_layers(folder, *layers, history=[{"created_by": step} for step in steps])

    old = made(
        "old",
        ("COPY base /", "COPY app /app", "RUN rm -r /d/gone"),
        _BASE,
        layer(big("app/a", 1), file("app/time", b"t", mtime=1), file("other", b"1")),
        layer(whiteout("d/gone")),
    )
    new = made(
        "new",
        ("COPY base /", "COPY app /app"),
        _BASE,
        layer(big("app/a", 3, edition=2), file("app/time", b"t", mtime=2), file("other", b"1")),
    )
    return compare(old, new, Watcher())


def _children(views: ComparedViews, path: str = "") -> list[str]:
    tree = views.of(STARTING_VIEW)
    node = tree.nodes.tree.find(path) if path else tree.nodes.tree.root
    assert node is not None
    return [child.path for child in tree.children(node)]


def test_rows_have_both_sides(diff: ImageDiff) -> None:
    """A row has the numbers, bytes and commands of both layers; a side that is not there is None."""
    rows = pair_rows(diff)
    assert [row.pair.status for row in rows] == [PairStatus.SAME, PairStatus.CHANGED, PairStatus.REMOVED]
    assert [(row.old and row.old.number, row.new and row.new.number) for row in rows] == [(0, 0), (1, 1), (2, None)]
    assert rows[1].growth == 2_000_000
    assert rows[2].command == "RUN rm -r /d/gone"


def test_one_row_is_the_first_break(diff: ImageDiff) -> None:
    """The first pair that differs is marked, and no other."""
    assert [row.is_break for row in pair_rows(diff)] == [False, True, False]


def test_largest_growth_is_first(diff: ImageDiff) -> None:
    """The largest growth comes first, whatever the sizes are."""
    files = joined(diff)
    views = ComparedViews(files, all_changes(files))
    tree = views.of(STARTING_VIEW)
    growths = [tree.nodes.growth(node) for node in tree.children(tree.nodes.tree.root)]
    assert growths == sorted(growths, reverse=True)
    assert set(growths) >= {2_000_000}


def test_times_count_as_unchanged(diff: ImageDiff) -> None:
    """Nodes that differ only in their times can be hidden, with the directories that only lead to them."""
    files = joined(diff)
    every, times = all_changes(files), nodes_of_times(diff, files)
    assert {node.path for node in times} == {"app/time"}
    assert "app/time" in _children(ComparedViews(files, every), "app")
    assert _children(ComparedViews(files, every, times), "app") == ["app/a"]


def test_a_pair_has_its_changes(diff: ImageDiff) -> None:
    """A pair of layers shows only the changes of paths that one of its layers ships or removes."""
    files = joined(diff)
    every, rows = all_changes(files), pair_rows(diff)
    assert _children(ComparedViews(files, every, nodes_beside(rows[1], diff, files, every))) == ["app"]
    assert _children(ComparedViews(files, every, nodes_beside(rows[2], diff, files, every))) == ["d"]


def test_bytes_at_both_points(diff: ImageDiff) -> None:
    """A path has the bytes of each image; a directory those of all that is visible below it."""
    files = joined(diff)
    nodes = ComparedViews(files, all_changes(files)).of(STARTING_VIEW).nodes
    app = files.tree.find("app")
    assert app is not None
    assert (nodes.bytes_at(app, 0), nodes.bytes_at(app, 1)) == (1_000_001, 3_000_001)
    assert nodes.change(app) is Change.UNCHANGED


def test_summary_has_the_answers(diff: ImageDiff) -> None:
    """The summary has names, layers, and what the analysis found."""
    summary = ComparisonSummary.of(diff)
    assert (summary.old_layers, summary.new_layers) == (3, 2)
    assert summary.first_break is diff.first_break
    assert not summary.damaged


def test_waste_of_both_images(diff: ImageDiff) -> None:
    """Waste is compared by cause and by path; what is equal in both is left out."""
    old, new = diff.old.usage, diff.new.usage
    assert waste_by_cause(old, new) == [(Cause.REMOVED, 2_000_000, 0)]
    assert [(each.path, each.old_bytes, each.new_bytes) for each in waste_changes(old, new)] == [
        ("d/gone", 2_000_000, 0)
    ]


def test_orders_of_one_image_have_no_growth() -> None:
    """The order by growth exists for two images alone."""
    assert Sort.GROWTH not in FILE_ORDERS
    assert COMPARED_ORDERS[0] is Sort.GROWTH
    assert [order.following_in(FILE_ORDERS) for order in FILE_ORDERS] == [*FILE_ORDERS[1:], FILE_ORDERS[0]]
