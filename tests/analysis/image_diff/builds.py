"""Images as two builds of almost the same Dockerfile leave them, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from explorer.model import Watcher
from explorer.pipeline.image_diff import ImageDiff, compare
from tests.images import docker_archive, explored, image


class Step(NamedTuple):
    """A step of a history, and the layer that it made."""

    created_by: str
    layer: bytes | None = None
    comment: str = ""


def built(path: Path, *steps: Step, **config: Any) -> Path:
    """Writes an image of these steps; ``config`` is that of ``image``."""
    history: Sequence[dict[str, Any]] = [
        {
            "created_by": step.created_by,
            "comment": step.comment,
            **({} if step.layer is not None else {"empty_layer": True}),
        }
        for step in steps
    ]
    layers = [step.layer for step in steps if step.layer is not None]
    path.write_bytes(docker_archive(image(*layers, **{"history": history, **config})))
    return path


def compared(tmp_path: Path, old: Sequence[Step], new: Sequence[Step], **new_config: Any) -> ImageDiff:
    """Returns the differences of two builds."""
    before, after = built(tmp_path / "old.tar", *old), built(tmp_path / "new.tar", *new, **new_config)
    return compare(explored(before), explored(after), Watcher())
