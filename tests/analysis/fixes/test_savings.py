"""The sums of the fixes, and the part of the base."""

from __future__ import annotations

from pathlib import Path

from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.analysis.fixes.fix import Fix
from explorer.analysis.fixes.savings import merge_advice
from tests.images import big, explored_layers, layer, whiteout

HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["bash"]', "empty_layer": True},
    {"created_by": "RUN apt-get update"},
    {"created_by": "RUN rm -rf /var/lib/apt/lists/*"},
]


def test_savings_are_the_sums_of_the_fixes_with_the_base_apart(tmp_path: Path) -> None:
    """Each wasted and each disposable byte is in one figure."""
    image = explored_layers(
        tmp_path,
        layer(big("usr/share/doc/a", 4)),
        layer(big("var/lib/apt/lists/x", 2), big("var/cache/apt/archives/a.deb", 3)),
        layer(whiteout("var/lib/apt/lists/x")),
        history=HISTORY,
    )
    savings = image.savings
    assert savings.wasted_bytes + savings.base_wasted_bytes == image.usage.wasted_bytes == 2_000_000
    assert (savings.disposable_bytes, savings.base_disposable_bytes) == (3_000_000, 4_000_000)
    assert [fix.id for fix in savings.fixes] == ["apt"]
    assert savings.base is not None
    assert [(kind.kind, kind.own_bytes, kind.base_bytes) for kind in savings.kinds] == [
        ("apt_cache", 3_000_000, 0),
        ("documentation", 0, 4_000_000),
    ]


def _fix(*steps: str, added: str = "RUN x") -> Fix:
    lines = [DiffLine("-", step) for step in steps]
    return Fix("x", "X", (1,), (), (), (), (), (*lines, DiffLine("+", added)))


def test_fixes_of_one_step_are_to_be_merged_in_their_order() -> None:
    """The advice to merge lines stands only if two fixes change a step, and apt's clean-up is last."""
    assert merge_advice([_fix("RUN a", "RUN a"), _fix("RUN b")]) == ""
    advice = merge_advice([_fix("RUN a"), _fix("RUN b", "RUN a")])
    assert advice.endswith("in this order.")
    advice = merge_advice([_fix("RUN a", added="RUN a && apt-get clean"), _fix("RUN a")])
    assert advice.endswith("in this order; `apt-get clean` comes last.")
