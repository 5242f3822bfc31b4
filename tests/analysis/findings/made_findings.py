"""Findings that tests make, also with hostile texts."""

from __future__ import annotations

import os
from typing import Any

from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, PathPlace, Place, Severity, StepPlace
from explorer.analysis.findings.image_findings import in_order
from explorer.text.printable import printable

HOSTILE_PATH = os.fsdecode(b"d/\xff|`<b>\n::error::x%0A@octocat \x1b[31m\xe2\x80\xae##[error]")


def made_finding(
    name: str = "private-key",
    kind: FindingKind = FindingKind.SECRET,
    severity: Severity = Severity.HIGH,
    place: Place | None = None,
    layer: int | None = 1,
    **more: Any,
) -> Finding:
    """Returns a finding, by default a visible secret in layer 1."""
    texts = {"title": "A private key", "why": "It begins like one.", "do": "Use RUN --mount=type=secret."}
    return Finding(name, kind, severity, place=place or PathPlace("app/key"), layer=layer, **{**texts, **more})


def made_findings() -> list[Finding]:
    """Returns findings of each kind and place: deleted, of the base, hostile, in a step and in a setting."""
    hostile = printable(HOSTILE_PATH)
    return in_order(
        [
            made_finding(place=PathPlace("app/.env", 3), hidden_in=2, bytes=81),
            made_finding(place=PathPlace(HOSTILE_PATH), title=hostile, why=hostile, do=hostile, bytes=5),
            made_finding("aws-key", severity=Severity.CRITICAL, place=StepPlace(1), layer=None),
            made_finding("aws-key", severity=Severity.CRITICAL, place=ConfigPlace("Env.TOKEN\n::x"), layer=None),
            made_finding(
                "root-user",
                FindingKind.PRACTICE,
                Severity.MEDIUM,
                ConfigPlace("User"),
                None,
                title="The container runs as root",
                why="No step sets USER.",
                do="Name a user in `USER` as the last step.",
                other_ids=("DL3002",),
            ),
            made_finding(severity=Severity.LOW, place=PathPlace("etc/base.key"), layer=0, is_base=True),
        ]
    )
