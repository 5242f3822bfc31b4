"""Images with and without practices, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from explorer.analysis.findings.finding import Finding
from explorer.analysis.findings.practices.practice_case import PracticeCase
from explorer.analysis.findings.practices.practices import practice_findings
from explorer.pipeline import Exploration
from tests.images import Item, explored_layers, file, layer

_BASE_TIME, _OWN_TIME = "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"
_CONFIG = {"User": "1000", "Labels": {"a": "b"}, "Healthcheck": {"Test": ["CMD", "true"]}}
"""Settings that keep the practices that every image would break."""
BASE_STEP = {"created_by": "/bin/sh -c #(nop) ADD file:abc in / ", "created": _BASE_TIME}


def base_layer(*items: Item) -> bytes:
    """Returns the layer of a base."""
    return layer(file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"), *items)


def own_step(created_by: str, *, is_empty: bool = False, **more: Any) -> dict[str, Any]:
    """Returns a step of the history above the base."""
    return {"created_by": created_by, "created": _OWN_TIME, "empty_layer": is_empty, **more}


def findings(
    tmp_path: Path,
    steps: Sequence[dict[str, Any]] = (),
    layers: Sequence[bytes] = (),
    base: bytes | None = None,
    **config: Any,
) -> list[Finding]:
    """Returns the practices that an image above a base does not keep.

    Args:
        tmp_path: The directory for the archive.
        steps: The steps above the base.
        layers: The layers of those steps that are not empty; missing ones have one file.
        base: The layer of the base.
        config: Settings of the container, with their names in the configuration.
    """
    wanted = sum(not step["empty_layer"] for step in steps)
    own = [*layers, *(layer(file(f"srv/{number}", b"x")) for number in range(len(layers), wanted))]
    exploration = explored_layers(
        tmp_path,
        base or base_layer(),
        *own,
        history=[BASE_STEP, *steps],
        config={**_CONFIG, **config},
    )
    return practice_findings(practice_case(exploration))


def practice_case(exploration: Exploration) -> PracticeCase:
    """Returns what practices look at."""
    return PracticeCase(
        exploration.image,
        exploration.tree,
        exploration.usage,
        exploration.base,
        exploration.base_layers,
        exploration.build_steps,
        exploration.disposables,
        exploration.packages,
    )


def ids(found: Sequence[Finding]) -> list[str]:
    """Returns the IDs of findings."""
    return [finding.id for finding in found]


def run(command: str, **more: Any) -> dict[str, Any]:
    """Returns the step of a RUN."""
    return own_step(f"RUN /bin/sh -c {command} # buildkit", **more)


def setting(text: str) -> dict[str, Any]:
    """Returns a step that makes no layer."""
    return own_step(text, is_empty=True)
