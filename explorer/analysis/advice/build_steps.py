"""What made each layer, as far as advice looks at it: an instruction, and the commands that a RUN is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from explorer.model import HistoryStep, Layer
from explorer.text import shell
from explorer.text.dockerfile import Instruction, instruction
from explorer.text.printable import printable, shortened
from explorer.text.words import layer_command

_LONGEST = 2_000
"""Characters of a step that are looked at."""
_SHELL_WORDS = re.compile(r"^(?:set -\S+|export \S+)$")


class BuildStep(NamedTuple):
    """The step that made a layer."""

    number: int
    """The layer's."""
    keyword: str = ""
    """Of the instruction; empty where none is known."""
    text: str = ""
    """The instruction on one line, printable."""
    commands: tuple[str, ...] = ()
    """What a RUN runs one after the other, printable."""

    @property
    def is_run(self) -> bool:
        """Whether a shell ran it."""
        return self.keyword == "RUN"

    @property
    def is_base(self) -> bool:
        """Whether it is what the base image brought, as far as one can tell."""
        return self.keyword == "FROM" or (self.number == 0 and self.keyword not in ("RUN", "COPY"))

    @property
    def is_copy(self) -> bool:
        """Whether it took files from elsewhere."""
        return self.keyword in ("COPY", "ADD") and not self.is_base

    def command(self, what: re.Pattern[str] | None, path: str) -> str:
        """Of the commands that ``what`` is found in (None: all) the one that names a path, or else the first."""
        fitting = [command for command in self.commands if what is None or what.search(command)]
        telling = [command for command in fitting if not _SHELL_WORDS.match(command)] or fitting
        return next((command for command in telling if names(command, path)), telling[0] if telling else "")


def build_steps(layers: Iterable[Layer]) -> list[BuildStep]:
    """What made each layer."""
    return [_made_by(layer, layer.step or HistoryStep()) for layer in layers]


def _made_by(layer: Layer, step: HistoryStep) -> BuildStep:
    found = instruction(shortened(step.created_by, _LONGEST), step.comment)
    commands = _commands(found) if found.keyword == "RUN" else ()
    return BuildStep(layer.number, found.keyword, layer_command(layer, _LONGEST), commands)


def _commands(found: Instruction) -> tuple[str, ...]:
    lines = shell.lines(found.arguments, found.is_windows)
    return tuple(printable(" ".join(line.command.split())) for line in lines if line.command)


def names(command: str, path: str) -> bool:
    """Whether a command names a path (without leading slash), or a directory above it."""
    for word in command.split():
        place = word.strip("'\"").rstrip("*").rstrip("/")
        if len(place) > 1 and place.startswith("/") and (f"/{path}/").startswith(f"{place}/"):
            return True
    return False
