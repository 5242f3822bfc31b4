"""The changes of the configuration in each step of the history.

A step that makes no layer sets a variable, a command or a label, and builders record the new value. The value before is
the one that an earlier step set. It is usually known, because the history includes the steps of the base image.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from explorer.model import HistoryStep, Image
from explorer.text.dockerfile import Instruction, instruction, listed, readable, settings
from explorer.text.units import parsed_time

_MAX_STEP_CHARS = 3_000
_MAX_SETTINGS = 100
_SETTINGS = frozenset({"ENV", "LABEL", "ARG"})
_ADDED = frozenset({"EXPOSE", "VOLUME", "ONBUILD"})
_REPLACED = frozenset({"CMD", "ENTRYPOINT", "USER", "WORKDIR", "STOPSIGNAL", "HEALTHCHECK", "SHELL", "MAINTAINER"})
CONFIG_KEYWORDS = _SETTINGS | _ADDED | _REPLACED


class Setting(NamedTuple):
    """A value that a step sets; not printable yet."""

    keyword: str
    """``ENV``, ``CMD``, ``EXPOSE``, ..."""
    name: str
    """The name of a variable, label or build argument; empty for other keywords."""
    before: str | None
    """The value that an earlier step set; None if there is none, and for keywords that add values."""
    after: str


def config_changes(image: Image) -> Sequence[tuple[Setting, ...]]:
    """Returns the settings of each step of the history."""
    names = {
        "ENV": {name for name, _, _ in (setting.partition("=") for setting in image.config.env)},
        "LABEL": {name for name, _ in image.config.labels},
    }
    state: dict[tuple[str, str], str] = {}
    settings_by_step: list[tuple[Setting, ...]] = []
    for step in image.history:
        # A RUN sets nothing; its text can be long.
        settings_of_step = tuple(_settings(step, names, state)) if not step.created_by.startswith("RUN ") else ()
        settings_by_step.append(settings_of_step)
        state.update({(each.keyword, each.name): each.after for each in settings_of_step})
    return settings_by_step


def _settings(step: HistoryStep, names: dict[str, set[str]], state: dict[tuple[str, str], str]) -> Iterator[Setting]:
    """Yields the settings of a step; ``state`` has the values that earlier steps set."""
    step_instruction = instruction(step.created_by[:_MAX_STEP_CHARS])
    keyword = step_instruction.keyword
    if keyword not in CONFIG_KEYWORDS:
        return
    for name, after in _values(step_instruction, names.get(keyword, ())):
        before = state.get((keyword, name)) if keyword not in _ADDED else None
        if keyword == "WORKDIR":
            after = posixpath.normpath(posixpath.join(before or "/", after)) if after else after
        yield Setting(keyword, name, before, after)


def _values(step_instruction: Instruction, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yields the names and values that an instruction sets."""
    if step_instruction.keyword in _SETTINGS:
        for count, pair in enumerate(settings(step_instruction.arguments, names)):
            if count == _MAX_SETTINGS:
                return
            yield pair
    elif step_instruction.keyword in ("EXPOSE", "VOLUME"):
        words = listed(step_instruction.arguments)
        for word in (words if words is not None else step_instruction.arguments.split())[:_MAX_SETTINGS]:
            yield "", word
    else:
        flags = " ".join(step_instruction.flags)
        yield "", f"{flags} {readable(step_instruction)}".strip()


def seconds_since_previous(history: Sequence[HistoryStep], index: int) -> float | None:
    """Returns the seconds that a step took; None if the times are not usable."""
    made = parsed_time(history[index].created)
    before = parsed_time(history[index - 1].created) if index else None
    if made is None or before is None:
        return None
    seconds = (made - before).total_seconds()
    # Reproducible builds set all times to a fixed day, often to 1970 or 1980.
    return seconds if seconds >= 1 and before.year > 1980 else None
