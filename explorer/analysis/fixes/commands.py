"""Changes single shell commands: their operands, targets and options."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from explorer.analysis.advice.build_steps import named_directory
from explorer.text.shell import Line, lines, shell_quoted

DELETE_APT_LISTS = "rm -rf /var/lib/apt/lists/*"
CLEAN_APT = "apt-get clean"
_MAX_TARGETS = 4
_STOPS_AT_FAILURE = re.compile(r"\bset -[a-z]*e|\berrexit\b")
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


def joined(texts: Sequence[str]) -> str:
    """Returns RUNs, without the keyword, as one that stops at the same failures.

    The result is empty if this needs more than joining them.
    """
    whole = texts[0]
    for text in texts[1:]:
        joiner = _joiner(whole, text)
        if not joiner or text.startswith("--"):
            return ""
        read = lines(text)
        is_chain = _is_flat(read) and all(line.joiner == "&&" for line in read[1:])
        whole += f"{joiner}{text}" if is_chain or joiner == "; " else f"{joiner}{{ {text}; }}"
    return whole


def _joiner(whole: str, text: str) -> str:
    """Returns the operator between two RUNs; empty if none keeps the failures of both."""
    if not _STOPS_AT_FAILURE.search(whole):
        return " && "
    # A shell with `set -e` goes on after a failure if `&&` follows: only the last command of a list may have it.
    read, after = lines(whole), lines(text)
    changes_failures = len(after) > 1 and not _STOPS_AT_FAILURE.search(text) and not _is_list(after)
    if not _is_flat(read) or "set +" in whole or changes_failures:
        return ""
    return "; " if len(read) > 1 and not read[-1].joiner else " && "


def _is_list(read: Sequence[Line]) -> bool:
    return _is_flat(read) and all(line.joiner for line in read[1:])


def _is_flat(read: Sequence[Line]) -> bool:
    """True if no line is in a loop, a condition, parentheses, or the background."""
    return not any(line.depth or any(piece.text in ("&", "(", "{") for piece in line.pieces) for line in read)
