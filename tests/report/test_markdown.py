"""Sentences as Markdown: code spans around commands and paths, and nowhere else."""

from __future__ import annotations

import pytest

from explorer.report.markdown import running_text
from tests.markdown_reading import assert_harmless


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Layer 4 (COPY … /app): 1 file differs (/app/data/extra.bin). 2 layers are new, 8.1 MB.",
            "Layer 4 (`COPY … /app`): 1 file differs (`/app/data/extra.bin`). 2 layers are new, 8.1 MB.",
        ),
        ("3 files differ (/a/b, /c, …), 2 only in time", "3 files differ (`/a/b`, `/c`, …), 2 only in time"),
        ("about +8.1 MB; most in /usr/lib +1.2 kB, /d -3 B", "about +8.1 MB; most in `/usr/lib` +1.2 kB, `/d` -3 B"),
        ("keep the cache (--cache-from), or not", "keep the cache (`--cache-from`), or not"),
        ("it was (RUN (cd /a && b) || c): so", "it was (`RUN (cd /a && b) || c`): so"),
        ("names /a/b, /c/d; see", "names `/a/b`, `/c/d`; see"),
        ("is new (of 3 layers), all", "is new (of 3 layers), all"),
        ("begins (/etc/passwd and goes on", "begins (`/etc/passwd` and goes on"),
        ("Use `a  b`: then c", "Use `a  b`: then c"),
    ],
)
def test_code_spans_are_around_commands_and_paths(text: str, expected: str) -> None:
    """Figures and words of the sentence stay text."""
    assert running_text(text) == expected
    assert_harmless(f"{running_text(text)}\n")


def test_a_known_command_is_one_code_span() -> None:
    """Its words, parentheses and backticks have no meaning, wherever it stands."""
    command = "RUN mkdir /out && tar c (`date` a b"
    assert running_text(f"it was {command}; 2 files differ", {command, ""}) == (
        "it was ``RUN mkdir /out && tar c (`date` a b``; 2 files differ"
    )
    assert running_text(f"Layer 1 ({command}): new", {command}) == (
        "Layer 1 (``RUN mkdir /out && tar c (`date` a b``): new"
    )
    assert running_text("COPYING it", {"COPY"}) == "COPYING it"
    for text in ("x a`b(<img>", "/a`b/<img> a`b<b>", "<a>/a`b", "a`b.a`b/@octocat"):
        assert_harmless(f"x {running_text(text, {'a`b'})}\n")


@pytest.mark.parametrize(
    "text",
    ["(](x) [a](b)", ")( @octocat (<b>", "(a, <img>, #1)", "a (b @c) `d (e` f) [x](y)", "((((", ") : ( …)", "(`)`(`"],
)
def test_no_sentence_makes_markup(text: str) -> None:
    """Parentheses, commas and backticks do not let markup through."""
    assert_harmless(f"x {running_text(text)}\n")
