"""Syntax highlighting by name or ``#!`` line."""

from __future__ import annotations

from explorer.preview.highlighting import highlights


def test_highlights() -> None:
    """A known language, by name or first line, has coloured parts; other texts have none."""
    spans = highlights("x.py", ["import os", 'x = """two', 'lines"""'])
    assert (0, 6, "keyword") in spans[0]
    assert any(style == "string" for _, _, style in spans[2])
    assert highlights("script", ["#!/usr/bin/env python3.11", "import os"])[1][0] == (0, 6, "keyword")
    assert highlights("README", ["import os"]) == {}
    assert highlights("x.txt", ["import os"]) == {}
    assert highlights("empty.py", []) == {}


def test_highlights_have_bounds() -> None:
    """A long text is coloured at its beginning, a minified one not at all."""
    spans = highlights("x.py", ["import os"] * 100_000)
    assert 1000 < len(spans) < 20_000
    assert highlights("x.js", ["var a=1;" * 10_000]) == {}
