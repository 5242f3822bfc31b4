"""The build step of each layer: its instruction, and the commands of a RUN."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from explorer.model import HistoryStep, Layer
from explorer.text import shell
from explorer.text.dockerfile import instruction
from explorer.text.printable import printable, shortened
from explorer.text.words import layer_command

_MAX_STEP_CHARS = 2_000
ATTRIBUTES = re.compile(r"(?:^|\s)(?:chmod|chown|chgrp|setcap|touch|setfacl|setfattr)\b")
"""The commands that change modes, owners, times and attributes."""
_SETTINGS = ("USER", "WORKDIR", "SHELL", "ENV", "ARG")
_SHELL_SETUP = re.compile(r"^(?:set -\S+|export \S+)$")


class BuildStep(NamedTuple):
    """The step that made a layer."""

    number: int
    keyword: str = ""
    """The keyword of the instruction; empty if it is unknown."""
    text: str = ""
    """The instruction on one line, printable."""
    commands: tuple[str, ...] = ()
    """The commands of a RUN, printable."""
    is_cut: bool = False
    """True if the instruction is longer than what is read of it."""
    working_directory: str = ""
    """The absolute directory in which the step runs; empty if the history does not tell."""
    settings: int = 0
    """Number of the steps before it that set what RUNs depend on: RUNs with the same number can be joined."""
    is_base: bool = False
    """True if the layer is from the base image, or seems to be."""

    @property
    def is_run(self) -> bool:
        """True if a shell ran the step."""
        return self.keyword == "RUN"

    @property
    def changes_attributes(self) -> bool:
        """True if a command of the step changes modes or owners."""
        return any(ATTRIBUTES.search(command) for command in self.commands)

    @property
    def is_copy(self) -> bool:
        """True if the step copied files into the image."""
        return self.keyword in ("COPY", "ADD") and not self.is_base

    @property
    def is_from_stage(self) -> bool:
        """True if the step copied files from a build stage or another image."""
        return self.is_copy and "--from=" in self.text

    def command(self, pattern: re.Pattern[str] | None, path: str) -> str:
        """Returns the matching command that names a path, otherwise the first matching."""
        matching = [command for command in self.commands if pattern is None or pattern.search(command)]
        candidates = [command for command in matching if not _SHELL_SETUP.match(command)] or matching
        return next((c for c in candidates if names_path(c, path)), candidates[0] if candidates else "")


def step_of(steps: Sequence[BuildStep], number: int) -> BuildStep:
    """Returns the build step of a layer, an empty one if it is unknown."""
    return steps[number] if number < len(steps) else BuildStep(number)


def build_steps(layers: Iterable[Layer], history: Sequence[HistoryStep] = (), base_layers: int = 0) -> list[BuildStep]:
    """Returns the build step of each layer, with the settings of the history."""
    settings = _settings(history)
    build_steps = []
    for layer in layers:
        step = layer.step or HistoryStep()
        parsed = instruction(shortened(step.created_by, _MAX_STEP_CHARS), step.comment)
        lines = shell.lines(parsed.arguments, parsed.is_windows) if parsed.keyword == "RUN" else ()
        commands = tuple(printable(" ".join(line.command.split())) for line in lines if line.command)
        text = layer_command(layer, _MAX_STEP_CHARS)
        is_cut = len(step.created_by) > _MAX_STEP_CHARS
        build_steps.append(
            BuildStep(
                layer.number,
                parsed.keyword,
                text,
                commands,
                is_cut,
                *settings.get(layer.number, ("", 0)),
                is_base=layer.number < base_layers,
            )
        )
    return build_steps


def _settings(history: Sequence[HistoryStep]) -> dict[int, tuple[str, int]]:
    """Returns the working directory and the number of settings of each layer."""
    settings: dict[int, tuple[str, int]] = {}
    directory, count, is_known = "/", 0, False
    for step in history:
        parsed = instruction(shortened(step.created_by, _MAX_STEP_CHARS), step.comment)
        if step.layer is None:
            count += parsed.keyword in _SETTINGS
        if parsed.keyword == "WORKDIR":
            directory, is_known = posixpath.normpath(posixpath.join(directory, parsed.arguments.strip())), True
        if step.layer is not None:
            settings[step.layer] = directory, count
    return settings if is_known else {number: ("", count) for number, (_, count) in settings.items()}


def names_path(command: str, path: str) -> bool:
    """True if a command names a path (without leading slash), or a directory above it."""
    below = f"/{path}/"
    return any((named := named_directory(word)) and below.startswith(named) for word in command.split())


def named_directory(word: str) -> str:
    """Returns the absolute path in a word of a command, and a slash; else empty.

    The path may also be that of a file.
    """
    named = word.strip("'\"").rstrip("*").rstrip("/")
    return f"{named}/" if len(named) > 1 and named.startswith("/") else ""
