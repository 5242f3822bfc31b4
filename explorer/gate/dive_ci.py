"""The rules in a ``.dive-ci`` file, parsed as dive 0.13 does."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import partial

from explorer.config.toml import value_words
from explorer.errors import UsageError
from explorer.gate.rules import RULES, RawSetting, rule_key

DIVE_NAMES = {rule.dive_name: rule.key for rule in RULES.values() if rule.dive_name}
"""The name of each of dive's rules to our key."""
_MIN_SIMILARITY = 0.8
"""The similarity, from 0 to 1, from which another name counts as a misspelt rule."""
_FORM = "rules must be a mapping: `rules:` and below it `lowestEfficiency: 0.9`"
_MAX_YAML_CHARS = 64_000
"""A limit because parsing YAML is slow."""


def parse_dive_ci(file: str, text: str) -> Mapping[str, RawSetting]:
    """Returns dive's rules in the text of a file, by our keys.

    Ignores other keys, as dive does. Raises UsageError for invalid YAML and for misspelt rules.
    """
    settings: dict[str, RawSetting] = {}
    for name, value in _rules(file, _document(file, text)):
        key = _key(file, name)
        if key in settings:
            raise UsageError(f"{file}: {name} is set twice")
        # A key without a value does not count.
        if key is not None and value is not None:
            settings[key] = RawSetting(value, file, partial(_error, file, name))
    return settings


def _document(file: str, text: str) -> object:
    """Returns the first document, which dive reads; its scalars are text or None."""
    if len(text) > _MAX_YAML_CHARS:
        raise UsageError(f"{file} is too large for three rules: more than {_MAX_YAML_CHARS:,} characters")
    # Imported here because most users have no file of dive.
    import yaml

    class Loader(yaml.BaseLoader):
        """Reads ``off`` as text, not as a boolean; rejects duplicate keys, as dive does."""

        def construct_scalar(self, node: yaml.ScalarNode) -> str | None:  # type: ignore[override]
            value = super().construct_scalar(node)
            return None if node.style is None and value.lower() in ("", "~", "null") else str(value)

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
            keys = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in keys:
                        problem = f"{value_words(key.value)} is set twice"
                        raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
                    keys.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        return next(yaml.load_all(text, Loader), None)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise UsageError(f"{file}{f', line {mark.line + 1}' if mark else ''}: this is not YAML: {problem}") from None
    except RecursionError:
        raise UsageError(f"{file} is not YAML: it is nested too deeply") from None


def _rules(file: str, document: object) -> Iterator[tuple[str, object]]:
    """Yields the rules below ``rules`` or named ``rules.NAME``, in any case."""
    if document is None:
        return
    if not isinstance(document, dict):
        raise UsageError(f"{file}: {_FORM}")
    for key, value in document.items():
        word = str(key).lower()
        if word.startswith("rules."):
            yield str(key)[len("rules.") :], value
        elif word == "rules" and value is not None:
            if not isinstance(value, dict):
                raise UsageError(f"{file}: {_FORM}")
            if "<<" in value:
                raise UsageError(f"{file}: merge keys (<<) are not supported: write each rule below rules")
            yield from ((str(name), rule_value) for name, rule_value in value.items())


def _key(file: str, name: str) -> str | None:
    """Returns our key of one of dive's names, in any case; None for unrelated names.

    Raises UsageError for a name that is meant as a rule, because dive would ignore it silently.
    """
    keys = {dive_name.lower(): key for dive_name, key in DIVE_NAMES.items()}
    word = name.lower()
    if word not in keys and (rule_key(name) or difflib.get_close_matches(word, keys, 1, _MIN_SIMILARITY)):
        raise UsageError(
            f"{file}: there is no rule {value_words(name)}; dive has {', '.join(DIVE_NAMES)}",
            "A .layer-explorer.toml can have all rules.",
        )
    return keys.get(word)


def _error(file: str, name: str, words: str) -> UsageError:
    return UsageError(f"{file}: {name} {words}")
