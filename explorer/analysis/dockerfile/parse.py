"""Reads the instructions of a Dockerfile with their lines, as BuildKit does.

It knows what decides where an instruction ends: the directive ``escape``, comments and empty lines within an
instruction, and heredocs. The meaning of the arguments is for ``compare`` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from explorer.analysis.dockerfile.dockerfile import Dockerfile, DockerfileInstruction
from explorer.analysis.dockerfile.heredocs import UnterminatedHeredoc, read_heredocs
from explorer.errors import UsageError
from explorer.text.printable import printable, shortened

_KEYWORD = re.compile(
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    "|WORKDIR"
)
_DIRECTIVE = re.compile(r"#\s*(syntax|escape|check)\s*=\s*(.+)", re.IGNORECASE)
_FLAG = re.compile(r"""--[^\s"']*(?:"[^"]*"[^\s"']*|'[^']*'[^\s"']*)*(?:\s+|$)""")
_SPACES = " \t"
_MAX_SHOWN_CHARS = 30
_MAX_INSTRUCTIONS = 10_000


def parse_dockerfile(text: str, name: str, target: str = "") -> Dockerfile:
    """Returns the instructions of a Dockerfile. Raises UsageError if it is none.

    Args:
        text: The contents of the file.
        name: The name to show.
        target: The stage that the build was asked for; empty for the last.
    """
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    if lines[-1] == "":
        lines.pop()
    reader = _LineReader(lines)
    instructions: list[DockerfileInstruction] = []
    stage = -1
    while (words := reader.next_instruction()) is not None:
        first = reader.first
        keyword, _, rest = words.replace("\t", " ").partition(" ")
        rest, keyword = words[len(keyword) :].strip(), keyword.upper()
        stage += keyword == "FROM"
        if len(instructions) == _MAX_INSTRUCTIONS:
            raise _no_dockerfile(name, first, f"it has more than {_MAX_INSTRUCTIONS:,} instructions")
        _expect(keyword, stage, name, first)
        flags, arguments = _flags(rest)
        try:
            heredocs = read_heredocs(keyword, arguments, reader)
        except UnterminatedHeredoc as error:
            raise _no_dockerfile(name, first, f"no line ends the heredoc “{_shown(error.name)}”") from None
        instructions.append(DockerfileInstruction(keyword, arguments, flags, first, reader.last, stage, heredocs))
    if stage < 0:
        raise UsageError(f"{printable(name)} is no Dockerfile: it has no FROM")
    return Dockerfile(name, tuple(lines), tuple(instructions), target)


class _LineReader(Iterator[str]):
    """Reads lines one after the other, and joins those of one instruction."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.first = 0
        """The first line of the last instruction, counted from 1."""
        self.last = 0
        """The last line that was read."""
        self._escape = "\\"
        self._may_be_directive = True

    def __next__(self) -> str:
        if self.last == len(self._lines):
            raise StopIteration
        self.last += 1
        return self._lines[self.last - 1]

    def next_instruction(self) -> str | None:
        """Returns the text of the next instruction on one line; None at the end."""
        for line in self:
            start = line.lstrip()
            self._read_directive(start)
            if not start or start.startswith("#"):
                continue
            self.first = self.last
            pieces = []
            part: str | None = start
            while part is not None:
                piece, is_continued = self._continued(part)
                pieces.append(piece)
                part = self._continuation() if is_continued else None
            joined = "".join(pieces).strip()
            if joined:
                return joined
        return None

    def _continuation(self) -> str | None:
        """Returns the next line of an instruction; None at the end.

        Comments and empty lines are left out.
        """
        return next((line for line in self if line.strip() and not line.lstrip().startswith("#")), None)

    def _continued(self, line: str) -> tuple[str, bool]:
        """Returns a line without the character that continues it, and True if it has one."""
        text = line.rstrip(_SPACES)
        if text.endswith(self._escape) and not text.endswith(2 * self._escape):
            return text[:-1], True
        return line, False

    def _read_directive(self, line: str) -> None:
        if not self._may_be_directive:
            return
        match = _DIRECTIVE.fullmatch(line.rstrip())
        self._may_be_directive = match is not None
        if match and match.group(1).lower() == "escape" and match.group(2) in ("`", "\\"):
            self._escape = match.group(2)


def _flags(text: str) -> tuple[tuple[str, ...], str]:
    """Splits the flags from the arguments."""
    flags, at = [], 0
    while match := _FLAG.match(text, at):
        flags.append(match.group().strip())
        at = match.end()
    return tuple(flags), text[at:]


def _expect(keyword: str, stage: int, name: str, line: int) -> None:
    """Raises UsageError if an instruction cannot be one."""
    if not _KEYWORD.fullmatch(keyword):
        raise _no_dockerfile(name, line, f"“{_shown(keyword)}” is no instruction")
    if stage < 0 and keyword != "ARG":
        raise _no_dockerfile(name, line, f"{keyword} stands before the first FROM")


def _no_dockerfile(name: str, line: int, reason: str) -> UsageError:
    return UsageError(f"{printable(name)} is no Dockerfile: line {line}: {reason}")


def _shown(text: str) -> str:
    return printable(shortened(text, _MAX_SHOWN_CHARS))
