"""Changes single shell commands: their operands, targets and options."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from explorer.analysis.advice.build_steps import named_directory
from explorer.text.shell import shell_quoted

DELETE_APT_LISTS = "rm -rf /var/lib/apt/lists/*"
CLEAN_APT = "apt-get clean"
_MAX_TARGETS = 4
_SPECIAL = re.compile(r"[\"'\\$`;|&<>(){}]")


def only_for(command: str, paths: Sequence[str]) -> tuple[str, str]:
    """Splits ``rm`` in the command for some paths, and the one for its other operands.

    Other commands, and operands that the shell changes, stay whole; the rest is then empty.
    """
    if not command.startswith("rm ") or _SPECIAL.search(command):
        return command, ""
    name, *words = command.split()
    options = [word for word in words if word.startswith("-")]
    operands = [word for word in words if not word.startswith("-")]
    # The paths of an image are many, and one search in their order finds any below a directory.
    ordered = sorted([f"/{path}/" for path in paths])
    named = [word for word in operands if _names_any(word, ordered)]
    others = [word for word in operands if word not in named]
    if not named or not others:
        return command, ""
    return " ".join([name, *options, *named]), " ".join([name, *options, *others])


def _names_any(word: str, ordered: Sequence[str]) -> bool:
    """True if a word names one of some paths in order, or a directory above it."""
    directory = named_directory(word)
    place = bisect_left(ordered, directory) if directory else len(ordered)
    return place < len(ordered) and ordered[place].startswith(directory)


def retargeted(command: str, paths: Sequence[str], above: str = "/") -> str:
    """Returns ``chown`` or ``chmod`` for some paths only; empty if these are too many."""
    name, *words = command.split()
    operands = [word for word in words if not word.startswith("-")]
    if len(set(paths)) > _MAX_TARGETS or name not in ("chown", "chmod", "chgrp") or not operands:
        return ""
    return " ".join([name, operands[0], *(shell_quoted(f"{above}{path}") for path in dict.fromkeys(paths))])


def option_added(text: str, option: tuple[str, str]) -> str:
    """Returns an instruction whose commands have one more option.

    The result is empty if no command takes it, or if others fill the cache as well.

    Args:
        text: The instruction.
        option: A command of two words, and the same with the option.
    """
    old, new = option
    tool = old.partition(" ")[0]
    uses = re.findall(rf"\b{tool} [a-z]+", text)
    if new in text or not uses or any(use != old for use in uses):
        return ""
    return re.sub(rf"\b{re.escape(old)}\b", lambda _: new, text)


def deleting(paths: Sequence[str]) -> str:
    """Returns the command that deletes directories and files."""
    return f"rm -rf {' '.join(shell_quoted(f'/{path}') for path in paths)}"


def ending_with(text: str, command: str) -> str:
    """Returns a RUN that ends with a command, but still cleans apt's files last."""
    ends = ""
    while end := next((end for end in (DELETE_APT_LISTS, CLEAN_APT) if text.endswith(f" && {end}")), ""):
        text, ends = text.removesuffix(f" && {end}"), f" && {end}{ends}"
    return f"{text} && {command}{ends}"
