"""Practices of the settings that a container starts with."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, Severity
from explorer.analysis.findings.practices.practice_case import PracticeCase

_ROOT_NAMES = ("", "root", "0")


def root_user(case: PracticeCase) -> Sequence[Finding]:
    """Finds a container that runs as root."""
    user = case.image.config.user
    if user.partition(":")[0] not in _ROOT_NAMES:
        return ()
    why = "USER names root." if user else "No step sets USER, so the container runs as root."
    return (
        Finding(
            "root-user",
            FindingKind.PRACTICE,
            Severity.MEDIUM,
            "The container runs as root",
            ConfigPlace("User"),
            None,
            why,
            "Create a user in a RUN, and name it in USER as the last step.",
            other_ids=("CIS-DI-0001", "DL3002"),
        ),
    )
