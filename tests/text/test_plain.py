"""Characters for encodings that are not Unicode."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from explorer.text.plain import PLAIN_ERRORS, is_unicode, plain


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "euc-jp", "cp437"])
def test_plain_text_keeps_its_width(encoding: str) -> None:
    """Frames become ASCII, and other characters that are missing become question marks."""
    text = "╭─ │ ██▌░ … é 日 x"
    shown = plain(text, encoding, cell_len)
    assert shown.encode(encoding)
    assert cell_len(shown) == cell_len(text)
    assert shown.startswith("+- | ###: ~ ")


def test_an_output_stream_gets_plain_characters_or_escapes() -> None:
    """A character with a plain form takes it; any other is an escape."""
    assert "− 3 · ━━ é".encode("ascii", PLAIN_ERRORS) == b"- 3 . -- \\xe9"


@pytest.mark.parametrize(("encoding", "expected"), [("UTF-8", True), ("gb18030", True), ("ascii", False), ("?", False)])
def test_unicode_encodings(encoding: str, expected: bool) -> None:
    """Only an encoding of all characters needs no replacement."""
    assert is_unicode(encoding) is expected
