"""A step of the history in words and colours: its instruction in lines, and what it set in the configuration."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from textual.content import Content

from explorer.text.dockerfile import Instruction, instruction, readable, settings
from explorer.text.printable import printable, shortened
from explorer.text.shell import Line, Role, lines
from explorer.text.words import step_command
from explorer.tui.widgets.prose import MAX_TEXT_CHARS, hanging_lines, more_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from explorer.analysis.config_history import Setting
    from explorer.model import HistoryStep

_MOST = 200
"""As many lines of a command are laid out."""
_VALUE = 400
"""As many characters of a value that was set are shown."""
_ROOM = 8_000
"""As many characters of all of them together."""
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


def instruction_lines(step: HistoryStep, width: int, known: Collection[str] = ()) -> Iterator[Content]:
    """A step's instruction in lines of at most ``width`` cells; ``known`` are names of what it may set."""
    if not step.created_by.strip():
        yield from hanging_lines(Content(""), 0, Content(step_command(step, MAX_TEXT_CHARS)), width)
        return
    found = instruction(shortened(step.created_by, MAX_TEXT_CHARS))
    if found.keyword == "RUN":
        yield from _run(found, width)
    elif found.keyword in ("ENV", "LABEL"):
        head = Content.styled(found.keyword, "bold $key")
        pairs = list(settings(found.arguments, known))
        for name, value in islice(pairs, _MOST):
            words = Content.assemble(printable(name), ("=", "$muted"), (printable(value), "$code-string"))
            yield from hanging_lines(head, len(found.keyword) + 1, words, width)
            head = Content("")
        if len(pairs) > _MOST:
            yield Content.styled(more_text(len(pairs) - _MOST), "$muted")
    else:
        flags = [Content.styled(printable(flag), "$code-flag") for flag in found.flags]
        words = Content(" ").join([*flags, Content(printable(" ".join(readable(found).split())))])
        head = Content.styled(found.keyword, "bold $key")
        yield from hanging_lines(head, len(found.keyword) + 1 if found.keyword else 0, words, width)
    said = [("with", " ".join(found.build_arguments)), ("by", found.shell)]
    for label, words_ in said:
        if words_ and words_ not in _DEFAULT_SHELLS:
            yield from hanging_lines(
                Content(""), _INDENT, Content.styled(f"{label} {printable(words_)}", "$muted"), width
            )


def _run(found: Instruction, width: int) -> Iterator[Content]:
    """A command, each of the commands that it is made of on a line of its own."""
    head = Content.styled("RUN", "bold $key")
    for flag in found.flags[:_MOST]:
        yield from hanging_lines(head, _INDENT, Content.styled(printable(flag), "$code-flag"), width)
        head = Content("")
    told = lines(found.arguments, found.is_windows)
    for line in told[:_MOST]:
        yield from _line(line, head, width)
        head = Content("")
    if not told and head.plain:
        yield head
    if len(told) > _MOST:
        yield Content.styled(more_text(len(told) - _MOST), "$muted")


def _line(line: Line, head: Content, width: int) -> list[Content]:
    if line.is_verbatim:
        text = printable(line.text.expandtabs(4))
        return hanging_lines(head, _INDENT, Content.styled(text, _STYLES[line.pieces[0].role]), width)
    pieces = [_coloured(piece.role, piece.text) for piece in line.pieces]
    indent = min(2 * line.depth, max(0, width // 4))
    if line.joiner and not head.plain:
        head = Content.styled(f"{' ' * indent} {line.joiner}", _STYLES[Role.OPERATOR])
    return hanging_lines(head, _INDENT + indent, Content("").join(pieces).rstrip(), width)


def _coloured(role: Role, text: str) -> Content:
    text = printable(" ".join(text.splitlines()) if role is not Role.STRING else text)
    return Content.styled(text, _STYLES[role])


def setting_lines(found: Collection[Setting], width: int) -> Iterator[Content]:
    """What a step set, before and after."""
    room = _ROOM
    for number, setting in enumerate(found):
        if room <= 0:
            yield Content.styled(more_text(len(found) - number), "$muted")
            return
        words = _setting(setting)
        room -= words.cell_length
        yield from hanging_lines(Content.styled("~", "bold $change-modified"), 2, words, width)


def _setting(setting: Setting) -> Content:
    name = Content.styled(setting.keyword, "bold $key") + (f" {_short(setting.name)}" if setting.name else "")
    after = _short(setting.after)
    if setting.keyword in ("EXPOSE", "VOLUME", "ONBUILD"):
        return Content.assemble(name, (" adds ", "$muted"), after)
    if setting.keyword == "ARG":
        return Content.assemble(name, f" = {after}" if after else "", (" while building, not in the image", "$muted"))
    if setting.before is None:
        return Content.assemble(name, (" set to ", "$muted"), after or "nothing")
    if setting.before == setting.after:
        return Content.assemble(name, (" stays ", "$muted"), after)
    before = Content.styled(_short(setting.before) or "nothing", "$change-removed")
    return Content.assemble(name, ": ", before, (" → ", "$muted"), (after or "nothing", "$change-added"))


def _short(text: str) -> str:
    return printable(shortened(text, _VALUE))
