"""Verdicts: the judgement of an image, for people, pipelines and pull requests."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.gate.judge import Judgement
from explorer.gate.rules import Rules
from explorer.pipeline import Exploration

__all__ = ["Check"]


@dataclass(frozen=True, slots=True)
class Check:
    """An image, the rules in force, and the judgement: the input of all formats."""

    exploration: Exploration
    rules: Rules
    judgement: Judgement
    allows_damage: bool = False
    """True if the user accepts figures of a damaged image."""

    @property
    def fails_by_damage(self) -> bool:
        """True if the image is damaged, and the user does not accept that."""
        return bool(self.exploration.damage) and not self.allows_damage
