"""Expressions of globs that match in linear time."""

from __future__ import annotations

from collections.abc import Iterable

ANY_NAME = "[^/]*"
"""The expression of a star: any part of a name."""


def joined_by_stars(pieces: Iterable[str]) -> str:
    """Joins expressions by stars, so that a long name takes linear time.

    For each star but the last, the first match is as good as any other. So it is final, in an atomic group, and a name
    that nearly matches does not make the expression try all combinations.
    """
    first, *others = pieces
    if not others:
        return first
    *middle, last = others
    return "".join((first, *(f"(?>[^/]*?{piece})" for piece in middle), ANY_NAME, last))
