"""Words that reports and verdicts have in common. All printable, on one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.analysis.layer_stats import LayerStats
from explorer.gate.judges import ForbiddenFile
from explorer.model import Cause, Layer, Waste
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.text.words import hidden_by, layer_command

_LONGEST_PATH = 300
_READ_OF_A_COMMAND = 4096
"""Characters that are looked at for the few that are shown."""


def path(name: str) -> str:
    """A path of an image, absolute; of a very long one the start and the end."""
    shown = printable(f"/{name}")
    half = _LONGEST_PATH // 2
    return shown if len(shown) <= _LONGEST_PATH else f"{shown[:half]}…{shown[-half:]}"


def command(layer: Layer, longest: int) -> str:
    """What made a layer, cut to so many characters."""
    text = layer_command(layer, _READ_OF_A_COMMAND)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def notes(figures: LayerStats) -> Iterator[str]:
    """What figures leave out: directories, where nothing else changed, and what is shipped for no reason at all."""
    if figures.directories_changed and not (figures.added or figures.modified or figures.removed):
        yield f"changes {counted(figures.directories_changed, 'directory', 'directories')}"
    if figures.unchanged:
        yield f"ships {counted(figures.unchanged, 'file')} again, unchanged"


def reason(file: Waste | ForbiddenFile) -> str:
    """The layer that shipped a file, and the one that hides it: ``shipped by layer 1, removed by layer 5``."""
    shipped = f"shipped by layer {file.shipped_in}"
    if file.hidden_in is None:
        return shipped
    hidden = hidden_by(file.hidden_in, file.cause)
    return hidden if file.cause is Cause.DUPLICATE else f"{shipped}, {hidden}"


def largest_waste(wasted: Sequence[Waste], most: int) -> Iterator[str]:
    """A line for each of the largest wasted files, and one for all the others."""
    yield from (f"{size(waste.bytes):>8}  {path(waste.path)}  ({reason(waste)})" for waste in wasted[:most])
    left = wasted[most:]
    if left:
        yield f"{size(sum(waste.bytes for waste in left)):>8}  in {counted(len(left), 'more file')}"
