"""Splits a shell command into lines, and each line into pieces with a role.

Lines end at ``&&``, ``||``, ``;`` and line breaks, but not within quotes, ``$(...)`` or a here-document, whose lines
are kept. Commands in a loop, a condition or parentheses are indented. The result is for people; a shell is stricter.
Only ``shell_quoted`` is for shells.
"""

from __future__ import annotations

import enum
import re
import shlex
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.text.printable import printable


class Role(enum.Enum):
    """The role of a piece."""

    COMMAND = "command"
    """The first word of a command, or a keyword of the shell."""
    FLAG = "flag"
    STRING = "string"
    OPERATOR = "operator"
    COMMENT = "comment"
    WORD = "word"


class Piece(NamedTuple):
    """Characters of a line, not made printable."""

    role: Role
    text: str


@dataclass(slots=True)
class Line:
    """One line of a command."""

    depth: int
    """The number of loops, conditions and parentheses around the line."""
    joiner: str = ""
    """``&&`` or ``||`` if the line continues the previous one."""
    pieces: list[Piece] = field(default_factory=list)
    is_verbatim: bool = False
    """True for a line of a here-document, in which blanks count."""

    @property
    def text(self) -> str:
        """The line without its joiner."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def command(self) -> str:
        """The line without final semicolon and comments; empty in a here-document."""
        if self.is_verbatim:
            return ""
        pieces = [piece for piece in self.pieces if piece.role is not Role.COMMENT]
        if pieces and pieces[-1] == Piece(Role.OPERATOR, ";"):
            pieces.pop()
        return "".join(piece.text for piece in pieces).strip()


_OPENING = frozenset({"if", "for", "while", "until", "case", "select", "{"})
_MIDDLE = frozenset({"then", "else", "elif", "do"})
_CLOSING = {"fi": ("if",), "done": ("for", "while", "until", "select"), "esac": ("case",), "}": ("{",), ")": ("(",)}
_STARTING = frozenset({"then", "else", "do", "{", "if", "while", "until", "elif", "!", "exec", "time", "sudo"})
"""Words that are followed by a command."""
_OPERATOR = re.compile(r"&&|\|\||;;&?|;|\|&?|&>>?|\d?>>?&?-?\d?|<<<|<&?|&|\(|\)")
_HEREDOC = re.compile(r"<<(-?)[ \t]*(\"[^\"\n]+\"|'[^'\n]+'|\\?[\w.-]+)")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_GOES_ON = re.compile(r"[ \t\r]*(?:do|then)\b")
_BLANK = " \t\r"
_SPECIAL = " \t\r\n;&|<>()"


def lines(command: str, windows: bool = False) -> list[Line]:
    """Splits a command into lines; ``windows``: no escapes, no backticks."""
    return _Reader(command, windows).read()


class _Reader:
    """Reads a command once, from its first character to its last."""

    def __init__(self, command: str, windows: bool) -> None:
        self._text = command
        self._at = 0
        self._escape = "" if windows else "\\"
        self._tick = "" if windows else "`"
        self._open: list[str] = []
        self._lines = [Line(0)]
        self._expects_command = True
        self._open_heredocs: list[tuple[str, bool]] = []

    def read(self) -> list[Line]:
        """Returns the lines that are not empty."""
        text, end = self._text, len(self._text)
        while self._at < end:
            character = text[self._at]
            if character in _BLANK:
                self._at += 1
                self._space()
            elif character == "\n":
                self._at += 1
                self._end_line()
            elif character == self._escape and text[self._at + 1 : self._at + 2] in ("\n", "\r"):
                self._at = text.find("\n", self._at) + 1 or end
                self._space()
            elif character == "#" and self._starts_word():
                stop = _or(text.find("\n", self._at), end)
                self._add(Role.COMMENT, text[self._at : stop].rstrip())
                self._at = stop
            elif heredoc := _HEREDOC.match(text, self._at):
                self._at = heredoc.end()
                self._open_heredocs.append((heredoc.group(2).strip("\"'\\"), bool(heredoc.group(1))))
                self._add(Role.OPERATOR, heredoc.group())
            elif operator := _OPERATOR.match(text, self._at) if self._operates(character) else None:
                self._at = operator.end()
                self._operator(operator.group())
            else:
                self._word()
        return [line for line in self._lines if line.pieces or line.is_verbatim]

    def _operates(self, character: str) -> bool:
        return character in ";&|<>()" or (character.isdigit() and self._starts_word() and self._redirects())

    def _redirects(self) -> bool:
        return self._text[self._at + 1 : self._at + 2] in ("<", ">")

    def _starts_word(self) -> bool:
        return not self._line.pieces or self._line.pieces[-1].text[-1:] in _SPECIAL

    @property
    def _line(self) -> Line:
        return self._lines[-1]

    # Words

    def _word(self) -> None:
        """Reads a word with all its quotes and substitutions."""
        text, start, end = self._text, self._at, len(self._text)
        begins = text[start]
        while self._at < end:
            character = text[self._at]
            if character == self._escape:
                if text[self._at + 1 : self._at + 2] == "\n":
                    break
                self._at += 2
            elif character in ("'", '"') or (character == self._tick and self._tick):
                self._at = self._closing_position(self._at)
            elif character == "$" and text[self._at + 1 : self._at + 2] in ("(", "{"):
                self._at = self._closing_position(self._at + 1)
            elif character == "(" and self._at > start:
                # An array, or the parentheses after a function's name.
                self._at = self._closing_position(self._at)
            elif character in _SPECIAL:
                break
            else:
                self._at += 1
        self._at = min(self._at, end)
        self._add_word(text[start : self._at], begins)

    def _add_word(self, word: str, begins: str) -> None:
        """Adds a word in its role."""
        if not self._expects_command:
            is_string = begins in "'\"" or (begins == "$" and word[1:2] == "'")
            self._add(Role.STRING if is_string else Role.FLAG if begins == "-" else Role.WORD, word)
            return
        if _ASSIGNMENT.match(word):
            self._add(Role.WORD, word)
            return
        if self._close(word):
            self._add(Role.COMMAND, word)
            self._expects_command = False
            return
        if word in _MIDDLE and self._open and not self._line.pieces:
            self._line.depth = max(0, self._line.depth - 1)
        self._add(Role.COMMAND, word)
        if word in _OPENING:
            self._open.append(word)
        self._expects_command = word in _STARTING or word.endswith("()")
        if word in ("then", "else", "do", "{") and self._open:
            self._break()

    def _closing_position(self, at: int) -> int:
        """The end of the quotes or parentheses that open at ``at``, or of the text."""
        text, end = self._text, len(self._text)
        ends = {"'": "'", '"': '"', self._tick: self._tick, "(": ")", "{": "}"}
        waiting = [ends[text[at]]]
        at += 1
        while at < end and waiting:
            character, top = text[at], waiting[-1]
            if character == top:
                waiting.pop()
            elif top == "'":
                pass
            elif character == self._escape and self._escape:
                at += 1
            elif character == "$" and text[at + 1 : at + 2] in ("(", "{"):
                waiting.append(ends[text[at + 1]])
                at += 1
            elif character == self._tick and self._tick:
                waiting.append(self._tick)
            elif top in ")}" and (character in ("'", '"') or (character == "(" and top == ")")):
                waiting.append(ends[character])
            at += 1
        return min(at, end)

    # Operators

    def _operator(self, operator: str) -> None:
        if operator == "(":
            self._add(Role.OPERATOR, operator)
            self._open.append(operator)
            self._expects_command = True
        elif operator == ")":
            if self._open and self._open[-1] == "(":
                self._close(operator)
                self._expects_command = False
            else:
                # A pattern of ``case``.
                self._expects_command = True
            self._add(Role.OPERATOR, operator)
        elif operator in ("&&", "||"):
            self._break(operator)
        elif operator.startswith(";"):
            self._trim()
            self._add(Role.OPERATOR, operator)
            self._break()
            if operator != ";":
                self._expects_command = False
        else:
            self._add(Role.OPERATOR, operator)
            self._expects_command = operator in ("|", "|&", "&")

    def _close(self, word: str) -> bool:
        """Closes what was opened last if the word ends it; returns True if it does."""
        if self._open and self._open[-1] in _CLOSING.get(word, ()):
            self._open.pop()
            if not self._line.pieces:
                self._line.depth = len(self._open)
            return True
        return False

    # Lines

    def _add(self, role: Role, text: str) -> None:
        if text == "in" and self._open and self._open[-1] == "case" and role is Role.WORD:
            role = Role.COMMAND
        self._line.pieces.append(Piece(role, text))

    def _space(self) -> None:
        if self._line.pieces and self._line.pieces[-1].text != " ":
            self._add(Role.WORD, " ")

    def _trim(self) -> None:
        while self._line.pieces and self._line.pieces[-1].text == " ":
            self._line.pieces.pop()

    def _break(self, joiner: str = "") -> None:
        """Starts a new line, unless ``do`` or ``then`` follows."""
        self._expects_command = True
        if not joiner and self._line.pieces and _GOES_ON.match(self._text, self._at):
            return
        self._trim()
        if not self._line.pieces:
            self._line.joiner = self._line.joiner or joiner
            return
        self._lines.append(Line(len(self._open), joiner))

    def _end_line(self) -> None:
        if self._open_heredocs:
            for delimiter, strips in self._open_heredocs:
                self._read_heredoc(delimiter, strips)
            self._open_heredocs.clear()
            self._lines.append(Line(len(self._open)))
            self._expects_command = True
        elif self._line.pieces:
            self._break()

    def _read_heredoc(self, delimiter: str, strips: bool) -> None:
        """Keeps the lines of a here-document, and its end."""
        while self._at < len(self._text):
            stop = _or(self._text.find("\n", self._at), len(self._text))
            line = self._text[self._at : stop]
            self._at = stop + 1
            is_end = (line.lstrip("\t") if strips else line).rstrip("\r") == delimiter
            role = Role.OPERATOR if is_end else Role.STRING
            self._lines.append(Line(0, pieces=[Piece(role, line)], is_verbatim=True))
            if is_end:
                break


def _or(position: int, fallback: int) -> int:
    """The result of ``str.find``, or a fallback if that is -1."""
    return position if position >= 0 else fallback


def shell_quoted(path: str) -> str:
    """Quotes a path as one line for bash, zsh and ksh."""
    if printable(path) == path:
        return shlex.quote(path)
    return "$'" + "".join(map(_shell_escaped, path)) + "'"


def _shell_escaped(character: str) -> str:
    if character not in "\\'!" and printable(character) == character:
        return character
    errors = "surrogateescape" if 0xDC80 <= ord(character) <= 0xDCFF else "surrogatepass"
    # Octal digits, because shells disagree on where hexadecimal ones end.
    return "".join([f"\\{byte:03o}" for byte in character.encode("utf-8", errors)])
