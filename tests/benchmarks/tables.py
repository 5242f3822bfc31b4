"""Formats figures, and rows as Markdown tables."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.processes import LIMIT, Run

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Measured:
    """Several runs of the same measurement."""

    runs: tuple[Run, ...] = ()
    limit: float = math.inf

    @property
    def trouble(self) -> str:
        """Returns the reason why there are no figures, or an empty text."""
        return next((run.trouble for run in self.runs if run.trouble), "" if self.runs else NOTHING)

    @property
    def seconds(self) -> float | None:
        """Returns the median time."""
        return None if self.trouble else statistics.median(run.seconds for run in self.runs)

    @property
    def first_seconds(self) -> float | None:
        """Returns the median time until the first files of a screen showed."""
        return None if self.trouble else statistics.median(run.first_seconds for run in self.runs)

    @property
    def peak(self) -> float | None:
        """Returns the median of the peaks, in bytes."""
        return None if self.trouble else statistics.median(run.peak for run in self.runs)

    def time(self) -> str:
        """Returns the median time as text, or the reason why there is none."""
        if self.trouble == LIMIT:
            return f"> {self.limit:.0f} s"
        return self.trouble if self.seconds is None else seconds(self.seconds)

    def memory(self) -> str:
        """Returns the peak memory as text."""
        return NOTHING if self.peak is None else memory(self.peak)

    def over(self, other: Measured) -> str:
        """Returns the factor to another time; a lower bound if this run reached its limit."""
        if self.trouble == LIMIT and other.seconds:
            return f"> {times(self.limit / other.seconds)}"
        return ratio(self.seconds, other.seconds)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table: first column left, figures right."""
    widths = [max(3, *(len(line[i]) for line in (heads, *rows))) for i in range(len(heads))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = "|".join(f"{'-' * (width + 1)}:" if i else "-" * (width + 2) for i, width in enumerate(widths))
    return "\n".join([line(heads), f"|{rule}|", *map(line, rows)])


def seconds(value: float) -> str:
    """Formats a time with about two digits: ``43 ms``, ``0.71 s``, ``7.8 s``."""
    if value < 0.0995:
        return f"{value * 1000:.1f} ms" if value < 0.00995 else f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < 9.95 else f"{value:.0f} s" if value >= 99.5 else f"{value:.1f} s"


def memory(count: float) -> str:
    """Formats bytes of memory: ``210 MB``."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def times(value: float) -> str:
    """Formats a factor: ``1.4×``, ``23×``."""
    return f"{value:.0f}×" if value >= 99.5 else f"{value:.1f}×"


def ratio(part: float | None, whole: float | None) -> str:
    """Formats the quotient as a factor."""
    return NOTHING if part is None or not whole else times(part / whole)


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value that ``share`` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
