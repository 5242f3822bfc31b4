"""The table of all practices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from explorer.analysis.findings.finding import Finding, FindingKind, PathPlace
from explorer.analysis.findings.practices import (
    commands,
    instructions,
    own_paths,
    settings,
    shipped_files,
    software,
    users,
)
from explorer.analysis.findings.practices.practice_case import Practice, PracticeCase

PRACTICES: Sequence[Practice] = (
    *settings.PRACTICES,
    *users.PRACTICES,
    *instructions.PRACTICES,
    *commands.PRACTICES,
    *shipped_files.PRACTICES,
    *own_paths.PRACTICES,
    *software.PRACTICES,
)
_BY_NAME = ("secret-variable", "credential-file")
"""Practices that only know a secret by its name."""


def practice_findings(case: PracticeCase) -> list[Finding]:
    """Returns the findings of all practices, in the order of the table."""
    is_windows = case.image.platform.startswith("windows")
    return [
        Finding(
            practice.id,
            FindingKind.PRACTICE,
            evidence.severity or practice.severity,
            practice.title,
            evidence.place,
            evidence.layer,
            evidence.why,
            evidence.do or practice.do,
            evidence.hidden_in,
            evidence.bytes,
            package=evidence.package,
            other_ids=(*practice.other_ids, *evidence.other_ids),
        )
        for practice in PRACTICES
        if practice.is_for_windows or not is_windows
        for evidence in practice.find(case)
    ]


def besides_secrets(practices: Iterable[Finding], secrets: Iterable[Finding]) -> list[Finding]:
    """Returns the findings without those in the place of a found secret."""
    places = {_place_of(secret) for secret in secrets}
    return [each for each in practices if each.id not in _BY_NAME or _place_of(each) not in places]


def _place_of(finding: Finding) -> tuple[object, int | None]:
    """Returns the place of a finding without the line."""
    place = finding.place
    return (place.path, finding.layer) if isinstance(place, PathPlace) else (place, None)
