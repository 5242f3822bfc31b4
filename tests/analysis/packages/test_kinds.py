"""Tests of the list of kinds."""

from __future__ import annotations

from explorer.analysis.packages.formats import PACKAGE_KINDS, SYSTEM_KINDS
from explorer.analysis.packages.kinds import FORMATS


def test_each_kind_has_a_format() -> None:
    """The kinds that filters and help name are those that are read, the system's first."""
    kinds = [each.kind for each in FORMATS]
    assert sorted(kinds) == sorted(PACKAGE_KINDS)
    assert set(kinds[: len(SYSTEM_KINDS)]) == SYSTEM_KINDS
