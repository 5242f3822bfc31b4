"""Changes to single commands of a RUN."""

from __future__ import annotations

import subprocess

import pytest

from explorer.analysis.fixes.commands import deleting, ending_with, joined, only_for, option_added, retargeted


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        ("rm -rf /var/lib/apt/lists/* /usr/share/doc", ("rm -rf /usr/share/doc", "rm -rf /var/lib/apt/lists/*")),
        ("rm -rf /usr/share/doc", ("rm -rf /usr/share/doc", "")),
        ("rm -rf /a /b", ("rm -rf /a /b", "")),
        ("rm -rf $HOME /usr/share/doc", ("rm -rf $HOME /usr/share/doc", "")),
        ("find / -delete", ("find / -delete", "")),
        ("", ("", "")),
    ],
)
def test_rm_is_split_by_its_operands(command: str, parts: tuple[str, str]) -> None:
    """Operands that name a path go to one command, the others to the rest; anything unclear stays whole."""
    assert only_for(command, ["usr/share/doc/a", "usr/share/doc/b"]) == parts


def test_chown_for_some_files_only() -> None:
    """Options go, because files need no recursion; too many files, or another command, have no short command."""
    assert retargeted("chown -R app:app /app", ["app/a", "app/b c", "app/a"]) == "chown app:app /app/a '/app/b c'"
    assert retargeted("chmod +x run.sh", ["run.sh"], above="") == "chmod +x run.sh"
    assert retargeted("chown app /app", [f"app/{number}" for number in range(5)]) == ""
    assert retargeted("setcap x /app", ["app"]) == ""


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("RUN apk add curl && apk add git", "RUN apk add --no-cache curl && apk add --no-cache git"),
        ("RUN apk update && apk add curl", ""),
        ("RUN apk add --no-cache curl", ""),
        ("RUN make", ""),
    ],
)
def test_an_option_keeps_the_cache_empty(text: str, changed: str) -> None:
    """The option is added to each command, unless another command of the tool fills the cache as well."""
    assert option_added(text, ("apk add", "apk add --no-cache")) == changed


def test_cleaning_stays_last() -> None:
    """A command that uses apt comes before the commands that empty its cache."""
    text = "RUN apt-get install -y a && rm -rf /var/lib/apt/lists/* && apt-get clean"
    assert ending_with(text, "apt-get remove -y b") == (
        "RUN apt-get install -y a && apt-get remove -y b && rm -rf /var/lib/apt/lists/* && apt-get clean"
    )
    assert ending_with("RUN make", "rm -rf /b") == "RUN make && rm -rf /b"


def test_paths_are_quoted() -> None:
    """A path is one word of the shell, whatever is in it."""
    assert deleting(["a b", "c;d"]) == "rm -rf '/a b' '/c;d'"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["a", "b && c", "d"], "a && b && c && d"),
        (["a; b", "c"], "a; b && c"),
        (["a", "b; c"], "a && { b; c; }"),
        (["a", "b || c"], "a && { b || c; }"),
        (["set -ex; a; b", "set -eux; c"], "set -ex; a; b; set -eux; c"),
        (["set -ex; a; b", "c", "d"], "set -ex; a; b; c; d"),
        (["set -e; a && b", "c"], "set -e; a && b && c"),
        (["set -e && a", "b"], "set -e && a && b"),
        (["set -e; a && b", "set -e; c"], "set -e; a && b && { set -e; c; }"),
        (["apt-get update", "set -eux; c"], "apt-get update && { set -eux; c; }"),
        (["apt-get update", "set -eux; c", "d"], ""),
        (["set -e; for i in 1 2; do a; b; done", "c"], ""),
        (["set -e; a; b", "c; d"], ""),
        (["set -e; a; set +e; b", "c"], ""),
        (["a", "--mount=type=tmpfs,target=/t b"], ""),
    ],
)
def test_joined_runs_stop_at_the_same_failures(parts: list[str], expected: str) -> None:
    """A shell ends at ``set -e`` only outside of a list with ``&&``, so the parts keep what stops them."""
    assert joined(parts) == expected


@pytest.mark.parametrize(
    "parts", [["set -e; false; true", "set -eu; echo"], ["true", "set -e; false; echo"], ["false", "set -e; echo"]]
)
def test_a_shell_stops_at_the_failure_of_a_joined_run(parts: list[str]) -> None:
    """The shell prints nothing, because a command before fails."""
    result = subprocess.run(["sh", "-c", joined(parts)], capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (1, b"")
