"""The words about the selected layer: how much of it is in the final image, and what hides the rest."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.groups import disposable_groups
from explorer.analysis.layer_stats import LayerStats
from explorer.analysis.waste import WasteByLayer
from explorer.model import Cause, Layer
from explorer.tui.layers.figures_text import savings_lines, undone_lines, waste_lines
from explorer.viewmodel.layer_savings import LayerSavings, layer_savings
from tests.images import big, explored_layers, layer, whiteout

KB = 1_000


def words(shipped: int, parts: list[tuple[Cause, int, int]]) -> list[str]:
    """The words about layer 0 with these wasted parts: cause, hiding layer, bytes."""
    wasted = sum(bytes_ for _, _, bytes_ in parts)
    layer = Layer(0, None)  # type: ignore[arg-type]
    stats = LayerStats(layer, shipped, 1, 1, 0, 0, 0, 0, wasted, 0, ())
    waste = WasteByLayer({0: Counter({(cause, hidden_in): bytes_ for cause, hidden_in, bytes_ in parts})}, {})
    return [line.plain for line in waste_lines(stats, waste, 80)]


@pytest.mark.parametrize(
    ("shipped", "wasted", "first"),
    [
        (0, 0, "adds no data"),
        (48 * KB, 0, "all 48 kB is in the final image"),
        (48 * KB, 48 * KB, "none of its 48 kB is in the final image"),
        (48 * KB, 8 * KB, "40 of 48 kB is in the final image"),
        (2_000 * KB, 1_500 * KB, "500 kB of 2.0 MB is in the final image"),
        (48 * KB, 1, "nearly all 48 kB is in the final image"),
    ],
)
def test_share_in_the_final_image(shipped: int, wasted: int, first: str) -> None:
    """The share that is in the final image comes first, with the unit once."""
    assert words(shipped, [(Cause.REMOVED, 1, wasted)] if wasted else [])[0] == first


def test_what_hides_the_rest() -> None:
    """Each cause has one line, the largest first, with its layers, or their number if they are many."""
    parts = [(Cause.OVERWRITTEN, layer, layer * KB) for layer in range(1, 7)]
    parts += [(Cause.REMOVED, 3, 9 * KB), (Cause.RECOPIED, 4, 2 * KB), (Cause.RECOPIED, 2, KB), (Cause.DUPLICATE, 0, 5)]
    assert words(100 * KB, parts)[1:] == [
        "   21 kB  replaced by 6 layers",
        "  9.0 kB  deleted by layer 3, too late",
        "  3.0 kB  shipped again unchanged by layers 2 and 4",
        "     5 B  twice in this layer, or never visible",
    ]


def test_what_is_undone() -> None:
    """The bytes that a layer deletes or replaces stand apart from those that it ships again."""
    causes = {(Cause.REMOVED, 2): 3 * KB, (Cause.OVERWRITTEN, 2): KB, (Cause.RECOPIED, 2): 5, (Cause.REMOVED, 3): 9}
    waste = WasteByLayer({0: Counter(causes), 1: Counter({(Cause.REMOVED, 2): KB})}, {2: {0, 1}, 3: {0}})
    assert [line.plain for line in undone_lines(2, waste, 90)] == [
        "✗ Deletes or replaces 5.0 kB from layers 0 and 1; the image gets no smaller.",
        "= Ships 5 B from layer 0 again unchanged.",
    ]
    assert not list(undone_lines(1, waste, 90))


def test_disposable_kinds() -> None:
    """The kinds of disposable files have their bytes and directory; small ones are one line; the base says so."""
    kinds = disposable_groups(
        Disposable("var/a", (9 - number) * KB, kind, 0)
        for number, kind in enumerate(("logs", "npm", "pip", "apk", "dnf", "uv"))
    )
    lines = [line.plain for line in savings_lines(LayerSavings(kinds, (), is_base=True), 120)]
    assert lines[0].startswith(
        "◌ 39 kB disposable, that a container is not expected to need; only the base image can leave it out:"
    )
    assert lines[1] == "  9.0 kB  logs  /var"
    assert lines[-1] == "  9.0 kB  2 other kinds"


def test_fixes_of_a_step(tmp_path: Path) -> None:
    """A layer has its share of the fixes of its step; one whose deletion comes too late has none of the bytes."""
    lists = [big(f"var/lib/apt/lists/{name}", 1) for name in "ab"]
    found = explored_layers(tmp_path, layer(*lists, big("a", 1)), layer(*(whiteout(each.name) for each in lists)))
    savings = layer_savings(found)
    for number in (0, 1):
        lines = [line.plain for line in savings_lines(savings[number], 120)]
        assert lines[0] == "Fixes (w), with the part that this layer ships:"
        assert lines[1].startswith(("  2.0 MB  Delete apt's lists", "       –  Delete apt's lists")[number])
        assert lines[1].endswith("2.0 MB, all in other layers") is (number == 1)
    assert savings[1].disposables == []
