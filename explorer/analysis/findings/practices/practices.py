"""The table of all practices."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.findings.finding import Finding
from explorer.analysis.findings.practices.practice_case import Practice, PracticeCase
from explorer.analysis.findings.practices.settings import root_user

PRACTICES: Sequence[Practice] = (root_user,)


def practice_findings(case: PracticeCase) -> list[Finding]:
    """Returns the findings of all practices, in the order of the table."""
    return [finding for practice in PRACTICES for finding in practice(case)]
