"""The rules in a file of dive's: ``.dive-ci``, read as dive 0.13 reads it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import partial

from explorer.config.toml import value_words
from explorer.errors import UsageError
from explorer.gate.rules import RawSetting, rule_key

DIVE_NAMES = {
    "lowestEfficiency": "lowest-efficiency",
    "highestWastedBytes": "highest-wasted-bytes",
    "highestUserWastedPercent": "highest-user-wasted-percent",
}
"""How dive spells the rules that it has, in its file and as options, to our names."""
_ALIKE = 0.8
"""From 0 to 1: how much a word must be like a rule to be a misspelt one."""
_FORM = "rules is a mapping, as in `rules:` and below it `lowestEfficiency: 0.9`"
_MOST_YAML = 64_000
"""Characters; reading YAML takes long."""


def parse_dive_ci(file: str, text: str) -> Mapping[str, RawSetting]:
    """What the file says of dive's three rules, by our names; what else it may hold, dive leaves alone too.

    Raises UsageError for one that is wrong.
    """
    found: dict[str, RawSetting] = {}
    for name, value in _rules(file, _document(file, text)):
        key = _key(file, name)
        if key in found:
            raise UsageError(f"{file}: {name} is said twice")
        # What YAML has no value for was not said.
        if key is not None and value is not None:
            found[key] = RawSetting(value, file, partial(_wrong, file, name))
    return found


def _document(file: str, text: str) -> object:
    """The first document, which is the one that dive reads; all scalars as text, but for none."""
    if len(text) > _MOST_YAML:
        raise UsageError(f"{file} is too large for three rules: more than {_MOST_YAML:,} characters")
    # Most who use this program have no such file.
    import yaml

    class Loader(yaml.BaseLoader):
        """Takes ``off`` for a word and not for a truth, and a key that is said twice for a mistake, as dive does."""

        def construct_scalar(self, node: yaml.ScalarNode) -> str | None:  # type: ignore[override]
            value = super().construct_scalar(node)
            return None if node.style is None and value.lower() in ("", "~", "null") else str(value)

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
            known = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in known:
                        raise yaml.MarkedYAMLError(
                            problem=f"{value_words(key.value)} is said twice", problem_mark=key.start_mark
                        )
                    known.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        return next(yaml.load_all(text, Loader), None)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise UsageError(f"{file}{f', line {where.line + 1}' if where else ''}: this is not YAML: {problem}") from None
    except RecursionError:
        raise UsageError(f"{file} is not YAML: it is nested too deeply") from None


def _rules(file: str, document: object) -> Iterator[tuple[str, object]]:
    """Names and values of the rules, which stand below ``rules`` or are called ``rules.NAME``, in capitals or not."""
    if document is None:
        return
    if not isinstance(document, dict):
        raise UsageError(f"{file}: {_FORM}")
    for head, value in document.items():
        word = str(head).lower()
        if word.startswith("rules."):
            yield str(head)[len("rules.") :], value
        elif word == "rules" and value is not None:
            if not isinstance(value, dict):
                raise UsageError(f"{file}: {_FORM}")
            if "<<" in value:
                raise UsageError(f"{file}: merge keys (<<) are not read here: say each rule below rules")
            yield from ((str(name), each) for name, each in value.items())


def _key(file: str, name: str) -> str | None:
    """Our name of what dive calls so, in capitals or not; None for what is neither dive's nor ours.

    Raises UsageError for what somebody will have meant as a rule, and dive would pass over.
    """
    known = {each.lower(): key for each, key in DIVE_NAMES.items()}
    word = name.lower()
    if word not in known and (rule_key(name) or difflib.get_close_matches(word, known, 1, _ALIKE)):
        raise UsageError(
            f"{file}: there is no rule {value_words(name)}; dive has {', '.join(DIVE_NAMES)}",
            "All the rules there are can stand in .layer-explorer.toml.",
        )
    return known.get(word)


def _wrong(file: str, name: str, words: str) -> UsageError:
    return UsageError(f"{file}: {name} {words}")
