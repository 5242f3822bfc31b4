"""One of two images that are compared, as an exploration has it."""

from __future__ import annotations

from typing import Protocol

from explorer.analysis.base.base import Base
from explorer.analysis.waste import ByteUsage
from explorer.layers.read_budget import ReadBudget
from explorer.layers.tree import Tree
from explorer.model import Image


class ComparedImage(Protocol):
    """The parts of an exploration that a comparison needs."""

    @property
    def image(self) -> Image:
        """The image."""

    @property
    def tree(self) -> Tree:
        """Its merged tree."""

    @property
    def usage(self) -> ByteUsage:
        """Its shipped, visible and wasted bytes."""

    @property
    def budget(self) -> ReadBudget:
        """The bounds that its layers were read within."""

    @property
    def base(self) -> Base | None:
        """The base image; None if it is unknown."""
