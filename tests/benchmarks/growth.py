"""Measures how time and memory grow with the entries and layers of an image."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks import tables
from tests.benchmarks.comparing import AGAINST, Bench, against, compare
from tests.benchmarks.recipe import Recipe
from tests.benchmarks.supply import warm
from tests.benchmarks.tables import Measured, table

_COLUMNS = ("report", "to the line before", "for each entry", "peak")


def growth(bench: Bench) -> Iterator[str]:
    """Yields tables for more entries and more layers.

    Files are small, because the disk is not to be measured.
    """
    by_entries = [Recipe(bench.unit * factor, 10, "small") for factor in (1, 10, 100)]
    yield "### More entries, 10 layers\n"
    yield from _reports(bench, by_entries, "entries", lambda recipe: recipe.entries)
    yield f"Until the screen of the {by_entries[-1].entries:,} entries is usable:\n"
    yield from _screen(bench, by_entries[-1])
    by_layers = [Recipe(bench.unit * 10, layers, "small") for layers in (2, 20, 60, 120)]
    yield f"### More layers, {bench.unit * 10:,} entries\n"
    yield from _reports(bench, by_layers, "layers", lambda recipe: recipe.layers)


def _reports(bench: Bench, recipes: Sequence[Recipe], what: str, of: Callable[[Recipe], int]) -> Iterator[str]:
    rows, before, last = [], (Measured(), Measured()), 0
    for recipe in recipes:
        with bench.supply.borrowed(recipe) as path:
            warm(path)
            both = compare(
                bench,
                f"report, {of(recipe):,} {what}",
                lambda program, path=path: program.reports(path, bench.limit),  # type: ignore[misc]
            )
        cells = [f"{of(recipe):,}", tables.ratio(of(recipe), last)]
        for now, then in zip(both, before, strict=True):
            each = f"{now.seconds / recipe.entries * 1e6:.1f} µs" if now.seconds else tables.NOTHING
            cells += [now.time(), now.over(then), each, now.memory()]
        rows.append(cells)
        before, last = both, of(recipe)
    heads = [what, "to the line before", *(f"{name}: {column}" for name in ("lx", "dive") for column in _COLUMNS)]
    yield f"{table(heads, rows)}\n"


def _screen(bench: Bench, recipe: Recipe) -> Iterator[str]:
    name = f"{recipe.entries:,} entries"
    with bench.supply.borrowed(recipe) as path:
        warm(path)
        both = compare(bench, f"screen, {name}", lambda program: program.shows(path, bench.limit))
    yield f"{table(['image', *AGAINST], [[name, *against(*both)]])}\n"
