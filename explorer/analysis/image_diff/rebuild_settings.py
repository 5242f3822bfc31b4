"""Settings of two builds that differ, apart from dates and records of the builder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from explorer.analysis.image_diff.config_changes import is_builder_record
from explorer.model import HistoryStep, Image, ImageConfig

_SETTINGS = (
    ("env", "Env"),
    ("entrypoint", "Entrypoint"),
    ("cmd", "Cmd"),
    ("user", "User"),
    ("working_dir", "WorkingDir"),
    ("ports", "ExposedPorts"),
    ("volumes", "Volumes"),
    ("labels", "Labels"),
    ("stop_signal", "StopSignal"),
    ("healthcheck", "Healthcheck"),
)
"""Fields of ``ImageConfig``, and their names in the configuration."""
_PARENT = re.compile(r"\bFROM [0-9a-f]{12,64}\b")
"""The image below a step, which Buildah records in the step's comment."""
_PARENTS = "parents of steps"


def differing_settings(old: Image, new: Image) -> Iterator[str]:
    """Yields the names of what differs in the configuration, dates left out."""
    if old.platform != new.platform:
        yield "platform"
    if old.author != new.author:
        yield "author"
    for field, name in _SETTINGS:
        if getattr(old.config, field) != getattr(new.config, field):
            yield name
    yield from _other_names(old.config, new.config)
    if _steps(old) != _steps(new):
        yield "history"
    elif [step.comment for step in old.history] != [step.comment for step in new.history]:
        yield _PARENTS


def _steps(image: Image) -> list[HistoryStep]:
    """Returns the history without dates and without IDs of images between steps."""
    return [replace(step, created=None, comment=_PARENT.sub("FROM", step.comment)) for step in image.history]


def _other_names(old: ImageConfig, new: ImageConfig) -> list[str]:
    before, after = dict(old.others), dict(new.others)
    return [key for key in {**before, **after} if before.get(key) != after.get(key)]


def is_record(name: str) -> bool:
    """True if a setting only records something of the builder."""
    return name == _PARENTS or is_builder_record(name)


def dates(image: Image) -> tuple[str | None, ...]:
    """Returns the dates of an image and of its steps."""
    return (image.created, *(step.created for step in image.history))
