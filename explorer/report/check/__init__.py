"""What came of an image's rules, for people, pipelines and pull requests."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.gate.judge import Judgement
from explorer.gate.rules import Rules
from explorer.pipeline import Exploration

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
