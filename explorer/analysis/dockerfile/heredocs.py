"""Heredocs of RUN, COPY and ADD."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from explorer.analysis.dockerfile.dockerfile import Heredoc

_HEREDOC = re.compile(r"\d*<<(-?)\s*([^<]+)")
_KEYWORDS = frozenset({"RUN", "COPY", "ADD"})
_WORD = re.compile(r"""(?:\\.|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'\\]|["'\\])+""", re.DOTALL)
_QUOTING = re.compile(r"""\\(.)|["']""", re.DOTALL)


class UnterminatedHeredoc(ValueError):
    """A heredoc whose last line is missing."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Opening(NamedTuple):
    """The word that announces a heredoc."""

    name: str
    strips_tabs: bool


def read_heredocs(keyword: str, arguments: str, following: Iterator[str]) -> tuple[Heredoc, ...]:
    """Reads the heredocs of an instruction from the lines that follow it.

    Args:
        keyword: In capital letters.
        arguments: The arguments of the instruction.
        following: The following lines; those of the heredocs are taken.

    Raises UnterminatedHeredoc.
    """
    if "<<" not in arguments:
        return ()
    if keyword == "ONBUILD":
        keyword, _, arguments = arguments.partition(" ")
        keyword = keyword.upper()
    if keyword not in _KEYWORDS or arguments.lstrip().startswith("["):
        return ()
    return tuple(_read(opening, following) for opening in _openings(arguments))


def _openings(arguments: str) -> Iterator[_Opening]:
    for word in _WORD.findall(arguments):
        match = _HEREDOC.fullmatch(word)
        if match and (name := _QUOTING.sub(lambda quoting: quoting.group(1) or "", match.group(2))):
            yield _Opening(name, bool(match.group(1)))


def _read(opening: _Opening, following: Iterator[str]) -> Heredoc:
    content: list[str] = []
    for line in following:
        if (line.lstrip("\t") if opening.strips_tabs else line) == opening.name:
            return Heredoc(opening.name, "".join(f"{each}\n" for each in content), opening.strips_tabs)
        content.append(line)
    raise UnterminatedHeredoc(opening.name)
