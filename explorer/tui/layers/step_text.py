"""A step of the history as lines of text: its instruction and its settings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice

from rich.cells import cell_len
from textual.content import Content

from explorer.analysis.config_history import Setting
from explorer.model import HistoryStep
from explorer.text.dockerfile import Instruction, instruction, readable, settings
from explorer.text.printable import printable, shortened
from explorer.text.shell import Line, Role, lines
from explorer.text.words import step_command
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.prose import MAX_TEXT_CHARS, hanging_lines, more_text

_MAX_COMMAND_LINES = 200
_MAX_VALUE_CHARS = 400
_MAX_SETTINGS_CELLS = 8_000
"""Cells of all configuration values of a step together."""
_INDENT = 4
_STYLES = {
    Role.COMMAND: "bold $code-command",
    Role.FLAG: "$code-flag",
    Role.STRING: "$code-string",
    Role.OPERATOR: "$code-operator",
    Role.COMMENT: "$faint-text",
    Role.WORD: "",
}
_DEFAULT_SHELLS = ("", "/bin/sh -c", "cmd /S /C")
_LONG_OPTIONS = re.compile(r"(?: -[A-Za-z]+)*(?: --[A-Za-z][^\s'\"]*)+(?= )")
"""Options like ``-y --no-install-recommends`` before another word. Quotes stay, as they may hold blanks."""


@lru_cache(1024)
def cut_step(command: str, width: int) -> str:
    """Cuts a step to ``width`` cells, the long options of a RUN first.

    Steps that begin with the same options then differ in what they name.
    """
    if command.startswith("RUN ") and cell_len(command) > width:
        command = _LONG_OPTIONS.sub(" …", command)
    return cut(command, width)


def instruction_lines(step: HistoryStep, width: int, names: Collection[str] = ()) -> Iterator[Content]:
    """Yields a step's instruction in lines; ``names`` are known variables and labels."""
    if not step.created_by.strip():
        yield from hanging_lines(Content(""), 0, Content(step_command(step, MAX_TEXT_CHARS)), width)
        return
    parsed = instruction(shortened(step.created_by, MAX_TEXT_CHARS))
    head = Content.styled(parsed.keyword, "bold $key")
    if parsed.keyword == "RUN":
        yield from _run_lines(parsed, width)
    elif parsed.keyword in ("ENV", "LABEL"):
        pairs = list(settings(parsed.arguments, names))
        for name, value in islice(pairs, _MAX_COMMAND_LINES):
            pair = Content.assemble(printable(name), ("=", "$muted"), (printable(value), "$code-string"))
            yield from hanging_lines(head, len(parsed.keyword) + 1, pair, width)
            head = Content("")
        if len(pairs) > _MAX_COMMAND_LINES:
            yield Content.styled(more_text(len(pairs) - _MAX_COMMAND_LINES), "$muted")
    else:
        flags = [Content.styled(printable(flag), "$code-flag") for flag in parsed.flags]
        arguments = Content(" ").join([*flags, Content(printable(" ".join(readable(parsed).split())))])
        yield from hanging_lines(head, len(parsed.keyword) + 1 if parsed.keyword else 0, arguments, width)
    for label, text in (("with", " ".join(parsed.build_arguments)), ("by", parsed.shell)):
        if text and text not in _DEFAULT_SHELLS:
            words = Content.styled(f"{label} {printable(text)}", "$muted")
            yield from hanging_lines(Content(""), _INDENT, words, width)


def _run_lines(run: Instruction, width: int) -> Iterator[Content]:
    """Yields a RUN instruction with each of its commands on a line of its own."""
    head = Content.styled("RUN", "bold $key")
    for flag in run.flags[:_MAX_COMMAND_LINES]:
        yield from hanging_lines(head, _INDENT, Content.styled(printable(flag), "$code-flag"), width)
        head = Content("")
    command_lines = lines(run.arguments, run.is_windows)
    for line in command_lines[:_MAX_COMMAND_LINES]:
        yield from _command_line(line, head, width)
        head = Content("")
    if not command_lines and head.plain:
        yield head
    if len(command_lines) > _MAX_COMMAND_LINES:
        yield Content.styled(more_text(len(command_lines) - _MAX_COMMAND_LINES), "$muted")


def _command_line(line: Line, head: Content, width: int) -> list[Content]:
    if line.is_verbatim:
        text = printable(line.text.expandtabs(4))
        return hanging_lines(head, _INDENT, Content.styled(text, _STYLES[line.pieces[0].role]), width)
    pieces = [_piece(piece.role, piece.text) for piece in line.pieces]
    indent = min(2 * line.depth, max(0, width // 4))
    if line.joiner and not head.plain:
        head = Content.styled(f"{' ' * indent} {line.joiner}", _STYLES[Role.OPERATOR])
    return hanging_lines(head, _INDENT + indent, Content("").join(pieces).rstrip(), width)


def _piece(role: Role, text: str) -> Content:
    return Content.styled(printable(" ".join(text.splitlines()) if role is not Role.STRING else text), _STYLES[role])


def setting_lines(step_settings: Collection[Setting], width: int) -> Iterator[Content]:
    """Yields what a step sets in the configuration, with the values before and after."""
    room = _MAX_SETTINGS_CELLS
    for index, setting in enumerate(step_settings):
        if room <= 0:
            yield Content.styled(more_text(len(step_settings) - index), "$muted")
            return
        text = _setting(setting)
        room -= text.cell_length
        yield from hanging_lines(Content.styled("~", "bold $change-modified"), 2, text, width)


def _setting(setting: Setting) -> Content:
    name = Content.styled(setting.keyword, "bold $key") + (f" {_value(setting.name)}" if setting.name else "")
    after = _value(setting.after)
    if setting.keyword in ("EXPOSE", "VOLUME", "ONBUILD"):
        return Content.assemble(name, (" adds ", "$muted"), after)
    if setting.keyword == "ARG":
        return Content.assemble(name, f" = {after}" if after else "", (" while building, not in the image", "$muted"))
    if setting.before is None:
        return Content.assemble(name, (" set to ", "$muted"), after or "nothing")
    if setting.before == setting.after:
        return Content.assemble(name, (" stays ", "$muted"), after)
    before = Content.styled(_value(setting.before) or "nothing", "$change-removed")
    return Content.assemble(name, ": ", before, (" → ", "$muted"), (after or "nothing", "$change-added"))


def _value(text: str) -> str:
    return printable(shortened(text, _MAX_VALUE_CHARS))
