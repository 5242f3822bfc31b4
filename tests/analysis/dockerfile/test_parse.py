"""The instructions of a Dockerfile, and the lines that they are on."""

from __future__ import annotations

from contextlib import suppress

import pytest

from explorer.analysis.dockerfile.dockerfile import DockerfileInstruction
from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.errors import UsageError


def _instructions(text: str) -> tuple[DockerfileInstruction, ...]:
    return parse_dockerfile(text, "Dockerfile").instructions


def _lines(text: str) -> list[tuple[str, int, int]]:
    return [(each.keyword, each.first_line, each.last_line) for each in _instructions(text)]


def test_a_line_that_ends_with_a_backslash_continues_the_instruction() -> None:
    """A line that ends with a backslash, also with spaces behind it, continues the instruction."""
    made = _instructions("FROM a\nRUN one && \\\n  two && \\ \t\n  three\nUSER me\n")
    assert [(each.first_line, each.last_line) for each in made] == [(1, 1), (2, 4), (5, 5)]
    assert made[1].arguments == "one &&   two &&   three"


def test_two_backslashes_continue_nothing() -> None:
    """Two backslashes at the end of a line are one that is meant."""
    assert _lines("FROM a\nRUN x \\\\\nUSER me") == [("FROM", 1, 1), ("RUN", 2, 2), ("USER", 3, 3)]


def test_comments_and_empty_lines_within_an_instruction_are_no_part_of_it() -> None:
    """Comments and empty lines within an instruction are left out of its arguments."""
    made = _instructions("FROM a\nRUN one \\\n# note\n\n   # note\n two\n")
    assert (made[1].arguments, made[1].last_line) == ("one  two", 6)


def test_an_escape_directive_changes_the_character_that_continues_lines() -> None:
    """With ``# escape=`` a backtick continues lines, and a backslash does not."""
    text = "# syntax=x\n# escape=`\nFROM a\nRUN dir C:\\\nRUN one `\n two\n"
    assert _lines(text) == [("FROM", 3, 3), ("RUN", 4, 4), ("RUN", 5, 6)]


@pytest.mark.parametrize("before", ["# note\n", "\n", "ARG A\n"])
def test_a_directive_counts_only_at_the_top(before: str) -> None:
    """A directive below a comment, an empty line or an instruction is a comment."""
    assert _lines(f"{before}# escape=`\nFROM a\nRUN one `\nUSER me\n")[-1][0] == "USER"


def test_heredocs_belong_to_their_instruction() -> None:
    """Several heredocs of one instruction end where the last one ends."""
    text = 'FROM a\nCOPY <<A <<-"B" /x/\none\n# two\nA\nthree\n\tB\nRUN <<E\nRUN no\nE\nUSER me\n'
    made = _instructions(text)
    assert [(each.keyword, each.first_line, each.last_line) for each in made] == [
        ("FROM", 1, 1),
        ("COPY", 2, 7),
        ("RUN", 8, 10),
        ("USER", 11, 11),
    ]
    assert [(doc.name, doc.content, doc.strips_tabs) for doc in made[1].heredocs] == [
        ("A", "one\n# two\n", False),
        ("B", "three\n", True),
    ]


@pytest.mark.parametrize("line", ['RUN ["x", "<<E"]', "RUN echo '<<E'", "RUN cat <<<E", "ENV A=<<E", "RUN x 1<< E"])
def test_not_all_that_looks_like_a_heredoc_is_one(line: str) -> None:
    """Quoted words, here-strings, and other instructions begin no heredoc."""
    assert _lines(f"FROM a\n{line}\nUSER me\n")[-1] == ("USER", 3, 3)


def test_a_trigger_may_have_a_heredoc() -> None:
    """A heredoc of an instruction in ONBUILD belongs to it."""
    assert _lines("FROM a\nONBUILD run <<E\nx\nE\nUSER me\n")[1] == ("ONBUILD", 2, 4)


def test_stages_and_flags_are_known() -> None:
    """Each instruction knows its stage and its flags; before the first FROM there is none."""
    made = _instructions('ARG A=1\nfrom --platform=$B a as x\ncopy --from=y --chown="a b" c d\nFROM x\n')
    assert [(each.keyword, each.stage) for each in made] == [("ARG", -1), ("FROM", 0), ("COPY", 0), ("FROM", 1)]
    assert made[1].flags == ("--platform=$B",)
    assert (made[2].flags, made[2].arguments) == (("--from=y", '--chown="a b"'), "c d")


def test_marks_of_windows_are_no_text() -> None:
    """A byte order mark and carriage returns are no part of the text."""
    dockerfile = parse_dockerfile("\ufeffFROM a\r\nRUN x \\\r\n y\r\n", "Dockerfile")
    assert dockerfile.lines == ("FROM a", "RUN x \\", " y")
    assert dockerfile.instructions[1].arguments == "x  y"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it has no FROM"),
        ("# only\n\n", "it has no FROM"),
        ("ARG A\n", "it has no FROM"),
        ("RUN x\nFROM a\n", "line 1: RUN stands before the first FROM"),
        ("FROM a\nMAKE x\n", "line 2: “MAKE” is no instruction"),
        ("FROM a\n\nRUN <<EOF\nx\n", "line 3: no line ends the heredoc “EOF”"),
        ("\x7fELF\x02\x01\x1b[31m\n", "line 1: “\\x7fELF\\x02\\x01\\x1b[31M” is no instruction"),
    ],
)
def test_other_files_are_no_dockerfiles(text: str, reason: str) -> None:
    """A file that is no Dockerfile is an error that names the line and the reason."""
    with pytest.raises(UsageError, match="Dockerfile") as caught:
        parse_dockerfile(text, "Dockerfile")
    assert caught.value.message == f"Dockerfile is no Dockerfile: {reason}"


def test_a_million_lines_are_read_in_moments() -> None:
    """The time grows with the text alone, whatever it holds."""
    hostile = ["\\\n", "<<A ", "'", '"', "--a=' ", "# escape=  ", "\t", "$("]
    for piece in hostile:
        text = "FROM a\nRUN " + piece * 200_000
        with suppress(UsageError):
            parse_dockerfile(text, "Dockerfile")
