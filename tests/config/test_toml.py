"""TOML files that users write: what is wrong is told at once, and dots are counted in keys alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from explorer.errors import UsageError
from explorer.gate.rules import resolve_rules
from explorer.gate.rules_file import find_rules
from tests.gate.test_rules import write

RULER = "." * 40


@pytest.mark.parametrize(
    "text",
    [
        f"# {RULER} a.comment\n",
        f'[project] # {"a." * 40}\nname = "x"  # {RULER}\n',
        f'description = """\n{"a." * 40}b = 1\n[{"a." * 40}b]\n"""\n',
        f"description = '''\n{'a.' * 40}b = 1\n'''\n",
        f'"{RULER}" = "a = \\"{"b." * 40}c\\""\n',
        f"urls = [\"https://{'a.' * 40}example.net/?q=1\", 'https://{'b.' * 40}example.net/']\n",
        f"[tool.other]\n{'.'.join('abcdefghijklmnopqrst')} = 1.5\n",
    ],
    ids=["comment", "comments behind", "lines", "literal lines", "quotes", "URLs", "twenty parts"],
)
def test_dots_that_are_in_no_key_are_nothing(tmp_path: Path, text: str) -> None:
    """Comments and strings of a project's file may have as many dots as they like."""
    write(tmp_path, "pyproject.toml", f"{text}\n[tool.layer-explorer]\nmost-layers = 7\n")
    assert resolve_rules(find_rules(tmp_path)).most_layers == 7


@pytest.mark.parametrize(
    "text",
    [
        f"{'a.' * 20}b = 1",
        f"[{'a . ' * 20}b]",
        f"[[{'a.' * 20}b]]",
        f"x = {{ y = 1, {'a.' * 20}b = 1 }}",
        f"{'.'.join(['a', chr(34) + 'b' + chr(34), chr(39) + 'c' + chr(39)] * 7)} = 1",
        f"{'a.' * 400_000}b = 1",
    ],
    ids=["key", "table", "array of tables", "in a line", "quoted", "vast"],
)
def test_a_key_of_too_many_parts(tmp_path: Path, text: str) -> None:
    """A key that would take very long to read is told with its line, below whatever stands before it."""
    write(tmp_path, ".layer-explorer.toml", f'd = """\n# "\n"""  # {RULER}\n{text}\n')
    with pytest.raises(UsageError, match=r"^\.layer-explorer\.toml, line 4: a key has more than 20 parts$"):
        find_rules(tmp_path)


@pytest.mark.parametrize("text", ['"""' + '\n\\"""' * 150_000, '"\\' * 300_000, "a" * 900_000, "a " * 400_000])
def test_whatever_a_file_holds_is_refused_at_once(tmp_path: Path, text: str) -> None:
    """A text that is no TOML costs a second at most, however its quotes and words stand."""
    write(tmp_path, ".layer-explorer.toml", text)
    began = time.process_time()
    with pytest.raises(UsageError, match="is not TOML"):
        find_rules(tmp_path)
    assert time.process_time() - began < 1
