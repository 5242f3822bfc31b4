"""The setting of wanted paths, read alone and with the other settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.config.settings import SettingsSchema, parse_settings
from explorer.config.wanted_paths import read_wanted_paths
from explorer.errors import UsageError

SCHEMA = SettingsSchema({}, ("nord", "layers"), (), lambda key: key)


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("", ()),
        ("[disposable]", ()),
        ("[disposable]\nwanted_paths = []", ()),
        ('[disposable]\nwanted_paths = "/usr/share/doc"', ("/usr/share/doc",)),
        ('[disposable]\nwanted_paths = ["/usr/share/*", "!/usr/share/man"]', ("/usr/share/*", "!/usr/share/man")),
    ],
)
def test_the_patterns_of_a_file(tmp_path: Path, text: str, patterns: tuple[str, ...]) -> None:
    """The setting takes one pattern or a list; without it no path is wanted."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    assert read_wanted_paths(path) == parse_settings(text, "c.toml", SCHEMA).wanted_paths == patterns


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("5", "not 5"),
        ('["/usr", 5]', "not 5"),
        ('["/usr", "[[:x:]]"]', 'not "[[:x:]]"'),
        ('"!a"', 'not "!a"'),
        ('""', 'not ""'),
    ],
)
def test_a_wrong_pattern_is_an_error(tmp_path: Path, value: str, words: str) -> None:
    """The error names the file, the line and the wrong pattern, and says what is expected."""
    path = tmp_path / "config.toml"
    path.write_text(f"[disposable]\nwanted_paths = {value}\n")
    with pytest.raises(UsageError) as error:
        read_wanted_paths(path)
    assert error.value.message.startswith(f"{path}, line 2: wanted_paths takes patterns as in a .gitignore file")
    assert error.value.message.endswith(words)


def test_another_name_is_an_error(tmp_path: Path) -> None:
    """The table has only this setting."""
    path = tmp_path / "config.toml"
    path.write_text("[disposable]\nwanted = 1\n")
    with pytest.raises(UsageError, match="has no wanted; it has wanted_paths"):
        read_wanted_paths(path)


def test_other_settings_are_not_read(tmp_path: Path) -> None:
    """Mistakes in other tables are errors only of the screen, and a home that cannot be entered has no settings."""
    path = tmp_path / "config.toml"
    path.write_text("[screen]\nx = 1\n")
    assert read_wanted_paths(path) == ()
    assert read_wanted_paths(path / "below" / "config.toml") == ()
