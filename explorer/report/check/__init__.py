"""Verdicts: the judgement of an image, for people, pipelines and pull requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from explorer.gate.judge import Judgement
from explorer.gate.limits import Status
from explorer.gate.rules import Rules
from explorer.gate.value_types import Unit
from explorer.pipeline import Exploration

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.findings.image_findings import ImageFindings
    from explorer.gate.helpful_fixes import HelpfulFixes

__all__ = ["Check"]


@dataclass(frozen=True)
class Check:
    """An image, the rules in force, and the judgement: the input of all formats."""

    exploration: Exploration
    rules: Rules
    judgement: Judgement
    allows_damage: bool = False
    """True if the user accepts figures of a damaged image."""
    findings: ImageFindings | None = None
    """The findings of the image; None unless a rule or the format needs them."""
    explore_command: str = ""
    """The command that shows the image; printable, and empty if there is none."""

    @property
    def fails_by_damage(self) -> bool:
        """True if the image is damaged, and the user does not accept that."""
        return bool(self.exploration.damage) and not self.allows_damage

    @property
    def package_problems(self) -> Sequence[tuple[int, str]]:
        """Layers and reasons why packages may be missing, if a rule counts packages."""
        is_counted = any(each.counts_packages and each.status is not Status.SKIP for each in self.judgement.outcomes)
        return self.exploration.packages.problems if is_counted else ()

    @property
    def finding_problems(self) -> Sequence[str]:
        """Reasons why findings may be missing, if a rule counts them; printable."""
        outcomes = self.judgement.outcomes
        is_counted = any(each.unit is Unit.FINDINGS and each.status is not Status.SKIP for each in outcomes)
        if self.findings is None or not is_counted:
            return ()
        from explorer.report.findings import missing_words

        return missing_words(self.findings)

    @property
    def counted_findings(self) -> Sequence[Finding]:
        """The findings above the base without the ignored ones, the most severe first."""
        from explorer.gate.finding_limits import counted_findings

        return counted_findings(self.judgement.case, self.findings.findings if self.findings is not None else ())

    @property
    def base_layers(self) -> int:
        """The number of lowest layers that are the base, or seem to be if no rule says it."""
        return self.judgement.account.base_layers if self.judgement.case.has_base else self.exploration.base_layers

    @cached_property
    def helpful_fixes(self) -> Mapping[str, HelpfulFixes]:
        """The fixes that help each rule that fails, by the names of the outcomes."""
        from explorer.gate.helpful_fixes import helpful_fixes

        return {
            outcome.name: helpful_fixes(outcome, self.exploration.fixes, self.rules.ignored_paths, self.base_layers)
            for outcome in self.judgement.outcomes
            if outcome.status is Status.FAIL
        }
