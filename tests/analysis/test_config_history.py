"""What builders noted, read as instructions, and what each step set."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.config_history import Setting, config_changes, seconds_since_previous
from explorer.model import HistoryStep, Image, ImageConfig
from explorer.text.dockerfile import Instruction, instruction, listed, readable, settings
from explorer.text.shell import Line, Role, lines

POSIX = "/bin/sh -c"


def bare(found: list[Line]) -> Iterator[str]:
    """The lines as text alone."""
    for line in found:
        joiner = f"{line.joiner} " if line.joiner else ""
        yield line.text if line.is_verbatim else f"{'  ' * line.depth}{joiner}{line.text.rstrip()}"


@pytest.mark.parametrize(
    ("created_by", "found"),
    [
        ("/bin/sh -c make", Instruction("RUN", "make", shell=POSIX)),
        ("RUN /bin/sh -c make # buildkit", Instruction("RUN", "make", shell=POSIX)),
        (
            "RUN |2 A=1 B=x y /bin/sh -c make # buildkit",
            Instruction("RUN", "make", build_arguments=("A=1", "B=x y"), shell=POSIX),
        ),
        ("|1 A=1 make all", Instruction("RUN", "make all", build_arguments=("A=1",))),
        (
            "|1 A=1 /bin/bash -o pipefail -c a | b",
            Instruction("RUN", "a | b", build_arguments=("A=1",), shell="/bin/bash -o pipefail -c"),
        ),
        (
            "/bin/sh -c --mount=type=cache,target=/x --network=none pip install",
            Instruction("RUN", "pip install", ("--mount=type=cache,target=/x", "--network=none"), shell=POSIX),
        ),
        ("RUN --security=insecure make", Instruction("RUN", "make", ("--security=insecure",))),
        ("RUN npm --version", Instruction("RUN", "npm --version")),
        ("/bin/sh -c #(nop) COPY dir:0a1b in /app ", Instruction("COPY", "/app", origin="a directory")),
        ("/bin/sh -c #(nop) ADD file:0a1b in / ", Instruction("ADD", "/", origin="a file")),
        (
            "COPY --from=build --chown=1:1 /a /b # buildkit",
            Instruction("COPY", "/a /b", ("--from=build", "--chown=1:1")),
        ),
        ("powershell -Command $x = 1; y", Instruction("RUN", "$x = 1; y", shell="powershell -Command")),
        ("cmd /S /C #(nop)  ENV A=b", Instruction("ENV", "A=b")),
        ("bazel build ...", Instruction("", "bazel build ...")),
        ("ko build ko://example.com/x", Instruction("", "ko build ko://example.com/x")),
        ("jib-maven-plugin:3.4.0", Instruction("", "jib-maven-plugin:3.4.0")),
        ("# debian.sh --arch 'amd64'", Instruction("", "# debian.sh --arch 'amd64'")),
        ("koala --feed", Instruction("RUN", "koala --feed")),
    ],
)
def test_instruction(created_by: str, found: Instruction) -> None:
    """Keyword, arguments, flags, build arguments and shell are told apart, whoever noted them."""
    assert instruction(created_by) == found


@pytest.mark.parametrize(
    ("created_by", "shown"),
    [
        ('CMD ["nginx" "-g" "daemon off;"]', '["nginx", "-g", "daemon off;"]'),
        ("SHELL [/bin/bash -o pipefail -c]", '["/bin/bash", "-o", "pipefail", "-c"]'),
        ("EXPOSE map[80/tcp:{} 443/tcp:{}]", "80/tcp 443/tcp"),
        ("VOLUME [/data]", "/data"),
        ("CMD serve --all", "serve --all"),
        (
            'HEALTHCHECK &{["CMD-SHELL" "curl -f x || exit 1"] "30s" "3s" "0s" "0s" \'\\x03\'}',
            "--interval=30s --timeout=3s CMD curl -f x || exit 1",
        ),
        ('HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" \'\\x00\'}', "NONE"),
        ("/bin/sh -c #(nop) COPY multi:0a1b in /app/ ", "(several files) to /app/"),
        ('CMD ["broken', '["broken'),
    ],
)
def test_readable(created_by: str, shown: str) -> None:
    """Lists, ports and health checks are shown as somebody would write them, not as Go prints them."""
    assert readable(instruction(created_by)) == shown


def test_settings() -> None:
    """Values may hold spaces and equals signs; the names that the image knows decide where one begins."""
    assert list(settings("PATH=/a b:/c LANG=C.UTF-8")) == [("PATH", "/a b:/c"), ("LANG", "C.UTF-8")]
    assert list(settings("A=\"x B=y\" C='z'")) == [("A", "x B=y"), ("C", "z")]
    assert list(settings("A=1 note: x=2 B=3", {"A", "B"})) == [("A", "1 note: x=2"), ("B", "3")]
    assert list(settings("KEY value with spaces")) == [("KEY", "value with spaces")]
    assert list(settings("ARGUMENT")) == [("ARGUMENT", "")]
    assert list(settings("")) == []


def _image(*steps: str, **config: object) -> Image:
    history = tuple(HistoryStep(step) for step in steps)
    return Image("x", "", (), history=history, config=ImageConfig(**config))  # type: ignore[arg-type]


def test_config_changes() -> None:
    """Each step tells what it set, and what an earlier step had set there."""
    image = _image(
        "ENV PATH=/usr/bin",
        "RUN /bin/sh -c export X=1",
        "/bin/sh -c #(nop)  ENV PATH=/opt/bin:/usr/bin LANG=C",
        'CMD ["sh"]',
        'CMD ["serve" "-v"]',
        "WORKDIR /app",
        "WORKDIR src",
        "EXPOSE map[80/tcp:{}]",
        "LABEL maintainer=Ada <a@b> version=1",
        "",
        env=("PATH=/opt/bin:/usr/bin", "LANG=C"),
        labels=(("maintainer", "Ada <a@b>"), ("version", "1")),
    )
    assert config_changes(image) == [
        (Setting("ENV", "PATH", None, "/usr/bin"),),
        (),
        (Setting("ENV", "PATH", "/usr/bin", "/opt/bin:/usr/bin"), Setting("ENV", "LANG", None, "C")),
        (Setting("CMD", "", None, '["sh"]'),),
        (Setting("CMD", "", '["sh"]', '["serve", "-v"]'),),
        (Setting("WORKDIR", "", None, "/app"),),
        (Setting("WORKDIR", "", "/app", "/app/src"),),
        (Setting("EXPOSE", "", None, "80/tcp"),),
        (Setting("LABEL", "maintainer", None, "Ada <a@b>"), Setting("LABEL", "version", None, "1")),
        (),
    ]


def test_time_since_the_step_before() -> None:
    """The time between two steps is told where both have one, and it makes sense."""
    times = ("2026-01-31T09:00:00Z", "2026-01-31T09:03:00Z", "2026-01-31T09:03:00Z", None, "1970-01-01T00:00:00Z")
    history = [HistoryStep(created=created) for created in times]
    assert [seconds_since_previous(history, place) for place in range(5)] == [None, 180, None, None, None]


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
    """A command is split where the shell goes on to another one, and nowhere else."""
    assert list(bare(lines(command))) == ([command] if shown is None else shown)


def test_windows_lines() -> None:
    """A backslash before a separator is part of a path there."""
    assert list(bare(lines("cd C:\\; dir `a", windows=True))) == ["cd C:\\;", "dir `a"]


def test_roles() -> None:
    """Commands, flags, strings and operators are told apart."""
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


def _solid(text: str) -> str:
    """The text without blanks, and without what joins or continues lines."""
    return re.sub(r"[\s\\&|]", "", text)


@given(st.text(alphabet="ab \n\t\"'`$(){};&|<>\\#-=EOF:0[]", max_size=200))
def test_any_command_can_be_read(command: str) -> None:
    """Whatever stands there, it is read to its end, and nothing is lost but blanks and what joins lines."""
    for windows in (False, True):
        assert _solid("".join(bare(lines(command, windows)))) == _solid(command)
    found = instruction(command)
    assert isinstance(readable(found), str)
    assert all(isinstance(value, str) for pair in settings(command) for value in pair)
    assert isinstance(listed(command), list | None)


@pytest.mark.parametrize("piece", ['"', "$(", "<<E\n", "a=\"' ", '--a="', "|9999 A= ", '[ "', "/bin/sh -e"])
def test_hostile_commands_take_no_time(piece: str) -> None:
    """Text made to slow down the reading does not; a screen looks at the first few thousand characters."""
    hostile = piece * (1_000_000 // len(piece))
    began = time.perf_counter()
    for prefix in ("", "RUN ", "/bin/sh -c ", "ENV ", "CMD [", "HEALTHCHECK &{["):
        found = instruction(prefix + hostile)
        readable(found)
        list(settings(found.arguments))
        lines(found.arguments[:3000])
    assert time.perf_counter() - began < 5
