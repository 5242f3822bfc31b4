"""Findings of a small image, for tests of the screen and of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, PathPlace, Place, Severity, StepPlace
from explorer.analysis.findings.image_findings import ImageFindings, in_order
from explorer.pipeline import Exploration
from tests.analysis.findings.made_findings import made_finding
from tests.images import big, explored_layers, file, layer, whiteout

HISTORY = [
    {"created_by": "ADD file:0123456789abcdef in /"},
    {"created_by": "RUN make"},
    {"created_by": "COPY . /app"},
    {"created_by": "ENV TOKEN=hidden", "empty_layer": True},
    {"created_by": "RUN rm /app/id_rsa"},
    {"created_by": "USER root", "empty_layer": True},
]


def leaky(folder: Path) -> Exploration:
    """An image with a key that layer 2 ships and layer 3 deletes."""
    key = b"# notes\n" * 50 + b"-----BEGIN PRIVATE KEY-----\n"
    return explored_layers(
        folder,
        layer(big("usr/bin/base", 3)),
        layer(big("usr/bin/tool", 2)),
        layer(file("app/id_rsa", key), file("app/.env", b"A=1\nB=2\n")),
        layer(whiteout("app/id_rsa")),
        history=HISTORY,
        config={"Env": ["PATH=/bin", "TOKEN=hidden"], "Labels": {"name": "x"}},
    )


def secret(severity: Severity = Severity.CRITICAL) -> Finding:
    """The deleted key."""
    why = "The file begins a private key."
    place = PathPlace("app/id_rsa", 51)
    return made_finding(severity=severity, place=place, layer=2, title="Private key", why=why, hidden_in=3, bytes=428)


def practice(
    name: str = "root-user",
    severity: Severity = Severity.MEDIUM,
    place: Place = ConfigPlace("User"),  # noqa: B008 - it is frozen
    layer_number: int | None = None,
    **more: Any,
) -> Finding:
    """A practice that is not kept."""
    texts = {"title": name.replace("-", " ").capitalize(), "why": "It is so.", "do": "Change it."}
    return made_finding(name, FindingKind.PRACTICE, severity, place, layer_number, **texts, **more)


def some() -> ImageFindings:
    """A secret, three practices above the base, and two of the base."""
    return ImageFindings(
        in_order(
            [
                practice(),
                practice("env-step", Severity.HIGH, StepPlace(3)),
                practice("big-file", Severity.LOW, PathPlace("usr/bin/tool"), 1, bytes=2_000_000),
                secret(),
                practice("set-uid", Severity.LOW, PathPlace("usr/bin/base"), 0, is_base=True),
                practice("old", Severity.INFO, PathPlace("usr/bin/base"), 0, is_base=True),
            ]
        )
    )
