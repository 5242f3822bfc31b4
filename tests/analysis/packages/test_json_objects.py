from __future__ import annotations

import pytest

from explorer.analysis.packages.formats import DatabaseDamaged
from explorer.analysis.packages.json_objects import MAX_OBJECTS, parse_object, text_of


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a JSON document"),
        (b"{", "not a JSON document"),
        (b'"\xff"', "not a JSON document"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "not a JSON document"),
        (b"[]", "not a JSON object"),
        (b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "inside each other"),
        (b'{"a": [' + b"[]," * MAX_OBJECTS + b"[]]}", "objects and lists"),
        (b'{"a": "' + b"x" * 3_000_000 + b'"}', "bytes"),
    ],
    ids=["empty", "cut off", "not UTF-8", "long number", "list", "deep", "many lists", "long"],
)
def test_hostile_documents_are_damage(content: bytes, reason: str) -> None:
    """A document that is no object, or takes too much memory, is refused with a reason."""
    with pytest.raises(DatabaseDamaged, match=reason):
        parse_object(content, max_bytes=2_000_000)


def test_odd_documents_are_read() -> None:
    """The last of equal keys counts, and a byte order mark and NaN do no harm."""
    document = parse_object(b'\xef\xbb\xbf{"a": NaN, "b": "1", "b": " 2 ", "c": 3}', max_bytes=1_000)
    assert [text_of(document, key) for key in "abcd"] == ["", "2", "", ""]
