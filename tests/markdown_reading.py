"""Reads Markdown in GitHub's flavour, with tables, HTML and automatic links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

HARMLESS = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}


def inline(text: str) -> list[Token]:
    """Returns the inline tokens of a document."""
    return [child for token in parsed(text) for child in token.children or ()]


def tables(text: str) -> Iterator[list[list[str]]]:
    """Yields each table as rows of cells, the header first."""
    rows: list[list[str]] = []
    for token in parsed(text):
        if token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type in ("td_open", "th_open"):
            rows[-1].append("")
        elif token.type == "inline" and rows and rows[-1]:
            rows[-1][-1] = "".join(child.content for child in token.children or ())
        elif token.type == "table_close":
            yield rows
            rows = []


def lines_of_tables(text: str) -> Sequence[str]:
    """Returns the lines that look like rows of a table."""
    return [line for line in text.splitlines() if line.startswith("|")]


def parsed(text: str) -> list[Token]:
    """Returns the block tokens of a document."""
    return MarkdownIt("gfm-like").parse(text)


def fences(text: str) -> Sequence[str]:
    """Returns the content of each block of code."""
    return [token.content for token in parsed(text) if token.type == "fence"]


def assert_harmless(text: str) -> None:
    """Asserts that untrusted text made no HTML, link or image, and broke no table and no block of code."""
    blocks = parsed(text)
    assert not {"html_block", "code_block", "hr"} & {token.type for token in blocks}
    assert all(line.startswith(("- ", "+ ", "# ")) for content in fences(text) for line in content.splitlines())
    pieces = inline(text)
    assert {piece.type for piece in pieces} <= HARMLESS
    words = "".join(piece.content for piece in pieces if piece.type == "text")
    assert not set("@#<>&`[]\\|") & set(words), words
    assert "octocat" not in words
    rows = 0
    for heads, *body in tables(text):
        assert {len(row) for row in body} == {len(heads)}
        rows += 2 + len(body)
    assert rows == len(lines_of_tables(text))
