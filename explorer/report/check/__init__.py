"""What came of an image's rules, for people, pipelines and pull requests."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.analysis.gate import Judgement
from explorer.pipeline import Exploration
from explorer.rules import Rules

__all__ = ["Check"]


@dataclass(frozen=True, slots=True)
class Check:
    """An image, the rules in force, and the judgement: what every format is made from."""

    exploration: Exploration
    rules: Rules
    judgement: Judgement

    @property
    def reference(self) -> str:
        """The image as the user named it."""
        return self.exploration.image.reference
