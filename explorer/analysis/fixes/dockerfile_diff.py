"""The lines of a Dockerfile before and after a fix.

The history knows no line breaks, variables or comments, so the lines are for people to read and adapt. A step that the
history does not hold in full, like one with a here-document, has no lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.advice.advice import copy_options
from explorer.analysis.advice.build_steps import ATTRIBUTES, BuildStep

_MAX_IGNORED_PATHS = 8
_UPDATES = re.compile(r"^(?:sudo )?apt(?:-get)?\s+(?:-\S+\s+)*update$")


class DiffLine(NamedTuple):
    """A line that goes or comes."""

    sign: str
    """``-``, ``+``, or ``#`` for the name of another file."""
    text: str
    """Printable."""

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


class DockerfileDiff:
    """Writes the lines of fixes."""

    def __init__(self, steps: Sequence[BuildStep], working_directory: str) -> None:
        self.steps = steps
        self.working_directory = working_directory.strip("/")

    def ending(self, runs: Sequence[BuildStep], command: str) -> Iterator[DiffLine]:
        """Yields the lines that end each RUN with a command.

        A RUN that only updates package lists joins the next one.
        """
        numbers = {run.number for run in runs}
        for run in runs:
            if not _is_known(run) or not command:
                continue
            before = self.steps[run.number - 1] if 0 < run.number <= len(self.steps) else None
            if _only_updates(run) and run.number + 1 in numbers:
                continue
            joined = before if before is not None and before.number in numbers and _only_updates(before) else None
            if joined is not None:
                yield DiffLine("-", joined.text)
            yield DiffLine("-", run.text)
            start = f"{joined.text} && {_arguments(run)}" if joined is not None else run.text
            missing = [part for part in command.split(" && ") if part not in run.text]
            yield DiffLine("+", " && ".join([start, *missing]))

    def moving(self, origins: Sequence[BuildStep], hider: BuildStep, command: str) -> Iterator[DiffLine]:
        """Yields the lines that move a command of one RUN to the end of others."""
        runs = [run for run in origins if _is_known(run)]
        if not command or not _is_known(hider) or not runs:
            return
        for run in runs:
            yield DiffLine("-", run.text)
            yield DiffLine("+", f"{run.text} && {command}")
        yield from _without(hider, command)

    def setting_attributes(self, origins: Sequence[BuildStep], hider: BuildStep, path: str) -> Iterator[DiffLine]:
        """Yields the lines that set mode and owner in the steps that make the files."""
        command = hider.command(ATTRIBUTES, path)
        if not command or not _is_known(hider):
            return
        for step in origins:
            if step.is_copy:
                yield DiffLine("-", step.text)
                yield DiffLine("+", f"{step.keyword} {copy_options(command)} {_arguments(step)}")
            elif _is_known(step):
                yield DiffLine("-", step.text)
                yield DiffLine("+", f"{step.text} && {command}")
        yield from _without(hider, command)

    def ignoring(self, copy: BuildStep, paths: Sequence[str]) -> Iterator[DiffLine]:
        """Yields the lines of .dockerignore that leave out paths of a COPY."""
        sources, target = self._copied(copy)
        if not sources:
            return
        inside = [path.removeprefix(f"{target}/" if target else "") for path in paths if _is_below(path, target)]
        names = _highest(f"{sources}/{path}" if sources != "." else path for path in inside)
        if names:
            yield DiffLine("#", ".dockerignore")
            yield from (DiffLine("+", name) for name in names[:_MAX_IGNORED_PATHS])
            if len(names) > _MAX_IGNORED_PATHS:
                yield DiffLine("#", f"and {len(names) - _MAX_IGNORED_PATHS:,} more")

    def _copied(self, copy: BuildStep) -> tuple[str, str]:
        """Returns source and target of a COPY; empty texts if they are not known."""
        words = [word for word in _arguments(copy).split() if not word.startswith("--")]
        if copy.is_from_stage or len(words) != 2 or words[0].startswith(("…", "[", "(")):
            return "", ""
        target = words[1] if words[1].startswith("/") else f"{self.working_directory}/{words[1].removeprefix('./')}"
        return words[0].strip("/").removeprefix("./") or ".", "/".join(
            part for part in target.split("/") if part not in ("", ".")
        )


def _is_known(step: BuildStep) -> bool:
    """True if the step is a RUN whose whole command is a line of a shell."""
    return step.is_run and bool(step.commands) and "<<" not in step.text and not step.is_cut


def _only_updates(step: BuildStep) -> bool:
    return bool(step.commands) and all(_UPDATES.match(command) for command in step.commands)


def _arguments(step: BuildStep) -> str:
    return step.text.removeprefix(step.keyword).strip()


def _without(step: BuildStep, command: str) -> Iterator[DiffLine]:
    """Yields the lines that take a command out of a RUN."""
    yield DiffLine("-", step.text)
    rest = [other for other in step.commands if other != command]
    if rest:
        yield DiffLine("+", f"RUN {' && '.join(rest)}")


def _is_below(path: str, directory: str) -> bool:
    return not directory or path.startswith(f"{directory}/")


def _highest(paths: Iterator[str]) -> list[str]:
    """Returns the paths, where several files of a hidden directory are one: ``.git``."""
    names: dict[str, None] = {}
    for path in paths:
        parts = path.split("/")
        hidden = next(
            (place for place, part in enumerate(parts) if part.startswith(".") or part == "node_modules"), None
        )
        names["/".join(parts if hidden is None else parts[: hidden + 1])] = None
    return list(names)
