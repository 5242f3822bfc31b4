"""Enumerations whose values a key steps through."""

from __future__ import annotations

import enum
from typing import Self


class Cycle(enum.Enum):
    """An enumeration in the order in which its values follow each other."""

    @property
    def following(self) -> Self:
        """The next value; after the last one comes the first."""
        values = list(type(self))
        return values[(values.index(self) + 1) % len(values)]
