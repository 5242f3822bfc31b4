"""What each step of the history changed in the configuration, as far as the history tells.

A step that makes no layer sets a variable, a command, a label. Builders note what they set; what it was before is what
an earlier step had set. The history of an image begins with its base image's, so that is known more often than not.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from explorer.model import HistoryStep, Image
from explorer.text.dockerfile import Instruction, instruction, listed, readable, settings
from explorer.text.units import parsed_time

_LONGEST = 3_000
"""Characters of a step that are looked at."""
_MOST = 100
"""As many settings of one step are told."""
_SETTINGS = frozenset({"ENV", "LABEL", "ARG"})
_ADDED = frozenset({"EXPOSE", "VOLUME", "ONBUILD"})
_REPLACED = frozenset({"CMD", "ENTRYPOINT", "USER", "WORKDIR", "STOPSIGNAL", "HEALTHCHECK", "SHELL", "MAINTAINER"})
TELLING = _SETTINGS | _ADDED | _REPLACED
"""Keywords of the instructions that change the configuration."""


class Setting(NamedTuple):
    """One thing that a step set; not yet printable."""

    keyword: str
    """``ENV``, ``CMD``, ``EXPOSE``, ..."""
    name: str
    """Of a variable, label or build argument; else empty."""
    before: str | None
    """What an earlier step had set; None where none did. Also for what is added and not replaced."""
    after: str


def config_changes(image: Image) -> Sequence[tuple[Setting, ...]]:
    """For each step of the history what it set."""
    known = {
        "ENV": {name for name, _, _ in (setting.partition("=") for setting in image.config.env)},
        "LABEL": {name for name, _ in image.config.labels},
    }
    state: dict[tuple[str, str], str] = {}
    found: list[tuple[Setting, ...]] = []
    for step in image.history:
        # A RUN, the longest of them all, sets nothing.
        settings_of_step = tuple(_told(step, known, state)) if not step.created_by.startswith("RUN ") else ()
        found.append(settings_of_step)
        state.update({(each.keyword, each.name): each.after for each in settings_of_step})
    return found


def _told(step: HistoryStep, known: dict[str, set[str]], state: dict[tuple[str, str], str]) -> Iterator[Setting]:
    """What one step set, after what earlier ones did."""
    found = instruction(step.created_by[:_LONGEST])
    if found.keyword not in TELLING:
        return
    for name, after in _set(found, known.get(found.keyword, ())):
        key = (found.keyword, name)
        before = state.get(key) if found.keyword not in _ADDED else None
        if found.keyword == "WORKDIR":
            after = posixpath.normpath(posixpath.join(before or "/", after)) if after else after
        yield Setting(found.keyword, name, before, after)


def _set(found: Instruction, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Names and values that an instruction sets."""
    if found.keyword in _SETTINGS:
        for count, pair in enumerate(settings(found.arguments, known)):
            if count == _MOST:
                return
            yield pair
    elif found.keyword in ("EXPOSE", "VOLUME"):
        words = listed(found.arguments)
        for word in (words if words is not None else found.arguments.split())[:_MOST]:
            yield "", word
    else:
        flags = " ".join(found.flags)
        yield "", f"{flags} {readable(found)}".strip()


def seconds_since_previous(history: Sequence[HistoryStep], place: int) -> float | None:
    """How long after the step before it a step was made; None where the history does not say, or it makes no sense."""
    made = parsed_time(history[place].created)
    before = parsed_time(history[place - 1].created) if place else None
    if made is None or before is None:
        return None
    seconds = (made - before).total_seconds()
    # A clock that is set to a fixed day, so that builds can be repeated, says nothing either.
    return seconds if seconds >= 1 and before.year > 1980 else None
