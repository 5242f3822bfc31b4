"""TOML files that users write: errors name file, line and key."""

from __future__ import annotations

import pytest

from explorer.config.toml import TomlText, key_words, value_words
from explorer.errors import UsageError

TEXT = TomlText("f.toml", 'a = 1\n[tool.x]\n"b" = 2\n[tool."y"]\nc.d = 3\n[[z]]\ne = 4\n')


@pytest.mark.parametrize(
    ("table", "name", "where"),
    [
        ("", "a", "f.toml, line 1"),
        ("", "tool", "f.toml, line 2"),
        ("tool.x", "b", "f.toml, line 3"),
        ("tool", "y", "f.toml, line 4"),
        ("tool.y", "c.d", "f.toml, line 5"),
        ("z", "e", "f.toml, line 7"),
        ("tool.x", "c", "f.toml"),
    ],
)
def test_errors_name_the_line(table: str, name: str, where: str) -> None:
    """An error about a key or a table names its line if the text shows it."""
    assert str(TEXT.error(table, name, "is wrong").message) == f"{where}: is wrong"


def test_tables() -> None:
    """A missing table is empty; a key that is not a table is an error with its full name."""
    document = TEXT.document()
    tool = TEXT.table(document, "tool")
    assert TEXT.table(tool, "x", parent="tool") == {"b": 2}
    assert TEXT.table(tool, "w", parent="tool") == {}
    with pytest.raises(UsageError, match=r"^f\.toml, line 1: a must be a table: \[a\]"):
        TEXT.table(document, "a")
    with pytest.raises(UsageError, match=r"line 3: tool\.x\.b must be a table"):
        TEXT.table(TEXT.table(tool, "x", "tool"), "b", "tool.x")


@pytest.mark.parametrize(
    "text", ['"""' + '\n\\"""' * 150_000, '"\\' * 300_000, "a" * 900_000, "a " * 400_000, f"n = {'9' * 5_000}"]
)
def test_large_invalid_texts(text: str) -> None:
    """A large text that is not TOML is an error in one line, even where the standard library raises another error."""
    with pytest.raises(UsageError, match="is not TOML"):
        TomlText("f.toml", text).document()


def test_deep_nesting() -> None:
    """A text that is nested too deeply for the parser is an error and no crash."""
    with pytest.raises(UsageError, match="nested too deeply"):
        TomlText("f.toml", "a = " + "[" * 100_000).document()


def test_values_in_words() -> None:
    """Errors show values as TOML writes them, cut if they are long, and name the type of others."""
    values = [True, 'a"\\\x1b', 1.5, 10**200, {}, [], None]
    words = ["true", '"a\\"\\\\\\x1b"', "1.5", "a vast number", "a table", "a list", "a date or a time"]
    assert [value_words(value) for value in values] == words
    assert value_words("x" * 101) == f'"{"x" * 100}… and 1 more character"'
    assert key_words("a\nb") == "a\\nb"
