"""The table of all practices: its words are in ``practices.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path

from explorer.analysis.findings.finding import CREDENTIAL_FILE, Finding, FindingKind, Place, Severity
from explorer.analysis.findings.practices import (
    commands,
    instructions,
    own_paths,
    settings,
    shipped_files,
    software,
    users,
)
from explorer.analysis.findings.practices.practice_case import Finder, Practice, PracticeCase

FINDERS: Mapping[str, Finder] = {
    **settings.FINDERS,
    **users.FINDERS,
    **instructions.FINDERS,
    **commands.FINDERS,
    **shipped_files.FINDERS,
    **own_paths.FINDERS,
    **software.FINDERS,
}


def _practices() -> Iterator[Practice]:
    for name, words in tomllib.loads(Path(__file__).with_name("practices.toml").read_text("utf-8")).items():
        severity, other_ids = Severity(words["severity"]), tuple(words.get("other_ids", ()))
        is_for_windows = not words.get("only_linux", False)
        kind = FindingKind(words.get("kind", "practice"))
        yield Practice(name, severity, words["title"], words["do"], FINDERS[name], other_ids, is_for_windows, kind)


PRACTICES: Sequence[Practice] = (*_practices(),)
_SECRET_VARIABLE = "secret-variable"  # noqa: S105 -- no password
"""The practice that knows a secret variable only by its name."""


def practice_findings(case: PracticeCase) -> list[Finding]:
    """Returns the findings of all practices, in the order of the table."""
    is_windows = case.image.platform.startswith("windows")
    return [
        Finding(
            practice.id,
            practice.kind,
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
        and (each.id != CREDENTIAL_FILE or each.layer in unsearched_layers)
    ]
