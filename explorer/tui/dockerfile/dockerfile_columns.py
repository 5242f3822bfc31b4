"""The columns of the Dockerfile: header, widths and cell of each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from explorer.text.units import size
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable

if TYPE_CHECKING:
    from explorer.viewmodel.dockerfile_rows import DockerfileRow

_SECONDS_PER_MINUTE, _SECONDS_PER_HOUR = 60, 3600
_MAX_DECIMAL = 10
"""Seconds or hours below this number have a decimal."""
_MIN_NUMBER_CELLS = 2


class LineFacts(NamedTuple):
    """Facts about a line that its cells show."""

    row: DockerfileRow
    is_selected: bool
    """True if the line made the selected layer or step."""


def _mark(facts: LineFacts, cells: int) -> tuple[str, str]:  # noqa: ARG001 - it always fits
    return "▌" if facts.is_selected else " ", "dockerfile--selected"


def _number(facts: LineFacts, cells: int) -> tuple[str, str]:
    style = "dockerfile--selected" if facts.is_selected else "dockerfile--muted"
    return str(facts.row.number).rjust(cells), style


def _size(facts: LineFacts, cells: int) -> tuple[str, str]:
    usage = facts.row.first_usage
    if usage is not None and not facts.row.is_in_image:
        # So it also stands out without colours.
        return "–".rjust(cells), "dockerfile--excluded"
    bytes_ = usage.bytes if usage is not None and usage.layers else None
    return ("" if bytes_ is None else size(bytes_)).rjust(cells), "" if bytes_ else "dockerfile--muted"


def _wasted(facts: LineFacts, cells: int) -> tuple[str, str]:
    usage = facts.row.first_usage
    wasted = usage.wasted_bytes if usage is not None else None
    return (size(wasted) if wasted else "").rjust(cells), "dockerfile--waste"


def _time(facts: LineFacts, cells: int) -> tuple[str, str]:
    usage = facts.row.first_usage
    text = ""
    if usage is not None:
        text = "CACHED" if usage.is_cached else "" if usage.seconds is None else duration(usage.seconds)
    return text.rjust(cells), "dockerfile--muted"


def _layer(facts: LineFacts, cells: int) -> tuple[str, str]:
    usage = facts.row.first_usage
    layers = usage.layers if usage is not None else ()
    text = "" if not layers else f"{layers[0]}" if len(layers) == 1 else f"{layers[0]}–{layers[-1]}"
    return text.rjust(cells), "dockerfile--layer"


def duration(seconds: float) -> str:
    """Returns a time in seven cells at most: ``0.4 s``, ``12 min``, ``2.5 h``."""
    if round(seconds) < _SECONDS_PER_MINUTE:
        return f"{seconds:.1f} s" if seconds < _MAX_DECIMAL else f"{seconds:.0f} s"
    if seconds < _SECONDS_PER_HOUR:
        return f"{seconds / _SECONDS_PER_MINUTE:.0f} min"
    hours = seconds / _SECONDS_PER_HOUR
    return f"{hours:.1f} h" if hours < _MAX_DECIMAL else f"{min(hours, 9999):,.0f} h"


DOCKERFILE_CELLS: CellTable[LineFacts] = {
    Column("mark", "", ((0, 1),)): _mark,
    Column("number", "#", ((0, _MIN_NUMBER_CELLS),), right=True): _number,
    Column("size", "size", ((28, 7),), right=True): _size,
    Column("wasted", "wasted", ((44, 7),), right=True): _wasted,
    Column("time", "time", ((56, 7),), right=True): _time,
    Column("layer", "layer", ((68, 5),), right=True): _layer,
}
"""The columns before the text, from the left."""
_TEXT = Column("text", "Dockerfile")
_OF_EVERY_LINE = ("mark", "number")


def dockerfile_columns(lines: int, *, has_figures: bool) -> tuple[Column, ...]:
    """Returns the columns of a Dockerfile with a number of lines."""
    digits = max(_MIN_NUMBER_CELLS, len(str(lines)))
    columns = [
        column._replace(cells=((0, digits),)) if column.name == "number" else column
        for column in DOCKERFILE_CELLS
        if has_figures or column.name in _OF_EVERY_LINE
    ]
    return (*columns, _TEXT)
