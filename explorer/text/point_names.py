"""Names of the points whose files an exploration shows: its layers, or two images."""

from __future__ import annotations

from explorer.model import Cause
from explorer.text.words import hidden_by


class PointNames:
    """Names the points of an exploration for people. They are its layers."""

    noun = "layers"

    def point(self, number: int) -> str:
        """Returns the name of a point in a sentence."""
        return f"layer {number}"

    def at(self, number: int) -> str:
        """Returns the words for what a container of a point sees."""
        return f"at layer {number}"

    def both(self, one: int, other: int) -> str:
        """Returns the names of two points together."""
        return f"layers {one} and {other}"

    def seen_at(self, number: int, hidden_at: int | None) -> str:
        """Returns the name of the points that have a version.

        Args:
            number: The point that brings the version.
            hidden_at: The point that hides it; None if none does.
        """
        del hidden_at
        return self.point(number)

    def side(self, number: int, shipped_in: int) -> str:
        """Returns the name of a point with a version, and of the one that brought it."""
        name = self.point(number)
        return name if shipped_in == number else f"{name} (from {self.point(shipped_in)})"

    def hidden_at(self, number: int, cause: Cause) -> str:
        """Returns what hides a version."""
        return hidden_by(number, cause)

    def unchanged(self, number: int) -> str:
        """Returns the sentence about a path that two points have from ``number``."""
        return f"Unchanged since layer {number}, which shipped it."

    def alone(self, number: int) -> str:
        """Names what a point itself brings; empty if the user cannot choose it."""
        return f"Only what layer {number} shipped"


class ImageNames(PointNames):
    """Names the two points of a comparison: the old image is 0, the new one is 1."""

    noun = "images"

    def point(self, number: int) -> str:
        return "the new image" if number else "the old image"

    def at(self, number: int) -> str:
        return f"in {self.point(number)}"

    def both(self, one: int, other: int) -> str:
        del one, other
        return "the two images"

    def seen_at(self, number: int, hidden_at: int | None) -> str:
        return "both images" if not number and hidden_at is None else self.point(number)

    def side(self, number: int, shipped_in: int) -> str:
        del shipped_in
        return self.point(number)

    def hidden_at(self, number: int, cause: Cause) -> str:
        return f"{'not' if cause is Cause.REMOVED else 'another one'} in {self.point(number)}"

    def unchanged(self, number: int) -> str:
        del number
        return "The same in both images."

    def alone(self, number: int) -> str:
        return "Only what differs from the old image" if number else ""


LAYERS = PointNames()
IMAGES = ImageNames()
