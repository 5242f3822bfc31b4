"""The parts of the benchmark; each yields Markdown as soon as it is measured."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from tests.benchmarks import tables
from tests.benchmarks.comparing import AGAINST, Bench, against, compare
from tests.benchmarks.growth import growth
from tests.benchmarks.processes import Run, run
from tests.benchmarks.supply import PACKINGS
from tests.benchmarks.tables import Measured, memory, ratio, table


def report(bench: Bench) -> Iterator[str]:
    """Measures a report without the cache."""
    rows = []
    for name, path in bench.archives():
        ours, dive = compare(bench, f"report, {name}", lambda program, path=path: program.reports(path, bench.limit))  # type: ignore[misc]
        floor = float(_child("floor", str(path), str(bench.pairs)))
        rows.append([name, *against(ours, dive), tables.seconds(floor), ratio(ours.seconds, floor)])
    yield "### `lx report --no-cache` and `dive --ci`\n"
    yield table(["image", *AGAINST, "floor", "lx over the floor"], rows)
    yield (
        "\nThe floor: for plain layers, reading every tar header in the shortest Python loop; for compressed layers, "
        "decompressing them on all cores (gzip with ISA-L). It includes no start of a program, no digest, no result.\n"
    )


def screen(bench: Bench) -> Iterator[str]:
    """Measures the time until the screen is usable."""
    rows, firsts = [], []
    for name, path in bench.archives(("", "gzip")):
        ours, dive = compare(bench, f"screen, {name}", lambda program, path=path: program.shows(path, bench.limit))  # type: ignore[misc]
        rows.append([name, *against(ours, dive)])
        first = ours.first_seconds
        shown = tables.NOTHING if first is None else tables.seconds(first)
        firsts.append([name, shown, dive.time(), ratio(dive.seconds, first)])
    yield "### Until the first files show\n"
    yield table(["image", "lx", "dive usable", "times as fast"], firsts)
    yield "\nThe files of the bottom layer, which can be walked. dive shows no files before its screen is usable.\n"
    yield "### Until the screen is usable\n"
    yield table(["image", *AGAINST], rows)
    yield (
        "\nIn a terminal of 120x36: figures and file tree show, no output came for 50 ms (which are included), and Tab "
        "has an effect. The memory is the peak until the program ends.\n"
    )


def cache(bench: Bench) -> Iterator[str]:
    """Measures the first look, and the second, which finds the layers in the cache."""
    rows = []
    for name, path in bench.archives(PACKINGS):
        looks: tuple[tuple[str, Callable[[Path], Run]], ...] = (
            ("report", lambda home, path=path: bench.ours.reports(path, bench.limit, home)),  # type: ignore[misc]
            ("screen", lambda home, path=path: bench.ours.shows(path, bench.limit, home)),  # type: ignore[misc]
        )
        for what, look in looks:
            first, second, kept = _twice(bench, look)
            click.echo(f"cache, {what}, {name}: {first.time()}, then {second.time()}", err=True)
            cells = [first.time(), second.time(), first.over(second), first.memory(), second.memory(), memory(kept)]
            rows.append([f"{what}, {name}", *cells])
    yield "### The second look, from the cache\n"
    heads = ["what", "first", "second", "times as fast", "first, peak", "second, peak", "on disk"]
    yield f"{table(heads, rows)}\n"


def _twice(bench: Bench, look: Callable[[Path], Run]) -> tuple[Measured, Measured, int]:
    """Returns first looks, second looks, and the size of the cache on disk.

    Each pair of looks has its own cache.
    """
    first, second, kept = [], [], 0
    for _ in range(bench.pairs):
        with tempfile.TemporaryDirectory(dir=bench.ours.home) as home:
            first.append(look(Path(home)))
            second.append(look(Path(home)))
            kept = sum(path.stat().st_size for path in Path(home).rglob("*") if path.is_file())
    return Measured(tuple(first), bench.limit), Measured(tuple(second), bench.limit), kept


def keys(bench: Bench) -> Iterator[str]:
    """Measures keys on this program's screen."""
    for image in bench.images:
        measured = json.loads(_child("keys", str(image), str(bench.presses)))
        empty = statistics.median(measured["empty"])
        rows = []
        for name, times in measured["actions"].items():
            above = [max(0.0, time - empty) for time in times]
            middle, most = statistics.median(above), tables.percentile(above, 0.95)
            rows.append([name, tables.seconds(middle), tables.seconds(most), str(len(above))])
        named = f" of {image.name}" if len(bench.images) > 1 else ""
        yield f"### Keys{named}, with {measured['rows']:,} open rows\n"
        yield table(["key", "median", "95th percentile", "presses"], rows)
        yield (
            "\nFrom the key to the painted screen of 120x36, less the median that an empty Textual application takes "
            f"for a key in the same measurement, {tables.seconds(empty)}.\n"
        )


def _child(module: str, *arguments: str) -> bytes:
    """Runs a module of this package in its own process, and returns its output."""
    result = run([sys.executable, "-m", f"tests.benchmarks.{module}", *arguments], all_output=False)
    if result.exit_code:
        raise click.ClickException(f"{module} failed")
    return result.output


PARTS: dict[str, Callable[[Bench], Iterator[str]]] = {
    "report": report,
    "screen": screen,
    "cache": cache,
    "growth": growth,
    "keys": keys,
}
