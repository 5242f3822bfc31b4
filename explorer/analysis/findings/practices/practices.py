"""The table of all practices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set

from explorer.analysis.findings.finding import Finding, FindingKind, Place
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
_SECRET_VARIABLE, _CREDENTIAL_FILE = "secret-variable", "credential-file"
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


def besides_secrets(
    practices: Iterable[Finding], secret_places: Collection[Place], unsearched_layers: Set[int]
) -> list[Finding]:
    """Returns the findings without those that the search for secrets answers.

    A variable that has a secret has another finding. A file whose content was searched has a secret, or is none.

    Args:
        practices: The findings.
        secret_places: The places of the history and of the settings that have secrets.
        unsearched_layers: The layers whose files were not all searched.
    """
    places = set(secret_places)
    return [
        each
        for each in practices
        if (each.id != _SECRET_VARIABLE or each.place not in places)
        and (each.id != _CREDENTIAL_FILE or each.layer in unsearched_layers)
    ]
