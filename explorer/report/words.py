"""Words that reports and verdicts share, printable and on one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.base.base_words import base_summary, wasted_by_own_layers, wasted_inside
from explorer.analysis.layer_stats import LayerStats
from explorer.analysis.waste import ByteUsage
from explorer.gate.limits import ForbiddenFile
from explorer.model import Cause, Layer, Waste
from explorer.pipeline import Exploration
from explorer.text.printable import cut, printable
from explorer.text.units import counted, size
from explorer.text.words import CAUSES, hidden_by, layer_command

MAX_FILES = 20
"""Wasted files that a report lists."""
CERTAINTIES = "Certain: no container needs these files. Likely: few containers do."
UNDOES = "Undoes: the bytes of lower layers that a layer deletes, replaces or ships again."
_MAX_PATH_CHARS = 300
MAX_READ_COMMAND_CHARS = 4096
"""The part of a command that is read to show its beginning."""


def path(name: str) -> str:
    """A path of an image, absolute; a very long one is cut in the middle."""
    shown = printable(f"/{name}")
    half = _MAX_PATH_CHARS // 2
    return shown if len(shown) <= _MAX_PATH_CHARS else f"{shown[:half]}…{shown[-half:]}"


def command(layer: Layer, max_chars: int) -> str:
    """The command that made a layer, cut to ``max_chars`` characters."""
    return cut(layer_command(layer, MAX_READ_COMMAND_CHARS), max_chars)


def layer_cells(figures: LayerStats) -> Sequence[str]:
    """Number, bytes, counts and command of a layer; zeros are blank."""
    return (
        str(figures.layer.number),
        size(figures.bytes),
        *(size(count) if count else "" for count in (figures.wasted_bytes, figures.hides_bytes)),
        *(f"{count:,}" if count else "" for count in (figures.added, figures.modified, figures.removed)),
        layer_command(figures.layer, MAX_READ_COMMAND_CHARS),
    )


def cause_cells(usage: ByteUsage) -> Iterator[Sequence[str]]:
    """The size, name and meaning of each cause of waste, the largest first."""
    for cause, count in sorted(usage.by_cause.items(), key=lambda item: -item[1]):
        if count:
            yield size(count), cause.value, CAUSES[cause]


def without(exploration: Exploration, before: str = ", ") -> str:
    """Names the layers that no figure counts: ``, without layer 1``; usually empty."""
    missing = ", ".join(map(str, exploration.missing_layers))
    return (
        f"{before}without {'layers' if len(exploration.missing_layers) > 1 else 'layer'} {missing}" if missing else ""
    )


class BaseFigure(NamedTuple):
    """A figure of the base, or of the layers above it. All texts are printable."""

    name: str
    bytes: int | None
    """Shipped bytes; None if it is not known where the base ends."""
    wasted: str
    layers: str
    """The layers, and for the base its name and the evidence."""

    @property
    def remark(self) -> str:
        """The words after the bytes."""
        return "; ".join(filter(None, (self.wasted, self.layers)))


def base_figures(exploration: Exploration) -> Iterator[BaseFigure]:
    """Yields the known figures of the base and of the layers above it."""
    base, shares = exploration.base, exploration.base_shares
    if base is not None:
        words_of_base = f"{base_summary(base)}: {base.reason}"
        if shares is None:
            yield BaseFigure("base", None, "", words_of_base)
        else:
            yield BaseFigure("base", shares.base.shipped_bytes, wasted_inside(shares), words_of_base)
            layers = counted(shares.own.layers, "layer")
            yield BaseFigure("yours", shares.own.shipped_bytes, wasted_by_own_layers(shares), layers)


def notes(figures: LayerStats) -> Iterator[str]:
    """Notes on changed directories and on files shipped again unchanged."""
    if figures.directories_changed and not (figures.added or figures.modified or figures.removed):
        yield f"changes {counted(figures.directories_changed, 'directory', 'directories')}"
    if figures.unchanged:
        yield f"rewrites {counted(figures.unchanged, 'file')} unchanged"


def reason(file: Waste | ForbiddenFile) -> str:
    """The reason of waste: ``shipped by layer 1, removed by layer 5``."""
    shipped = f"shipped by layer {file.shipped_in}"
    if file.hidden_in is None:
        return shipped
    hidden = hidden_by(file.hidden_in, file.cause)
    return hidden if file.cause is Cause.DUPLICATE else f"{shipped}, {hidden}"


def largest_waste(wasted: Sequence[Waste], max_files: int) -> Iterator[str]:
    """Lists the largest wasted files, with one line for the others."""
    yield from (f"{size(waste.bytes):>8}  {path(waste.path)}  ({reason(waste)})" for waste in wasted[:max_files])
    more = wasted[max_files:]
    if more:
        yield f"{size(sum(waste.bytes for waste in more)):>8}  in {counted(len(more), 'more file')}"
