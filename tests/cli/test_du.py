"""The command ``du``."""

from __future__ import annotations

import json

import pytest

from tests.cli.running import run


@pytest.mark.end_to_end
def test_directories_of_the_demo() -> None:
    """The last line is the whole image, with its visible bytes."""
    lines = run("du", "demo").stdout.splitlines()
    assert lines[-1].split() == ["196", "MB", "100", "%", "19", "MB", "disposable", "/"]
    assert lines[0].endswith("/app/models")
    last = json.loads(run("du", "demo", "--format", "json").stdout.splitlines()[-1])
    assert (last["path"], last["bytes"]) == ("/", 196_229_492)


@pytest.mark.end_to_end
def test_one_layer_of_the_demo() -> None:
    """``--layer`` counts what the layer ships, and says how much of it is wasted."""
    done = run("du", "demo", "/usr/", "--layer", "2", "--depth", "0")
    assert done.stdout.split() == ["134", "MB", "100", "%", "122", "MB", "wasted", "/usr"]


@pytest.mark.end_to_end
def test_kinds_of_files_of_the_demo() -> None:
    """``--by kind`` adds up to the image, names what keeps files out, and sums up kinds beyond ``--top``."""
    lines = run("du", "demo", "--by", "kind").stdout.splitlines()
    assert lines[0].split() == ["size", "share", "disposable", "wasted", "files", "kind"]
    assert lines[-1].split() == ["196", "MB", "100", "%", "19", "MB", "491", "MB", "115", "all", "kinds"]
    assert any("tests of installed packages: Delete the tests" in line for line in lines)
    kinds = [json.loads(line) for line in run("du", "demo", "--by", "kind", "--format", "json").stdout.splitlines()]
    assert sum(kind["bytes"] for kind in kinds) == 196_229_492
    fewer = run("du", "demo", "--by", "kind", "--top", "1").stdout.splitlines()
    assert [line.split()[-2:] for line in fewer[1:]] == [["shared", "libraries"], ["other", "kinds"], ["all", "kinds"]]


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["/urs/local"], "Did you mean /usr/local?"),
        (["/app/models/recommender.bin"], "is a file, not a directory"),
        (["/", "--layer", "13"], "layers 0 to 12"),
        (["/", "--top", "0"], "x>=1"),
        (["/", "--by", "kind", "--depth", "1"], "Leave out --depth."),
    ],
)
def test_wrong_usage(arguments: list[str], words: str) -> None:
    """A path that is no directory, and numbers out of range, end with 2 and say what is possible."""
    done = run("du", "demo", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
