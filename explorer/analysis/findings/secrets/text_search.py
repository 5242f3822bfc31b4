"""Finds the secrets in a text of the history or of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explorer.analysis.findings.secrets.engine import SecretScanner
from explorer.analysis.findings.secrets.secret_rule import SecretMatch


class SearchedText(NamedTuple):
    """A text that was searched."""

    content: bytes
    """The text in UTF-8; halves of UTF-16 pairs are kept."""
    matches: Sequence[SecretMatch]
    """Its secrets; their offsets are in the content."""
    is_cut: bool
    """True if there may be more."""


def search_text(text: str, path: str) -> SearchedText:
    """Returns a text with its secrets; ``path`` names a file with texts of its form."""
    content = text.encode("utf-8", "surrogatepass")
    scanner = SecretScanner(path)
    # No text of a setting is a binary file.
    scanner.feed(content.replace(b"\0", b"\n"))
    return SearchedText(content, scanner.finish(), scanner.is_cut)
