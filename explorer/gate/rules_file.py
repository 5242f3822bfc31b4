"""The file that a project keeps its rules in: ``.layer-explorer.toml``, ``pyproject.toml`` or dive's ``.dive-ci``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from explorer.config.toml import TomlText, key_words
from explorer.errors import UsageError
from explorer.files import read_text
from explorer.gate.dive_ci import parse_dive_ci
from explorer.gate.rules import RawSetting, key_list, rule_key
from explorer.text.printable import printable

OWN = ".layer-explorer.toml"
PROJECT = "pyproject.toml"
DIVE = ".dive-ci"
_TABLE = "layer-explorer"
_ANY_TABLE = re.compile("layer.?explore", re.IGNORECASE)
"""However it is spelt."""
NAMES = (OWN, PROJECT, DIVE)
"""Where rules are looked for; the first file that has any counts."""
_ALIKE = 0.8
"""From 0 to 1: how much the name of a table must be like ours to be a misspelt one."""

Sayings = Mapping[str, RawSetting]


def find_rules(directory: Path) -> Sayings:
    """What the first file of a directory says that has rules. Raises UsageError for one that is wrong."""
    for name in NAMES:
        path = directory / name
        try:
            text = read_text(path)
        except FileNotFoundError:
            if path.is_symlink():
                raise UsageError(f"{name} is a link to a file that is not there") from None
            continue
        found = _said(name, text)
        if found:
            return found
    return {}


def read_rules(path: Path) -> Sayings:
    """What a file says that somebody named: TOML where its name ends so, else what dive would read.

    Raises UsageError for one that is wrong or not there.
    """
    shown = printable(str(path))
    try:
        text = read_text(path)
    except FileNotFoundError:
        raise UsageError(f"there is no file {shown}") from None
    found = _said(shown, text)
    if found is None:
        raise UsageError(f"{shown} has no rules", f"They stand in a table [tool.{_TABLE}].")
    return found


def _said(file: str, text: str) -> Sayings | None:
    """What a file says, told by its name; None where it is a project's file that says nothing of rules."""
    name = Path(file).name
    if name == PROJECT:
        return _of_project(TomlText(file, text))
    if not name.lower().endswith(".toml"):
        return parse_dive_ci(file, text)
    own = TomlText(file, text)
    return _of_table(own, "", own.document())


def _of_project(text: TomlText) -> Sayings | None:
    if not _ANY_TABLE.search(text.text):
        # Whatever else is wrong with the file is for others to tell.
        return None
    document = text.document()
    tools = text.table(document, "tool")
    if _TABLE not in tools:
        for around, names in (("tool", tools), ("", document)):
            meant = difflib.get_close_matches(_TABLE, names, 1, _ALIKE)
            if meant:
                raise text.wrong(around, meant[0], f"the rules stand in a table [tool.{_TABLE}], not in this one")
        return None
    return _of_table(text, f"tool.{_TABLE}", text.table(tools, _TABLE, around="tool"))


def _of_table(text: TomlText, around: str, table: Mapping[str, object]) -> Sayings:
    if list(table) == ["rules"]:
        # As dive has them.
        return _of_table(text, f"{around}.rules".lstrip("."), text.table(table, "rules", around))
    found: dict[str, RawSetting] = {}
    for name, value in table.items():
        key = rule_key(name)
        if key is None:
            raise text.wrong(around, name, f"there is no rule {key_words(name)}; there are {key_list()}")
        if key in found:
            raise text.wrong(around, name, f"{key} is said twice")
        found[key] = RawSetting(value, text.file, partial(_wrong_value, text, around, name))
    return found


def _wrong_value(text: TomlText, around: str, name: str, words: str) -> UsageError:
    return text.wrong(around, name, f"{name} {words}")
