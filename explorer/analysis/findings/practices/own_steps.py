"""The steps of the history above the base."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from explorer.analysis.base.history import names_base
from explorer.analysis.findings.secrets.secret_hints import may_have_secrets
from explorer.model import HistoryStep
from explorer.text import shell
from explorer.text.dockerfile import Instruction, instruction, listed
from explorer.text.printable import printable, shortened
from explorer.text.units import parsed_time

_MAX_STEP_CHARS = 5_000
_MAX_STEPS = 1_000


class OwnStep(NamedTuple):
    """A step of the history above the base."""

    number: int
    """The index in ``Image.history``."""
    layer: int | None
    instruction: Instruction
    """Not printable."""
    commands: tuple[str, ...] = ()
    """The commands of a RUN, each on one line; not printable."""

    @property
    def keyword(self) -> str:
        """The keyword of the instruction."""
        return self.instruction.keyword

    @property
    def words(self) -> list[str]:
        """The arguments of an instruction that takes a list or words."""
        return listed(self.instruction.arguments) or self.instruction.arguments.split()


def own_steps(history: Sequence[HistoryStep], base_layers: int) -> list[OwnStep]:
    """Returns the steps above the base, as far as they are certainly not the base's."""
    start = _start(history, base_layers)
    return [_own_step(index, history[index]) for index in range(start, min(start + _MAX_STEPS, len(history)))]


def _start(history: Sequence[HistoryStep], base_layers: int) -> int:
    """Returns the index of the first step above the base.

    Steps without a layer that follow the last layer of the base may be of either. Those of the base are about as old as
    its layer. Where the dates do not tell, they count as the base's.
    """
    if not base_layers:
        return 0
    numbers = [-1 if step.layer is None else step.layer for step in history]
    after_base = max((index + 1 for index, number in enumerate(numbers) if 0 <= number < base_layers), default=0)
    first_layer = next((index for index, number in enumerate(numbers) if number >= base_layers), len(history))
    above_base = range(after_base, min(first_layer + 1, len(history)))
    named = [index for index in above_base if names_base(history[index].comment)]
    if named:
        return named[-1]
    base_time = parsed_time(history[after_base - 1].created) if after_base else None
    own_time = parsed_time(history[min(first_layer, len(history) - 1)].created) if history else None
    for index in range(after_base, first_layer):
        if _is_nearer(parsed_time(history[index].created), own_time, base_time):
            return index
    return first_layer


def _is_nearer(time: datetime | None, own_time: datetime | None, base_time: datetime | None) -> bool:
    """True if a time is certainly nearer to the own steps than to the base."""
    return None not in (time, own_time, base_time) and own_time - time < time - base_time  # type: ignore[operator]


def _own_step(index: int, step: HistoryStep) -> OwnStep:
    parsed = instruction(shortened(step.created_by, _MAX_STEP_CHARS), step.comment)
    lines = shell.lines(parsed.arguments, parsed.is_windows) if parsed.keyword == "RUN" else ()
    commands = tuple(" ".join(line.command.split()) for line in lines if line.command)
    return OwnStep(index, step.layer, parsed, commands)


def quoted(text: str, max_chars: int = 80) -> str:
    """Returns a stranger's text between backticks, printable, cut and without secrets."""
    # The history and the settings have none any more, but names in files may.
    if may_have_secrets(text):
        from explorer.analysis.findings.secrets.without_secrets import without_secrets

        text = without_secrets(text)
    return f"`{shortened(printable(text), max_chars)}`"
