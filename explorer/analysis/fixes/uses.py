"""Finds files that a RUN still uses, or moves, before a step removes them.

Such files cannot be left out of their COPY, and cannot be deleted where they are made.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from fnmatch import translate

from explorer.analysis.advice.advice import DELETES, UNINSTALLS, uninstalls_packages
from explorer.analysis.advice.build_steps import ATTRIBUTES, BuildStep, step_of

_CLEANS = re.compile(
    r"^(?:sudo )?(?:apt|apt-get|apk|dnf|microdnf|yum|zypper|pip3?|npm|yarn|conda)\b.*\s(?:clean|cache|update)\b"
)
_SETUP = re.compile(r"^(?:set|export|echo|true|:)\b")
_DEPENDENCIES = ("node_modules", "vendor", ".venv", "venv", "bower_components")
"""Directories that commands of a build read without naming them."""
_MAX_PAIRS = 64
"""Pairs of layers whose commands are read; those of an image with more are not."""


class Use(enum.Enum):
    """The way in which commands use files that are removed later."""

    NONE = "none"
    READ = "read"
    MOVED = "moved"


class Uses:
    """Tells how commands use removed files; the commands of two layers are read once."""

    def __init__(self, steps: Sequence[BuildStep]) -> None:
        self._steps = steps
        self._patterns: dict[tuple[int, int], list[tuple[Use, re.Pattern[str]]]] = {}

    def of(self, path: str, shipped_in: int, hidden_in: int) -> Use:
        """Returns the use of a path before a layer removes it."""
        pair = shipped_in, hidden_in
        patterns = self._patterns.get(pair)
        if patterns is None:
            patterns = list(self._read(*pair)) if len(self._patterns) < _MAX_PAIRS else []
            self._patterns[pair] = patterns
        return next((use for use, pattern in patterns if pattern.match(f"/{path}")), Use.NONE)

    def _read(self, shipped_in: int, hidden_in: int) -> Iterator[tuple[Use, re.Pattern[str]]]:
        """Yields the uses of what the commands of a layer delete."""
        hider = step_of(self._steps, hidden_in)
        words = _words(_commands_between(self._steps, shipped_in, hidden_in))
        for place, command in enumerate(hider.commands):
            if not DELETES.search(command):
                continue
            name, *rest = command.removeprefix("sudo ").split()
            operands = [word.strip("'\"") for word in rest if not word.startswith("-")]
            if name == "mv":
                yield from ((Use.MOVED, _pattern(operand)) for operand in operands[:-1])
            elif name in ("rm", "unlink"):
                used = words | _words(_working(hider.commands[:place]))
                for operand in operands:
                    directory = operand.rstrip("*").rstrip("/")
                    is_needed = bool(used) and directory.rpartition("/")[2] in _DEPENDENCIES
                    if is_needed or (
                        directory and any(f"{word}/".startswith(f"{directory}/") or word == operand for word in used)
                    ):
                        yield Use.READ, _pattern(directory)


def works_between(steps: Sequence[BuildStep], shipped_in: int, hidden_in: int) -> bool:
    """True if a command may need packages before a later layer uninstalls them."""
    hider = step_of(steps, hidden_in)
    first = next((place for place, command in enumerate(hider.commands) if UNINSTALLS.search(command)), 0)
    between = _commands_between(steps, shipped_in, hidden_in)
    return uninstalls_packages(hider) and any(True for _ in (*between, *_working(hider.commands[:first])))


def _commands_between(steps: Sequence[BuildStep], shipped_in: int, hidden_in: int) -> list[str]:
    return [command for step in steps[shipped_in + 1 : hidden_in] for command in _working(step.commands)]


def _working(commands: Sequence[str]) -> list[str]:
    """Returns the commands that may read files."""
    return [
        command
        for command in commands
        if not any(pattern.search(command) for pattern in (DELETES, ATTRIBUTES, UNINSTALLS, _CLEANS, _SETUP))
    ]


def _words(commands: Sequence[str]) -> set[str]:
    """Returns the words of commands, also the values of their options."""
    words = {part for command in commands for word in command.split() for part in word.split("=")}
    return {word.strip("'\"").rstrip("/") for word in words} - {""}


def _pattern(operand: str) -> re.Pattern[str]:
    """Returns the pattern of the paths that an operand names, and of those below it."""
    named = operand.removeprefix("./").rstrip("/")
    above = "" if named.startswith("/") else "/(?:.+/)?"
    inside = translate(named).removesuffix(r"\Z")
    return re.compile(f"{above}(?:{inside})(?:/.*)?\\Z", re.DOTALL)
