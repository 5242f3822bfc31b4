"""The nouns: a Dockerfile, its instructions and their lines.

Their texts are not printable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

CONTENT_KEYWORDS = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})
"""The instructions that may change files, and so make layers."""


class LineRange(NamedTuple):
    """Lines of a Dockerfile, counted from 1."""

    first: int
    last: int

    def has(self, line: int) -> bool:
        """True if a line is one of them."""
        return self.first <= line <= self.last

    def __str__(self) -> str:
        """The lines in words: ``3``, ``5-7``."""
        return f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A document within the Dockerfile: the lines up to one that has only its name."""

    name: str
    content: str
    """The lines, each with its line feed."""
    strips_tabs: bool = False
    """True for ``<<-``: tabs at the beginning of lines do not count."""


@dataclass(frozen=True, slots=True)
class DockerfileInstruction:
    """An instruction of a Dockerfile."""

    keyword: str
    """``RUN``, ``COPY``, ... in capital letters."""
    arguments: str
    """The text after the keyword and the flags, on one line: without comments, and without the characters that
    continue a line."""
    flags: tuple[str, ...]
    """``--mount=...``, ``--chown=...``."""
    first_line: int
    last_line: int
    stage: int
    """The number of its stage; -1 before the first FROM."""
    heredocs: tuple[Heredoc, ...] = ()

    @property
    def lines(self) -> LineRange:
        """The lines that it is on, with its heredocs."""
        return LineRange(self.first_line, self.last_line)

    @property
    def text(self) -> str:
        """The keyword, the flags and the arguments."""
        return " ".join([self.keyword, *self.flags, self.arguments])


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile, or a Containerfile."""

    name: str
    """The path that the user typed, or the name in the provenance."""
    lines: tuple[str, ...]
    """Without the characters that end a line."""
    instructions: tuple[DockerfileInstruction, ...]
    target: str = ""
    """The stage that was asked for, by name or number; empty if it is unknown, or the last."""
    build_started: datetime | None = None
    """The start of the build, if it is known by the clock of its engine: steps that are older were cached."""
    is_of_build: bool = False
    """True if the build itself gave it: then the last stage made the image, if no target is known."""
    problem: str = ""
    """The reason why the Dockerfile of a build is unknown, so that it has no lines; printable."""
