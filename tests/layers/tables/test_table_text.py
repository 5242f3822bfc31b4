"""The JSON of a table, read in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.layers.tables import table_text
from explorer.layers.tables.table_text import UnusableTable, entries

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def read(text: str | bytes, piece: int = 1 << 20) -> list[dict[str, Any]]:
    """Returns the entries of a table that arrives in pieces."""
    stored = text.encode() if isinstance(text, str) else text

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(stored), piece):
            yield stored[start : start + piece]

    return list(entries(pieces()))


@pytest.mark.end_to_end
@given(st.lists(st.dictionaries(st.text(), ANY_JSON), max_size=5), st.sampled_from([None, "\t"]), st.integers(1, 50))
def test_entries_are_those_of_the_json(listed: list[dict[str, Any]], indent: str | None, window: int) -> None:
    """Wherever the text is cut, and however it is spaced, the objects are those of the list."""
    text = json.dumps({"version": 1, "entries": listed, "more": "text"}, indent=indent, ensure_ascii=False)
    encoded = text.encode("utf-8", "replace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_text, "_MIN_WINDOW_BYTES", window)
        assert read(encoded, 3) == json.loads(encoded)["entries"]


def test_a_table_of_nothing() -> None:
    """An empty list is a table, also as Go writes it."""
    assert read('{"entries": []}') == []
    assert read(' { "version" : 1, "entries" : null } \n') == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "{}",
        '{"version": 1',
        '{"version" 1}',
        '{"entries": [{}',
        '{"entries": [{} {}]}',
        '{"entries": [[]]}',
        '{"entries": [{}]} {}',
        '{"entries": [], "entries": []}',
        '{"entries": 5}',
        '{"version": [1], "entries": []}',
        '{"version": {"a": 1}, "entries": []}',
        b'{"entries": [{"name": "\xff"}]}',
        '{"entries": [{"size": ' + "9" * 5000 + "}]}",
    ],
)
def test_other_texts_are_no_table(text: str | bytes) -> None:
    """A text that is not one object with a list of objects is refused."""
    with pytest.raises(UnusableTable):
        read(text)


def test_an_endless_entry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not more than a window of the text is kept for one entry."""
    monkeypatch.setattr(table_text, "_MAX_VALUE_CHARS", 1000)
    monkeypatch.setattr(table_text, "_MIN_WINDOW_BYTES", 100)
    pieces_read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal pieces_read
        yield b'{"entries": [{"name": "'
        for _ in range(1000):
            pieces_read += 1
            yield b"x" * 100

    with pytest.raises(UnusableTable):
        list(entries(pieces()))
    assert pieces_read < 20
