"""The stages of a Dockerfile: the instructions that made the image of one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.analysis.dockerfile.dockerfile import Dockerfile, DockerfileInstruction

_MAX_CANDIDATES = 100
SCRATCH = "scratch"
"""The name of the empty base."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^{}]{0,1000}))?\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, with the stages of the same file that it stands on."""

    number: int
    name: str
    """In small letters; empty if it has none."""
    base_line: DockerfileInstruction
    """The FROM that names an image of another build: the instruction for all that this brings."""
    base: str
    """The name of that image, with the defaults of build arguments."""
    below: Stage | None
    """The stage that it stands on, if that is of the same file."""
    own: tuple[DockerfileInstruction, ...]
    """Its own instructions, without FROM."""

    @property
    def instructions(self) -> Sequence[DockerfileInstruction]:
        """The instructions of the stages below, then its own, without FROM."""
        chain: list[Stage] = []
        stage: Stage | None = self
        while stage is not None:
            chain.append(stage)
            stage = stage.below
        return [each for stage in reversed(chain) for each in stage.own]


def stages(dockerfile: Dockerfile) -> list[Stage]:
    """Returns the stages of a Dockerfile, in its order."""
    defaults = dict(_defaults(dockerfile))
    found: list[Stage] = []
    by_name: dict[str, Stage] = {}
    own: dict[int, list[DockerfileInstruction]] = {}
    for instruction in dockerfile.instructions:
        own.setdefault(instruction.stage, []).append(instruction)
    for number, (start, *rest) in own.items():
        if number < 0:
            continue
        words = start.arguments.split()
        base = _substituted(words[0], defaults) if words else ""
        name = words[2].lower() if len(words) > 2 and words[1].lower() == "as" else ""
        below = by_name.get(base.lower())
        if below is None:
            stage = Stage(number, name, start, base, None, tuple(rest))
        else:
            stage = Stage(number, name, below.base_line, below.base, below, tuple(rest))
        found.append(stage)
        if name:
            by_name[name] = stage
    return found


def targeted_stages(dockerfile: Dockerfile) -> list[Stage]:
    """Returns the stages that the image may be of, the most likely one first."""
    every = stages(dockerfile)
    target = dockerfile.target.lower()
    if not target:
        return every[: -_MAX_CANDIDATES - 1 : -1]
    named = [stage for stage in every if stage.name == target][-1:]
    return named or [stage for stage in every if str(stage.number) == target]


def _defaults(dockerfile: Dockerfile) -> Iterator[tuple[str, str]]:
    """Yields names and defaults of the build arguments before the first FROM."""
    for instruction in dockerfile.instructions:
        if instruction.stage >= 0:
            return
        for word in instruction.arguments.split():
            name, separator, value = word.partition("=")
            if separator:
                yield name, value.strip("\"'")


def _substituted(text: str, values: Mapping[str, str]) -> str:
    """Replaces variables by their values, by their own defaults, or by nothing."""
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[3], match[2] or ""), text.strip("\"'"))
