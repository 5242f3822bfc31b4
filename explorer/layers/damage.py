"""Damage of an image: an error, or a reason why its figures may be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.errors import UnreadableImage


@dataclass(frozen=True, slots=True)
class DamageLog:
    """Keeps the reasons for damage of a document or a layer, or raises the first."""

    keeps_damage: bool = False
    reasons: list[str] = field(default_factory=list)
    """Printable."""

    def note(self, error: UnreadableImage, reason: str = "") -> None:
        """Keeps a reason, which is the error's message if empty; or raises the error."""
        if not self.keeps_damage:
            raise error
        self.reasons.append(reason or error.message)
