"""Both programs on the same image, in turn."""

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
"""The heads of the cells that ``against`` gives."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What all parts need to know."""

    images: Sequence[Path]
    supply: Supply
    ours: Program
    dive: Program | None
    pairs: int
    limit: float
    entries: int
    """Of the made image; growth is measured in fourteenths of it: one, ten and a hundred."""
    presses: int

    @property
    def unit(self) -> int:
        """The fewest entries of the part about growth."""
        return max(1, self.entries // 14)

    def archives(self, kinds: Sequence[str] = ("", *PACKINGS)) -> Iterator[tuple[str, Path]]:
        """What to call them, and the images in each kind of archive."""
        for image in self.images:
            for kind in kinds:
                path = self.supply.packed(image, kind) if kind else image
                named = f"{image.name}: " if len(self.images) > 1 else ""
                warm(path)
                yield f"{named}{KINDS[kind]}", path


@dataclass
class _Side:
    """One of the programs in a comparison."""

    program: Program
    runs: list[Run] = field(default_factory=list)


def compare(bench: Bench, what: str, measure: Callable[[Program], Run]) -> tuple[Measured, Measured]:
    """Both programs, one after the other and the other way round, in turn; one that fails is not asked again."""
    sides = [_Side(program) for program in (bench.ours, bench.dive) if program is not None]
    for pair in range(bench.pairs):
        for side in sides if pair % 2 == 0 else reversed(sides):
            if side.runs and side.runs[-1].trouble:
                continue
            found = measure(side.program)
            side.runs.append(found)
            shown = found.trouble or tables.seconds(found.seconds)
            click.echo(f"{what}, {pair + 1} of {bench.pairs}: {side.program.name} {shown}", err=True)
    measured = [Measured(tuple(side.runs), bench.limit) for side in sides]
    return measured[0], measured[1] if len(measured) > 1 else Measured()


def against(ours: Measured, dive: Measured) -> list[str]:
    """The cells of both programs side by side."""
    share = f"{ours.peak / dive.peak:.0%}" if ours.peak and dive.peak else tables.NOTHING
    return [ours.time(), dive.time(), dive.over(ours), ours.memory(), dive.memory(), share]
