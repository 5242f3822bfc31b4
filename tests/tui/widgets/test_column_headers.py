"""Column headers: sorting by a click, marks, and the columns that fit."""

from __future__ import annotations

import itertools
import re

import pytest

from explorer.analysis.changes import changes
from explorer.analysis.directories import Directories
from explorer.analysis.sizes import directory_sizes
from explorer.config.settings import Sort
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.tui.dialogs.finder import HIT_COLUMNS
from explorer.tui.files.file_columns import FILE_COLUMNS
from explorer.tui.layers.layer_columns import LAYER_COLUMNS
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.waste.waste_columns import FIX_COLUMNS, WASTE_COLUMNS
from explorer.tui.widgets.column_headers import Column, ColumnHeaders, fit_columns
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.visible_tree import VisibleTree
from tests.tui.driving import Screen, Show


def headers(screen: Screen) -> ColumnHeaders:
    return screen.main.query_one("#files").query_one(ColumnHeaders)


def at(screen: Screen, title: str) -> int:
    """Returns the cell where a header's title stands."""
    return headers(screen).render().plain.index(title)


async def click(screen: Screen, title: str) -> None:
    await screen.pilot.click(headers(screen), offset=(at(screen, title), 0))
    await screen.pilot.pause()


@pytest.mark.end_to_end
async def test_a_second_click_reverses(show: Show, sample: Exploration) -> None:
    """A click on a header sorts by its column, a second one reverses, a third one restores; the mark follows."""
    async with show(sample) as screen:
        forward = list(screen.names)
        assert "size▾" in screen.text()
        await click(screen, "size")
        assert screen.names == ["bin", "var/cache", "etc", "srv/app", "usr"]
        assert "size▴" in screen.text()
        assert "by size, reversed" in screen.text()
        await click(screen, "name")
        assert screen.main.view == View(3, sort=Sort.NAME)
        assert screen.names == sorted(forward)
        await click(screen, "name")
        assert screen.names == sorted(forward, reverse=True)
        assert "name▴" in screen.text()
        await click(screen, "name")
        assert screen.names == sorted(forward)
        await click(screen, "±")
        assert screen.main.view == View(3, sort=Sort.CHANGE)
        assert headers(screen).render().plain.startswith("±▾")
        await click(screen, "size")
        assert screen.names == forward


@pytest.mark.end_to_end
async def test_keys_reverse_too(show: Show, sample: Exploration) -> None:
    """S reverses the order; s goes on to the next order, not reversed."""
    async with show(sample) as screen:
        await screen.press("f", "S")
        assert screen.main.view == View(3, reversed=True)
        await screen.press("S")
        assert screen.main.view == View(3)
        await screen.press("S", "s")
        assert screen.main.view == View(3, sort=Sort.NAME)


@pytest.mark.end_to_end
async def test_headers_that_do_not_sort(show: Show, sample: Exploration) -> None:
    """The headers of mode and owner are muted, and do nothing at a click or below the mouse."""
    async with show(sample, size=(240, 36)) as screen:
        for title in ("mode", "owner"):
            await screen.pilot.hover(headers(screen), offset=(at(screen, title), 0))
            assert not headers(screen).has_class("-sorts")
            await click(screen, title)
            assert screen.main.view == View(3)
        await screen.pilot.hover(headers(screen), offset=(at(screen, "name"), 0))
        assert headers(screen).has_class("-sorts")
        await screen.pilot.hover(screen.files)
        assert not headers(screen).has_class("-sorts")
        colours = {
            segment.text.strip(): segment.style.color
            for segment in headers(screen).render_line(0)
            if segment.text.strip() and segment.style
        }
        assert colours["mode"] == colours["owner"] != colours["name"] != colours["size▾"]
        layers = screen.main.query_one(LayersPane).query_one(ColumnHeaders)
        await screen.pilot.hover(layers, offset=(layers.render().plain.index("step"), 0))
        assert not layers.has_class("-sorts")


@pytest.mark.parametrize("width", [2, 4, 5, 6, 0])
def test_the_mark_stays_in_its_column(width: int) -> None:
    """A mark shows where it has room, and the columns after it stay in place."""
    widget = ColumnHeaders()
    widget.show([(Column("", " ±", key="a"), width), (Column("", "next"), 4)], "a")
    line = widget.render().plain
    assert "±▾" in line
    assert line.index("next") == max(width, 3 if not width else 0) + 1


@pytest.mark.parametrize("hidden", [(), (Change.UNCHANGED,)])
def test_an_order_is_made_from_any_other(sample: Exploration, hidden: tuple[Change, ...]) -> None:
    """An order that follows any other one shows the same rows as a fresh tree."""
    tree, sizes = sample.tree, directory_sizes(sample.tree)
    everything = set(tree.walk())
    orders = [View(3, sort=sort, reversed=way, hidden=frozenset(hidden)) for sort in Sort for way in (False, True)]
    for first, second in itertools.permutations(orders, 2):
        cache = ViewCache(sample)
        cache.of(first)
        fresh = VisibleTree.unfiltered(second, Directories(tree), sizes, changes(tree, 2, 3))
        assert list(FileRows(cache.of(second), everything)) == list(FileRows(fresh, everything))


TABLE = (
    Column("size", "size", ((0, 4),), right=True),
    Column("bar", "", ((30, 10), (20, 6))),
    Column("mode", "mode", ((20, 3),)),
    Column("owner", "owner", ((20, 3),)),
    Column("name", "name"),
)


@pytest.mark.parametrize(("width", "cells"), [(30, [4, 10, 3, 3]), (29, [4, 6, 3, 3]), (19, [4, 0, 0, 0])])
def test_columns_fit(width: int, cells: list[int]) -> None:
    """A column shows from its width on; columns give way from the right, only where the names need their room."""
    columns = fit_columns(TABLE, width)
    assert list(columns.cells.values()) == cells
    assert [cells for _, cells in columns.headers] == [*filter(None, cells), 0]
    assert columns.last_at == sum(count + 1 for count in cells if count)


@pytest.mark.parametrize(
    "columns", [LAYER_COLUMNS, FILE_COLUMNS, WASTE_COLUMNS, FIX_COLUMNS, HIT_COLUMNS], ids=lambda each: each[-1].title
)
@pytest.mark.parametrize("width", range(32, 200, 8))
def test_two_blanks_between_titles(columns: tuple[Column, ...], width: int) -> None:
    """Two blanks at least stand between two titles, so that they do not read as one."""
    widget = ColumnHeaders()
    widget.show(fit_columns(columns, width).headers)
    text = widget.render().plain
    titles = [title for column, _ in fit_columns(columns, width).headers if (title := column.title.strip())]
    assert re.split(r"  +", text.strip()) == titles
