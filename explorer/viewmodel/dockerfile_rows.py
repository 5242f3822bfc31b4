"""The lines of the Dockerfile, with the figures of their instructions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.text.printable import printable

if TYPE_CHECKING:
    from explorer.analysis.dockerfile.dockerfile import DockerfileInstruction, LineRange
    from explorer.analysis.dockerfile.instruction_usage import InstructionUsage
    from explorer.analysis.dockerfile.map_steps import DockerfileMap

_TAB_CELLS = 8
_MAX_LINE_CHARS = 10_000
"""Characters of a line that show."""


@dataclass(frozen=True, slots=True)
class DockerfileRow:
    """One line of the Dockerfile."""

    number: int
    """Counted from 1."""
    text: str
    """The line, printable, with blanks in place of tabs."""
    instruction: DockerfileInstruction | None = None
    """The instruction that the line is a part of; None for comments and empty lines between instructions."""
    usage: InstructionUsage | None = None
    """The figures of the instruction; None without figures."""
    is_in_image: bool = True
    """False if its stage is known not to be in the image."""

    @property
    def first_usage(self) -> InstructionUsage | None:
        """The figures, on the first line of the instruction alone."""
        is_first = self.instruction is not None and self.number == self.instruction.first_line
        return self.usage if is_first else None


@dataclass(frozen=True)
class DockerfileRows:
    """The lines, and the ways from lines to layers and back."""

    mapped: DockerfileMap
    rows: Sequence[DockerfileRow]

    def lines_of(self, layer: int, step: int | None) -> LineRange | None:
        """Returns the lines of a step of the history; without a step, those of a layer."""
        if step is not None and step in self.mapped.lines_by_step:
            lines = self.mapped.lines_by_layer.get(layer) if layer in self.mapped.squashed_layers else None
            return lines or self.mapped.lines_by_step[step]
        return self.mapped.lines_of_layer(layer) if step is None else None

    def layer_at(self, index: int, selected: int) -> int | None:
        """Returns the layer of a line, the selected one if the line has several.

        None if the line made no layer, or if its stage is not in the image.
        """
        usage = self.rows[index].usage if index < len(self.rows) else None
        layers: Sequence[int] = usage.layers if usage is not None else ()
        if not layers and usage is not None and usage.is_in_image:
            layers = self.mapped.squashed_at(self.rows[index].number)
        return None if not layers else selected if selected in layers else layers[-1]


def dockerfile_rows(mapped: DockerfileMap, usages: Sequence[InstructionUsage]) -> DockerfileRows:
    """Returns the lines of a Dockerfile; without usages, no line has figures."""
    dockerfile = mapped.dockerfile
    by_instruction = {usage.instruction: usage for usage in usages}
    starts = [each.first_line for each in dockerfile.instructions]
    excluded = _excluded_stages(usages)
    rows = []
    for number, line in enumerate(dockerfile.lines, 1):
        at = bisect_right(starts, number) - 1
        last = dockerfile.instructions[at] if at >= 0 else None
        is_within = last is not None and number <= last.last_line
        instruction = last if is_within else None
        rows.append(
            DockerfileRow(
                number,
                shown_line(line),
                instruction,
                by_instruction.get(instruction) if instruction is not None else None,
                last is None or last.stage not in excluded,
            )
        )
    return DockerfileRows(mapped, rows)


def shown_line(line: str) -> str:
    """Returns a line as the screen shows it: printable, and its tabs as blanks."""
    return printable(line[:_MAX_LINE_CHARS].expandtabs(_TAB_CELLS))


def _excluded_stages(usages: Sequence[InstructionUsage]) -> set[int]:
    """Returns the stages of which nothing is in the image."""
    every = {usage.instruction.stage for usage in usages if usage.instruction.stage >= 0}
    return every - {usage.instruction.stage for usage in usages if usage.is_in_image}
