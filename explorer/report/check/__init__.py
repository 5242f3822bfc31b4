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
