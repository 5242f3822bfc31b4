"""Settings as the text of a configuration file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

from explorer.config import wanted_paths
from explorer.config.settings import Settings, SettingsSchema, screen_options
from explorer.config.toml import value_words

_MAX_COMMENT_CHARS = 100
_BINDING_CHARS = 38
"""The width of a binding before its comment."""
_NUMBERED = re.compile(r"(.+\.)\d")
_EXAMPLE_PERCENT = 45


def to_toml(settings: Settings, schema: SettingsSchema, theme: str) -> str:
    """Returns all settings and keys as the text of a configuration file.

    ``theme`` is the theme if the settings have none.
    """
    return "\n".join((*_screen(settings, schema, theme), "", *_disposable(settings), "", *_keys(settings, schema)))


def _screen(settings: Settings, schema: SettingsSchema, theme: str) -> Iterator[str]:
    yield "[screen]"
    for name, option in screen_options(schema).items():
        value = getattr(settings, name) if name != "theme" else settings.theme or theme
        yield from _comment(f"{option.about}: {option.words}.")
        yield f"{name} = {value_words(value)}" if value is not None else f"# {name} = {_EXAMPLE_PERCENT}"


def _disposable(settings: Settings) -> Iterator[str]:
    yield f"[{wanted_paths.TABLE}]"
    yield from _comment(f"Files that containers need, so that they are not disposable: {wanted_paths.WORDS}.")
    yield f"{wanted_paths.NAME} = [{', '.join(map(value_words, settings.wanted_paths))}]"


def _keys(settings: Settings, schema: SettingsSchema) -> Iterator[str]:
    yield "[keys]"
    yield from _comment('Put commas between several keys. The key "," is written "comma".')
    unchanged: set[str] = set()
    for name, binding in schema.bindings.items():
        keys = settings.keys.get(name, binding.keys)
        numbered = _NUMBERED.fullmatch(name)
        if numbered is None or keys != binding.keys:
            yield _binding(name, map(schema.written_key, keys), binding.tooltip)
        elif numbered[1] not in unchanged:
            unchanged.add(numbered[1])
            row = _binding(name, map(schema.written_key, keys), binding.tooltip)
            yield f"{row}; {numbered[1]}1 to {numbered[1]}9 do the same"


def _binding(name: str, keys: Iterable[str], tooltip: str) -> str:
    binding = f"{value_words(name)} = {value_words(','.join(keys))}"
    return f"{binding:<{_BINDING_CHARS}}  # {tooltip}".rstrip()


def _comment(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in wrap(text, _MAX_COMMENT_CHARS, break_on_hyphens=False))
