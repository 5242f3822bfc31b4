"""Runs both programs on the same image, in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from tests.benchmarks import tables
from tests.benchmarks.processes import Run
from tests.benchmarks.programs import Program
from tests.benchmarks.supply import PACKINGS, Supply, warm
from tests.benchmarks.tables import Measured

KINDS = {"": "docker-archive, plain layers", "gzip": "OCI archive, gzip layers", "zstd": "OCI archive, zstd layers"}
AGAINST = ("lx", "dive", "times as fast", "lx, peak", "dive, peak", "of dive's memory")
"""The column headers for the cells of ``against``."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Settings that all parts share."""

    images: Sequence[Path]
    supply: Supply
    ours: Program
    dive: Program | None
    pairs: int
    limit: float
    entries: int
    """Entries of the made image; growth uses 1, 10 and 100 fourteenths of them."""
    presses: int

    @property
    def unit(self) -> int:
        """Returns the smallest number of entries in the part about growth."""
        return max(1, self.entries // 14)

    def archives(self, kinds: Sequence[str] = ("", *PACKINGS)) -> Iterator[tuple[str, Path]]:
        """Yields a label and a path for each image in each kind of archive."""
        for image in self.images:
            for kind in kinds:
                path = self.supply.packed(image, kind) if kind else image
                named = f"{image.name}: " if len(self.images) > 1 else ""
                warm(path)
                yield f"{named}{KINDS[kind]}", path


@dataclass
class _Side:
    """A program in a comparison, with its runs."""

    program: Program
    runs: list[Run] = field(default_factory=list)


def compare(bench: Bench, what: str, measure: Callable[[Program], Run]) -> tuple[Measured, Measured]:
    """Runs both programs in alternating order; a program that fails is not run again."""
    sides = [_Side(program) for program in (bench.ours, bench.dive) if program is not None]
    for pair in range(bench.pairs):
        for side in sides if pair % 2 == 0 else reversed(sides):
            if side.runs and side.runs[-1].trouble:
                continue
            result = measure(side.program)
            side.runs.append(result)
            shown = result.trouble or tables.seconds(result.seconds)
            click.echo(f"{what}, {pair + 1} of {bench.pairs}: {side.program.name} {shown}", err=True)
    measured = [Measured(tuple(side.runs), bench.limit) for side in sides]
    return measured[0], measured[1] if len(measured) > 1 else Measured()


def against(ours: Measured, dive: Measured) -> list[str]:
    """Returns the cells that compare both programs."""
    share = f"{ours.peak / dive.peak:.0%}" if ours.peak and dive.peak else tables.NOTHING
    return [ours.time(), dive.time(), dive.over(ours), ours.memory(), dive.memory(), share]
