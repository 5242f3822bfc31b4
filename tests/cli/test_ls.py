"""The command ``ls`` with a filter."""

from __future__ import annotations

import json

import pytest

from tests.cli.running import run


def test_the_words_of_the_filter_are_joined() -> None:
    """Several arguments are one filter, and so is one argument with spaces."""
    apart, together = (run("ls", "demo", *words) for words in (["*.so", "size>10M"], ["*.so size>10M"]))
    assert apart.stdout == together.stdout
    assert [line.split()[-1] for line in apart.stdout.splitlines()] == [
        "/usr/local/lib/python3.11/site-packages/numpy/_native/accelerate.so"
    ]


def test_top_lists_the_largest() -> None:
    """``--top`` alone lists the largest; with ``--sort`` it lists the first lines."""
    largest = [json.loads(line) for line in run("ls", "demo", "--top", "3", "--format", "json").stdout.splitlines()]
    assert [line["bytes"] for line in largest] == sorted((line["bytes"] for line in largest), reverse=True)
    assert largest[0]["path"] == "/app/models/recommender.bin"
    assert run("ls", "demo", "--top", "1", "--sort", "path").stdout.endswith(" /app\n")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["is:foo"], "is: added, modified, removed, unchanged, wasted or disposable"),
        (["layer:99"], "layer: from 0 to 12"),
        (["re:("], "regular expression"),
    ],
)
def test_a_wrong_filter_is_wrong_usage(words: list[str], reason: str) -> None:
    """The error is that of the screen, and names the help with all terms."""
    done = run("ls", "demo", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "lx ls --help" in done.stderr


def test_a_wrong_filter_needs_no_image() -> None:
    """A filter that no image could make right is an error before the image is opened."""
    assert "no key" in run("ls", "/nowhere.tar", "sise:3").stderr


def test_nothing_matches() -> None:
    """An empty listing says on stderr that nothing matches, and is no error."""
    done = run("ls", "demo", "xyzzy\x1b[1m")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "No path at layer 12 matches xyzzy\\x1b[1m.\n"
