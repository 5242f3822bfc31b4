"""The rows of the layers, without a terminal."""

from __future__ import annotations

from explorer.model import HistoryStep
from explorer.viewmodel.layer_rows import (
    LayerOrder,
    LayerRow,
    LayerSizes,
    LayersView,
    arranged_rows,
    folded_words,
    largest_layer,
    row_command,
)

ROWS = [
    LayerRow(0, HistoryStep("RUN a")),
    LayerRow(0, HistoryStep("ENV A=1"), is_empty=True),
    LayerRow(1, HistoryStep("RUN b")),
    LayerRow(2, HistoryStep("RUN c")),
    LayerRow(2, HistoryStep("ENV B=2"), is_empty=True),
    LayerRow(2, HistoryStep("USER d"), is_empty=True),
]
SIZES = [LayerSizes(5, 1), LayerSizes(9, 0), LayerSizes(5, 3)]


def arranged(view: LayersView, room: int = 9) -> str:
    """Returns the numbers of the layers in order, a dot for a step, and a plus for several steps."""
    rows = arranged_rows(ROWS, SIZES, view, room)
    return "".join("+" if row.folded else "." if row.is_empty else str(row.layer) for row in rows)


def test_tools_without_a_dockerfile() -> None:
    """The command of a tool shows with the comment, which differs between its layers."""
    jib = HistoryStep("jib-maven-plugin:3.4.0", comment="dependencies")
    assert row_command(LayerRow(0, jib)) == "jib-maven-plugin:3.4.0: dependencies"
    assert row_command(LayerRow(0, HistoryStep("RUN /bin/sh -c make", comment="buildkit.dockerfile.v0"))) == "RUN make"
    assert row_command(LayerRow(0, None)) == "(no command recorded)"


def test_orders() -> None:
    """Layers are in build order, by size or by waste, and each order can be reversed; equal ones keep build order."""
    view = LayersView()
    assert arranged(view) == "0.12.."
    assert arranged(view.sorted_by(LayerOrder.NUMBER)) == "..21.0"
    by_size = view.sorted_by(LayerOrder.SIZE)
    assert arranged(by_size) == "102+"
    assert arranged(by_size.sorted_by(LayerOrder.SIZE)) == "201+"
    assert arranged(by_size.sorted_by(LayerOrder.WASTED)) == "201+"
    assert by_size.order.following.following is LayerOrder.NUMBER


def test_folded_steps() -> None:
    """Steps share the last row where not all rows fit, unless the user decides otherwise."""
    assert arranged(LayersView(), room=6) == "0.12.."
    assert arranged(LayersView(), room=5) == "012+"
    assert arranged(LayersView(is_folded=False), room=2) == "0.12.."
    assert arranged(LayersView(is_folded=True)) == "012+"
    assert folded_words(arranged_rows(ROWS, SIZES, LayersView(), 0)[-1]) == "3 metadata-only steps: ENV, USER"
    assert arranged_rows(ROWS[:2], SIZES, LayersView(), 0) == ROWS[:2]


def test_the_largest_layer() -> None:
    """The largest layer is the lowest of equal ones, and 0 as long as nothing is known."""
    assert largest_layer(SIZES) == 1
    assert largest_layer([LayerSizes(), LayerSizes()]) == 0
    assert largest_layer([]) == 0
