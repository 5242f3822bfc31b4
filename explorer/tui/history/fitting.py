"""The items of the history bar that fit: all layers come before notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textual.content import Content

from explorer.tui.history.history_items import GAP_CELLS, HistoryItem


class FittedItem(NamedTuple):
    """An item as it shows, or the dots in the place of layers that are left out."""

    text: Content
    layer: int | None = None
    """The layer that a click leads to."""
    is_selected: bool = False
    is_note: bool = True
    """False in the chain of the layers, with the dots."""


_DOTS = FittedItem(Content.styled("…", "$muted"), is_note=False)
_DOTS_CELLS = _DOTS.text.cell_length + GAP_CELLS


def fit_items(items: Sequence[HistoryItem], room: int, selected: int | None) -> list[FittedItem]:
    """Returns the items that fit: first all layers, then the notes, then long texts.

    ``selected`` is the index of the selected layer, or None. If not even the layers fit, the selected one, the last and
    the first keep their texts; the others are numbers alone, or dots.
    """
    layers = [item for item in items if item.layer is not None]
    notes = [item for item in items if item.layer is None]
    least = sum(_cells(item.short) for item in layers)
    shown = _fit_notes(notes, room - least, must_show=not layers)
    rest = room - sum(map(_cells, shown))
    chain = _fit_layers(layers, rest, len(layers) - 1 if selected is None else selected)
    fitted: list[FittedItem] = []
    expected = 0
    for index, text in sorted(chain.items()):
        if index != expected:
            fitted.append(_DOTS)
        fitted.append(FittedItem(text, layers[index].layer, index == selected, is_note=False))
        expected = index + 1
    if expected != len(layers):
        fitted.append(_DOTS)
    return [*fitted, *map(FittedItem, shown)]


def _fit_notes(notes: Sequence[HistoryItem], room: int, *, must_show: bool) -> list[Content]:
    """Returns the notes that fit, all long or all short; the first go first."""
    for texts in ([note.long for note in notes], *([note.short for note in notes[i:]] for i in range(len(notes)))):
        if sum(map(_cells, texts)) <= room:
            return texts
    return [notes[-1].short] if must_show and notes else []


def _fit_layers(layers: Sequence[HistoryItem], room: int, selected: int) -> Mapping[int, Content]:
    """Returns the text of each layer that fits, by its index."""
    for long_indexes in (range(len(layers)), (selected,), ()):
        texts = [item.long if index in long_indexes else item.short for index, item in enumerate(layers)]
        if sum(map(_cells, texts)) <= room:
            return dict(enumerate(texts))
    if not layers:
        return {}
    last = len(layers) - 1
    order = sorted(range(len(layers)), key=lambda i: (i != selected, i != last, i != 0, abs(i - selected), i))
    numbers = [Content.styled(str(item.layer), "$muted") for item in layers]
    fitted = {selected: layers[selected].short}
    room -= _cells(layers[selected].short)
    if sum(map(_cells, numbers)) - _cells(numbers[selected]) <= room:
        texts = numbers
    else:
        texts = [layers[index].short if index in (0, last) else numbers[index] for index in range(len(layers))]
        # The first, the selected and the last may have layers between them left out.
        room -= 2 * _DOTS_CELLS
    for index in order[1:]:
        text = texts[index] if _cells(texts[index]) <= room else numbers[index]
        if _cells(text) > room:
            break
        room -= _cells(text)
        fitted[index] = text
    for index in order:
        more = _cells(layers[index].short) - _cells(fitted[index]) if index in fitted else 0
        if 0 < more <= room:
            room -= more
            fitted[index] = layers[index].short
    return fitted


def _cells(text: Content) -> int:
    return text.cell_length + GAP_CELLS
