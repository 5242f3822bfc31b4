"""Savings without an image, for tests of the verdict."""

from __future__ import annotations

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.groups import disposable_groups
from explorer.analysis.fixes.fix import Fix
from explorer.analysis.fixes.savings import Savings
from explorer.model import Cause, Waste


def example() -> Savings:
    """Savings of five fixes, and of the base."""
    fix = Fix("npm", "Empty it", (1,), [Waste("a", 39_000_000, Cause.REMOVED, 1, 2)], (), (), ())
    kinds = disposable_groups([Disposable("b", 166_000_000, "apt_cache", 1), Disposable("c", 5, "logs", 1)])
    return Savings([fix] * 5, None, 195_000_000, 221_000_000, 52_000_000, 43, kinds)
