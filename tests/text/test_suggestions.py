"""The name that a user may have meant."""

from __future__ import annotations

from itertools import chain, repeat

from explorer.text.suggestions import did_you_mean, nearest


def test_the_nearest_name() -> None:
    """The most similar of several names counts; none does if all differ too much."""
    assert nearest("cleanup-latte", ["cleanup-early:1", "cleanup-late:1", "base:1"]) == "cleanup-late:1"
    assert nearest("cleanup", ["base:1"]) is None
    assert nearest("same", ["same"]) is None
    assert nearest("same", []) is None


def test_the_time_is_bounded() -> None:
    """Long names, and names after many thousands, are not compared."""
    assert nearest("x" * 1000, ["x" * 999]) is None
    assert nearest("name", ["n" * 100_000, "nane"]) == "nane"
    assert nearest("name", chain(repeat("other", 5000), ["nane"])) is None


def test_hints() -> None:
    """A suggestion comes before the hint, and is printable."""
    assert did_you_mean("a\x1b", "Look.") == "Did you mean a\\x1b?\nLook."
    assert did_you_mean(None, "Look.") == "Look."
    assert did_you_mean("a") == "Did you mean a?"
