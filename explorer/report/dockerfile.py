"""The lines of the Dockerfile, with what each made of the image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from explorer.pipeline import Exploration
from explorer.text.pace import duration
from explorer.text.printable import printable, shortened
from explorer.text.units import size
from explorer.text.words import enumerated

if TYPE_CHECKING:
    from explorer.analysis.dockerfile.dockerfile import DockerfileInstruction
    from explorer.analysis.dockerfile.instruction_usage import InstructionUsage

HEADS = ("Line", "Size", "Wasted", "Undoes", "Time", "Instruction")
_MAX_INSTRUCTION_CHARS = 1_000
_SECONDS_PER_MINUTE = 60
_WITH_VALUES = ("ENV", "ARG")
"""Instructions whose values may be secret."""
_NAME = re.compile(r"[A-Za-z_]\w*=")


def title(exploration: Exploration) -> str:
    """Returns the heading of the lines; empty without a Dockerfile that fits."""
    mapped = exploration.dockerfile_map
    return "" if mapped is None or mapped.problem else f"Lines of {printable(mapped.dockerfile.name)}"


def remark(exploration: Exploration) -> str:
    """Returns a sentence about lines whose figures are unknown; mostly empty."""
    mapped = exploration.dockerfile_map
    return f"{mapped.remark[0].upper()}{mapped.remark[1:]}." if mapped is not None and mapped.remark else ""


def rows(exploration: Exploration) -> Iterator[Sequence[str]]:
    """Yields lines, bytes, time and text of each instruction of the image.

    Zeros are blank.
    """
    for usage in exploration.instruction_usage:
        made = usage.instruction
        if usage.is_in_image and (made.keyword != "FROM" or usage.layers):
            sizes = map(_size, (usage.bytes, usage.wasted_bytes, usage.hides_bytes))
            yield str(made.lines), *sizes, _time(usage), _text(made)


def lines_of_layers(exploration: Exploration, layers: Iterable[int]) -> str:
    """Returns the lines that made some layers: `` (Dockerfile: lines 2 and 5-7)``.

    Empty if they are unknown.
    """
    mapped = exploration.dockerfile_map
    if mapped is None:
        return ""
    made = sorted({lines for layer in layers if (lines := mapped.lines_of_layer(layer)) is not None})
    if not made:
        return ""
    word = "line" if len(made) == 1 and made[0].first == made[0].last else "lines"
    return f" ({printable(PurePath(mapped.dockerfile.name).name)}: {word} {enumerated(map(str, made), 'and')})"


def dockerfile_figures(exploration: Exploration) -> dict[str, Any] | None:
    """Returns the figures of all lines for JSON; None without a Dockerfile."""
    mapped = exploration.dockerfile_map
    if mapped is None:
        return None
    return {
        "file": mapped.dockerfile.name,
        "problem": mapped.problem or None,
        "remark": mapped.remark or None,
        "instructions": [_instruction(usage) for usage in exploration.instruction_usage],
    }


def _instruction(usage: InstructionUsage) -> dict[str, Any]:
    return {
        "first_line": usage.instruction.first_line,
        "last_line": usage.instruction.last_line,
        "keyword": usage.instruction.keyword,
        "in_image": usage.is_in_image,
        "layers": list(usage.layers),
        "bytes": usage.bytes,
        "wasted_bytes": usage.wasted_bytes,
        "hides_bytes": usage.hides_bytes,
        "disposable_bytes": usage.disposable_bytes,
        "seconds": usage.seconds,
        "cached": usage.is_cached,
    }


def _text(made: DockerfileInstruction) -> str:
    """Returns an instruction on one line, without the values of variables."""
    if made.keyword in _WITH_VALUES:
        names = [name[0] for word in made.arguments.split() if (name := _NAME.match(word))]
        shown = [f"{name}…" for name in names] or [made.arguments.split(maxsplit=1)[0] if made.arguments else ""]
        return printable(shortened(" ".join([made.keyword, *shown]), _MAX_INSTRUCTION_CHARS))
    return printable(shortened(" ".join(made.text.split()), _MAX_INSTRUCTION_CHARS))


def _size(count: int | None) -> str:
    return "?" if count is None else size(count) if count else ""


def _time(usage: InstructionUsage) -> str:
    if usage.is_cached:
        return "cached"
    if usage.seconds is None or round(usage.seconds, 1) == 0:
        return ""
    if usage.seconds < _SECONDS_PER_MINUTE:
        return f"{usage.seconds:.1f} s"
    return duration(usage.seconds)
