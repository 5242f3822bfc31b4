"""Shell commands split into lines and pieces."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.text.dockerfile import instruction, listed, readable, settings
from explorer.text.shell import Line, Role, lines, shell_quoted


def _solid(text: str) -> str:
    """Returns the text without blanks and line joiners."""
    return re.sub(r"[\s\\&|]", "", text)


def bare(found: list[Line]) -> Iterator[str]:
    """Returns the lines as plain text."""
    for line in found:
        joiner = f"{line.joiner} " if line.joiner else ""
        yield line.text if line.is_verbatim else f"{'  ' * line.depth}{joiner}{line.text.rstrip()}"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("a && b   -x || c", ["a", "&& b -x", "|| c"]),
        ("a; b;", ["a;", "b;"]),
        ('echo "a && b" \'c; d\' $(e; f "$(g)") `h; i` ${j:-k;l}', None),
        ("a \\\n   && b", ["a", "&& b"]),
        ("echo a\\;b", None),
        ("for f in a b; do echo $f; rm $f; done; x", ["for f in a b; do", "  echo $f;", "  rm $f;", "done;", "x"]),
        ("if a; then b; else c; fi", ["if a; then", "  b;", "else", "  c;", "fi"]),
        ('case "$a" in x|y) b;; *) c; esac', ['case "$a" in x|y) b;;', "  *) c;", "esac"]),
        ("( cd x; make ) > y 2>&1", ["( cd x;", "  make ) > y 2>&1"]),
        ("f() { a; }; f", ["f() {", "  a;", "};", "f"]),
        ("x=(a; b) echo done", None),
        ("cat > x <<-EOF\n\ta && b\n\tEOF\nc", ["cat > x <<-EOF", "\ta && b", "\tEOF", "c"]),
        ("<<EOF\na; b\nEOF", ["<<EOF", "a; b", "EOF"]),
        ('echo "open && b', None),
        ("a # b && c\nd", ["a # b && c", "d"]),
        ("a | b & c", None),
        ("done; fi )", ["done;", "fi )"]),
        ("", []),
    ],
)
def test_lines(command: str, shown: list[str] | None) -> None:
    """A command is split where another command begins, and nowhere else."""
    assert list(bare(lines(command))) == ([command] if shown is None else shown)


def test_windows_lines() -> None:
    """In Windows commands, a backslash before a separator belongs to a path."""
    assert list(bare(lines("cd C:\\; dir `a", windows=True))) == ["cd C:\\;", "dir `a"]


def test_roles() -> None:
    """Commands, flags, strings and operators get their roles."""
    (line,) = lines("A=1 sudo make -j4 'x y' > z # note")
    found = {piece.text: piece.role for piece in line.pieces}
    assert [found[text] for text in ("A=1", "sudo", "make", "-j4", "'x y'", ">", "z", "# note")] == [
        Role.WORD,
        Role.COMMAND,
        Role.COMMAND,
        Role.FLAG,
        Role.STRING,
        Role.OPERATOR,
        Role.WORD,
        Role.COMMENT,
    ]


@given(st.text(alphabet="ab \n\t\"'`$(){};&|<>\\#-=EOF:0[]", max_size=200))
def test_any_command_can_be_read(command: str) -> None:
    """Any text is read to its end, and only blanks and line joiners are lost."""
    for windows in (False, True):
        assert _solid("".join(bare(lines(command, windows)))) == _solid(command)
    found = instruction(command)
    assert isinstance(readable(found), str)
    assert all(isinstance(value, str) for pair in settings(command) for value in pair)
    assert isinstance(listed(command), list | None)


@pytest.mark.parametrize("piece", ['"', "$(", "<<E\n", "a=\"' ", '--a="', "|9999 A= ", '[ "', "/bin/sh -e"])
def test_hostile_commands_take_no_time(piece: str) -> None:
    """Hostile text does not slow down the reading of a command."""
    hostile = piece * (1_000_000 // len(piece))
    began = time.perf_counter()
    for prefix in ("", "RUN ", "/bin/sh -c ", "ENV ", "CMD [", "HEALTHCHECK &{["):
        found = instruction(prefix + hostile)
        readable(found)
        list(settings(found.arguments))
        lines(found.arguments[:3000])
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("/etc/passwd", "/etc/passwd"),
        ("/a b", "'/a b'"),
        ("/it's", "'/it'\"'\"'s'"),
        ("/$(reboot)", "'/$(reboot)'"),
        ("/日本", "'/日本'"),
        ("/a\nreboot\n", "$'/a\\012reboot\\012'"),
        ("/\x1b[201~\\'!", "$'/\\033[201~\\134\\047\\041'"),
        ("/caf\udce9", "$'/caf\\351'"),
        ("/\u202e", "$'/\\342\\200\\256'"),
    ],
)
def test_shell_quoted(path: str, quoted: str) -> None:
    """A copied path is one word on one line, with every byte of the name."""
    assert shell_quoted(path) == quoted


@pytest.mark.end_to_end
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_shells_read_a_quoted_path(shell: str) -> None:
    """A shell reads exactly the bytes of the path."""
    path = b"/a\n$(b) '\\!\x1b12\xff\xe2\x80\xae"
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    command = f"printf %s {shell_quoted(path.decode('utf-8', 'surrogateescape'))}"
    assert subprocess.run([program, "-c", command], capture_output=True, check=True).stdout == path
