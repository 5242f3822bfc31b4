"""The file that a project keeps its rules in: ``.layer-explorer.toml``, ``pyproject.toml`` or dive's ``.dive-ci``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from explorer.errors import UsageError
from explorer.files import read_text
from explorer.rule_values import OFF
from explorer.rules import Said, key_list, key_of
from explorer.text import printable
from explorer.toml_file import TomlText, key_words, value_words

OWN = ".layer-explorer.toml"
PROJECT = "pyproject.toml"
DIVE = ".dive-ci"
_TABLE = "layer-explorer"
_ANY_TABLE = re.compile("layer.?explore", re.IGNORECASE)
"""However it is spelt."""
NAMES = (OWN, PROJECT, DIVE)
"""Where rules are looked for; the first file that has any counts."""
DIVES_NAMES = {
    "lowestEfficiency": "lowest-efficiency",
    "highestWastedBytes": "highest-wasted-bytes",
    "highestUserWastedPercent": "highest-user-wasted-percent",
}
"""How dive spells the rules that it has, in its file and as options, to our names."""
_ALIKE = 0.8
"""From 0 to 1: how much a word must be like a rule to be a misspelt one."""
_NOTHING = (None, "", "~", "null")
"""How YAML says that there is nothing."""
_DIVES_FORM = "rules is a mapping, as in `rules:` and below it `lowestEfficiency: 0.9`"
_MOST_YAML = 64_000
"""Characters; reading YAML takes long."""

Sayings = Mapping[str, Said]


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
        return _of_dive(file, text)
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
    found: dict[str, Said] = {}
    for name, value in table.items():
        key = key_of(name)
        if key is None:
            raise text.wrong(around, name, f"there is no rule {key_words(name)}; there are {key_list()}")
        if key in found:
            raise text.wrong(around, name, f"{key} is said twice")
        found[key] = Said(value, text.file, partial(_wrong_value, text, around, name, value))
    return found


def _wrong_value(text: TomlText, around: str, name: str, value: object, words: str) -> UsageError:
    return text.wrong(around, name, f"{name} {words}, not {value_words(value)}")


def _of_dive(file: str, text: str) -> Sayings:
    """What a file of dive says: its three rules; what else it may hold, dive leaves alone too."""
    import yaml

    if len(text) > _MOST_YAML:
        raise UsageError(f"{file} is too large for three rules: more than {_MOST_YAML:,} characters")
    try:
        # All values as text, for ``off`` is a word and no truth here. Dive reads the first document alone.
        document = next(yaml.load_all(text, yaml.BaseLoader), None)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise UsageError(f"{file}{f', line {where.line + 1}' if where else ''}: this is not YAML: {problem}") from None
    except RecursionError:
        raise UsageError(f"{file} is not YAML: it is nested too deeply") from None
    found: dict[str, Said] = {}
    for name, value in _dives_rules(file, document):
        key = _dives_key(file, name)
        if key is not None:
            # Dive takes no word, and an empty one, for none.
            is_said = value not in _NOTHING
            found[key] = Said(value if is_said else OFF[0], file, partial(_wrong_in_dives, file, name, value))
    return found


def _dives_rules(file: str, document: object) -> Iterator[tuple[str, object]]:
    """Names and values of the rules, which stand below ``rules`` or are called ``rules.NAME``, in capitals or not."""
    if document in _NOTHING:
        return
    if not isinstance(document, dict):
        raise UsageError(f"{file}: {_DIVES_FORM}")
    for head, value in document.items():
        word = str(head).lower()
        if word.startswith("rules."):
            yield str(head)[len("rules.") :], value
        elif word == "rules" and value not in _NOTHING:
            if not isinstance(value, dict):
                raise UsageError(f"{file}: {_DIVES_FORM}")
            if "<<" in value:
                raise UsageError(f"{file}: merge keys (<<) are not read here: say each rule below rules")
            yield from ((str(name), each) for name, each in value.items())


def _dives_key(file: str, name: str) -> str | None:
    """Our name of what dive calls so, in capitals or not; None for what is neither dive's nor ours.

    Raises UsageError for what somebody will have meant as a rule, and dive would pass over.
    """
    known = {each.lower(): key for each, key in DIVES_NAMES.items()}
    word = name.lower()
    if word not in known and (key_of(name) or difflib.get_close_matches(word, known, 1, _ALIKE)):
        raise UsageError(
            f"{file}: there is no rule {value_words(name)}; dive has {', '.join(DIVES_NAMES)}",
            f"All the rules there are can stand in {OWN}.",
        )
    return known.get(word)


def _wrong_in_dives(file: str, name: str, value: object, words: str) -> UsageError:
    return UsageError(f"{file}: {name} {words}, not {value_words(value)}")
