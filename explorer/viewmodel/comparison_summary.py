"""The facts about two images that their screen shows first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.pipeline import ImageDiff
from explorer.text.printable import printable

if TYPE_CHECKING:
    from explorer.analysis.image_diff.first_break import FirstBreak
    from explorer.analysis.image_diff.identical import Identical
    from explorer.analysis.image_diff.update_cost import UpdateCost
    from explorer.analysis.waste import ByteUsage


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """Names, bytes and answers."""

    old_name: str
    """Printable."""
    new_name: str
    """Printable."""
    old: ByteUsage
    new: ByteUsage
    old_layers: int
    new_layers: int
    first_break: FirstBreak | None
    update: UpdateCost
    identical: Identical
    damaged: str = ""
    """The image that is damaged, with the reason; printable. Empty if none is."""

    @classmethod
    def of(cls, diff: ImageDiff) -> ComparisonSummary:
        """Computes the facts about two images."""
        damaged = (
            f"{name}: {exploration.damage[0]}"
            for name, exploration in (("the old image", diff.old), ("the new image", diff.new))
            if exploration.damage
        )
        return cls(
            printable(diff.old.image.reference),
            printable(diff.new.image.reference),
            diff.old.usage,
            diff.new.usage,
            len(diff.old.image.layers),
            len(diff.new.image.layers),
            diff.first_break,
            diff.update,
            diff.identical,
            next(damaged, ""),
        )
