"""The rules that compare an image with its baseline."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from explorer.analysis.image_diff.growth import Growth, LayerGrowth, growth
from explorer.analysis.image_diff.layer_pair import LayerPair, PairStatus
from explorer.analysis.image_diff.update_cost import UpdateCost
from explorer.analysis.waste import ByteUsage
from explorer.errors import UsageError
from explorer.gate.limits import Baseline, LayerBytes
from explorer.model import Cause, Waste
from tests.gate.test_judge import FAIL, PASS, REMOVED_LATER, judged
from tests.images import MB, big, layer, whiteout

_GROWN = Growth((LayerGrowth(1, 0, 10 * MB),), (), (), (Waste("a", 10 * MB, Cause.REMOVED, 1, 2),))


def _before(shipped: int = 10 * MB, wasted: int = 0, **found: object) -> Baseline:
    return Baseline("shop:1", shipped, wasted, **found)  # type: ignore[arg-type]


def _never() -> Growth:
    raise AssertionError("asked although no rule fails")


def test_a_failed_baseline_has_what_grew() -> None:
    """Layers that did not grow and old waste are left out of a failed rule, and what grew is in it."""
    found = judged(*REMOVED_LATER, asked={"baseline": "x"}, before=_before(find_growth=lambda: _GROWN))
    shipped, wasted = found["baseline image bytes"], found["baseline wasted bytes"]
    assert (shipped.status, wasted.status) == (FAIL, FAIL)
    assert (shipped.layers, shipped.wasted) == ((LayerBytes(1, 10 * MB),), ())
    assert (wasted.layers, wasted.wasted) == ((), tuple(_GROWN.wasted))
    assert shipped.growth is wasted.growth is _GROWN


def test_what_grew_is_not_asked_for_if_the_rules_pass() -> None:
    """Two images are compared only if a rule fails, because that takes time."""
    before = _before(20 * MB, 10 * MB, find_growth=_never)
    found = judged(*REMOVED_LATER, asked={"baseline": "x", "highest-growth": "1%"}, before=before)
    assert [each.status for each in found.values()] == [PASS]


@pytest.mark.parametrize(
    ("limit", "status", "figure"),
    [
        ("10MB", PASS, 10 * MB),
        (10 * MB - 1, FAIL, 10 * MB),
        ("100%", PASS, Fraction(1)),
        ("99.9%", FAIL, Fraction(1)),
        ("0%", FAIL, Fraction(1)),
    ],
)
def test_growth_in_bytes_and_in_percent(limit: object, status: object, figure: object) -> None:
    """The growth of the shipped bytes is compared in the unit of the limit."""
    found = judged(*REMOVED_LATER, asked={"baseline": "x", "highest-growth": limit}, before=_before())
    assert list(found) == ["highest-growth"]
    assert (found["highest-growth"].status, found["highest-growth"].found) == (status, figure)


def test_a_smaller_image_has_not_grown() -> None:
    """An image that is smaller than the baseline passes each limit of growth."""
    found = judged(*REMOVED_LATER, asked={"baseline": "x", "highest-growth": 0}, before=_before(30 * MB))
    assert (found["highest-growth"].status, found["highest-growth"].found) == (PASS, 0)


def test_growth_over_nothing_is_more_than_any_share() -> None:
    """A share of an empty baseline allows nothing."""
    asked = {"baseline": "x", "highest-growth": "900%"}
    assert judged(*REMOVED_LATER, asked=asked, before=_before(0))["highest-growth"].status is FAIL
    assert judged(layer(), asked=asked, before=_before(0))["highest-growth"].status is PASS


def test_the_baseline_is_a_limit_of_its_own_if_its_allowance_is_set() -> None:
    """With a limit of growth, the baseline only names an image, unless its allowance is set."""
    asked: dict[str, object] = {"baseline": "x", "highest-growth": "10MB"}
    assert list(judged(*REMOVED_LATER, asked=asked, before=_before())) == ["highest-growth"]
    names = ["baseline image bytes", "baseline wasted bytes", "highest-growth"]
    assert list(judged(*REMOVED_LATER, asked={**asked, "baseline-allowance": 0}, before=_before())) == names


@pytest.mark.parametrize("rule", ["highest-growth", "highest-update-bytes"])
def test_a_rule_needs_a_baseline(rule: str) -> None:
    """A limit of growth or of the update without a baseline is an error that says how to name one."""
    with pytest.raises(UsageError, match=f"{rule} compares the image with a baseline, but none is named") as caught:
        judged(*REMOVED_LATER, asked={rule: "1MB"})
    assert "--baseline IMAGE" in caught.value.hint


def _update(*layers: int) -> UpdateCost:
    return UpdateCost(5 * MB, False, 9 * MB, layers, [5 * MB])


def test_the_bytes_of_an_update() -> None:
    """The rule counts the bytes to download, and lists the layers that they are of."""
    before = _before(find_update=lambda: _update(1), find_growth=_never)
    asked = {"baseline": "x", "highest-update-bytes": 5 * MB}
    assert judged(*REMOVED_LATER, asked=asked, before=before)["highest-update-bytes"].status is PASS
    found = judged(*REMOVED_LATER, asked={**asked, "highest-update-bytes": 1}, before=before)["highest-update-bytes"]
    assert (found.status, found.found, found.layers) == (FAIL, 5 * MB, (LayerBytes(1, 5 * MB),))
    assert found.reason == "for those who have shop:1"


def test_an_update_needs_layers() -> None:
    """A report has no layers to download, so the rule says which baseline it needs."""
    with pytest.raises(UsageError, match="needs the layers of the baseline, and shop:1 is a report"):
        judged(*REMOVED_LATER, asked={"baseline": "x", "highest-update-bytes": 1}, before=_before())


def _usage(layers: Sequence[int], *wasted: Waste) -> ByteUsage:
    return ByteUsage(sum(layers), 0, tuple(layers), wasted)


def test_only_layers_that_changed_have_grown() -> None:
    """Layers that are the same have not grown; new ones have grown by all that they ship, largest growth first."""
    pairs = [
        LayerPair(0, 0, PairStatus.SAME),
        LayerPair(1, 1, PairStatus.CHANGED),
        LayerPair(2, None, PairStatus.REMOVED),
        LayerPair(None, 2, PairStatus.ADDED),
        LayerPair(3, 3, PairStatus.MOVED),
    ]
    found = growth(pairs, _usage([5, 3, 9, 1]), _usage([5, 4, 7, 1]), (), ())
    assert found.layers == [LayerGrowth(2, 0, 7), LayerGrowth(1, 3, 4)]
    assert [each.growth for each in found.layers] == [7, 1]


def test_new_waste_is_counted_by_file() -> None:
    """Waste is new if the old image does not waste the same bytes of the file as often, in whichever layers."""
    old = Waste("a", 3, Cause.REMOVED, 0, 1)
    moved, again, other = old._replace(shipped_in=2, hidden_in=3), old._replace(hidden_in=4), old._replace(path="b")
    assert growth((), _usage([], old), _usage([], moved), (), ()).wasted == []
    assert growth((), _usage([], old), _usage([], other, moved, again), (), ()).wasted == [other, again]


def test_whiteouts_are_no_growth() -> None:
    """An image that only deletes more ships no more bytes."""
    layers = (*REMOVED_LATER, layer(whiteout("base")))
    before = _before(20 * MB, 10 * MB)
    assert judged(*layers, asked={"baseline": "x", "highest-growth": 0}, before=before)["highest-growth"].status is PASS
    assert (
        judged(*layers, layer(big("c", 1)), asked={"baseline": "x", "highest-growth": 0}, before=before)[
            "highest-growth"
        ].found
        == 1 * MB
    )
