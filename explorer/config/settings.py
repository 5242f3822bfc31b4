"""The user's configuration file: its settings, its parser and its errors.

The file decides how the screen starts and which keys do what. Each error is one line. Only the screen knows its
bindings, keys and themes, and this module must not import it: the screen passes them as a SettingsSchema.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from explorer.config import wanted_paths
from explorer.config.cycle import Cycle
from explorer.config.paths import settings_text
from explorer.config.toml import TomlText, key_words, value_words
from explorer.text.words import enumerated

PANES = ("files", "waste", "packages", "findings", "dockerfile", "image")
"""The panes on the right side of the screen."""
_TABLES = ("screen", wanted_paths.TABLE, "keys")
NARROWEST, WIDEST = 15, 85
"""Percent of the screen that the layers' side can have."""


class Sort(Cycle):
    """The order of siblings; the value is its name in the file and on the screen."""

    SIZE = "size"
    NAME = "name"
    CHANGE = "change"
    GROWTH = "growth"
    """The bytes that the newer of two images has more. Only a comparison of images has this order."""

    def following_in(self, orders: Sequence[Sort]) -> Sort:
        """Returns the order after this one, or the first if this is none of them."""
        return orders[(orders.index(self) + 1) % len(orders)] if self in orders else orders[0]


FILE_ORDERS = (Sort.SIZE, Sort.NAME, Sort.CHANGE)
"""The orders of the files of one image."""
COMPARED_ORDERS = (Sort.GROWTH, Sort.SIZE, Sort.NAME)
"""The orders of the files of two images."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The state in which the screen starts, with defaults for missing settings."""

    theme: str | None = None
    sort: str = "size"
    pane: str = "files"
    changes_only: bool = False
    empty_steps: bool = True
    """True if steps of the history that made no layer show among the layers."""
    left_percent: int | None = None
    """The layers' percentage of the width, if they are beside the files."""
    top_percent: int | None = None
    """The layers' percentage of the height, if they are above the files."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Binding ID to its keys, by the names that the screen has for them."""
    wanted_paths: tuple[str, ...] = ()
    """Patterns of paths that are not disposable."""


def is_share(value: object) -> TypeGuard[int]:
    """True if a value is a percentage that the layers' side can have."""
    return isinstance(value, int) and not isinstance(value, bool) and NARROWEST <= value <= WIDEST


@dataclass(frozen=True, slots=True)
class DefaultBinding:
    """A binding without the user's changes."""

    keys: tuple[str, ...]
    tooltip: str
    places: frozenset[str]
    """The widgets in which it works; two bindings can conflict if they share one."""


@dataclass(frozen=True, slots=True)
class SettingsSchema:
    """The names that a configuration file can use."""

    bindings: Mapping[str, DefaultBinding]
    """Binding ID to binding."""
    themes: Collection[str]
    reserved: Collection[str]
    """Keys that cannot be changed."""
    key_name: Callable[[str], str | None]
    """Returns the screen's name of a key in any spelling; None for an unknown key."""
    written_key: Callable[[str], str] = str
    """Returns a key as users press it, from the screen's name."""


def read_settings(path: Path, schema: SettingsSchema) -> Settings:
    """Returns the settings in a file, or the defaults. Raises UsageError."""
    text = settings_text(path)
    return Settings() if text is None else parse_settings(text, str(path), schema)


def parse_settings(text: str, file: str, schema: SettingsSchema) -> Settings:
    """Returns the settings in a text of TOML; ``file`` is its name in errors.

    Raises UsageError if the text is not TOML, or has an unknown name or an invalid value.
    """
    toml = TomlText(file, text)
    document = toml.document()
    for name in document:
        if name not in _TABLES:
            tables = enumerated((f"[{table}]" for table in _TABLES), "and")
            raise toml.error("", name, f"there is no [{key_words(name)}]; the tables are {tables}")
    screen: dict[str, Any] = toml.table(document, "screen")
    options = screen_options(schema)
    for name, value in screen.items():
        if name not in options:
            raise toml.error("screen", name, f"[screen] has no {key_words(name)}; it has {', '.join(options)}")
        if not options[name].is_valid(value):
            raise toml.error("screen", name, f"{name} takes {options[name].words}, not {value_words(value)}")
    wanted = wanted_paths.parse_wanted_paths(toml, document)
    return Settings(**screen, wanted_paths=wanted, keys=_keys(toml, toml.table(document, "keys"), schema))


def find_key_conflict(
    keys: Mapping[str, tuple[str, ...]], bindings: Mapping[str, DefaultBinding]
) -> tuple[str, str, str] | None:
    """Returns a key that two bindings share in one place, and both IDs, or None.

    Bindings that share a key by default do not conflict: they are made to share it.
    """
    for name, own in keys.items():
        for other, binding in bindings.items():
            shared = set(own) & set(keys.get(other, binding.keys))
            share_by_default = set(bindings[name].keys) & set(binding.keys)
            if other != name and not share_by_default and shared and bindings[name].places & binding.places:
                return min(shared), name, other
    return None


class Option(NamedTuple):
    """An option of [screen]."""

    about: str
    """The effect in words."""
    words: str
    """The values in words."""
    is_valid: Callable[[object], bool]


def screen_options(schema: SettingsSchema) -> dict[str, Option]:
    """Returns the options of [screen] by name."""

    def one_of(about: str, names: Collection[str]) -> Option:
        words = enumerated(map(value_words, names), "or")
        return Option(about, words, lambda value: isinstance(value, str) and value in names)

    def boolean(about: str) -> Option:
        return Option(about, "true or false", lambda value: isinstance(value, bool))

    def percent(about: str) -> Option:
        return Option(about, f"a whole number from {NARROWEST} to {WIDEST}", is_share)

    options = {
        "theme": one_of("The colours of the screen", schema.themes),
        "sort": one_of("The order of the files at the start", [sort.value for sort in FILE_ORDERS]),
        "pane": one_of("The pane beside the layers at the start", PANES),
        "changes_only": boolean("Show only the files that the layer changes"),
        "empty_steps": boolean("Show metadata-only steps, too"),
        "left_percent": percent("The width of the layers in percent, if they are beside the files"),
        "top_percent": percent("The height of the layers in percent, if they are above the files"),
    }
    assert {*options, "wanted_paths", "keys"} == {each.name for each in fields(Settings)}  # noqa: S101 -- two lists
    return options


def _keys(toml: TomlText, table: Mapping[str, object], schema: SettingsSchema) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for name, value in _flattened(table):
        if name not in schema.bindings:
            raise toml.error("keys", name, f"[keys] has no {key_words(name)}; `layer-explorer config` prints all keys")
        keys[name] = _keys_of_binding(toml, name, value, schema)
    conflict = find_key_conflict(keys, schema.bindings)
    if conflict is not None:
        key, name, other = conflict
        raise toml.error(
            "keys", name, f"{value_words(schema.written_key(key))} is bound twice, to {name} and to {other}"
        )
    return keys


def _keys_of_binding(toml: TomlText, name: str, value: object, schema: SettingsSchema) -> tuple[str, ...]:
    takes = f'{name} takes a key such as "s", "ctrl+f" or "?", or several with commas between'
    if not isinstance(value, str) or not value.strip():
        raise toml.error("keys", name, f"{takes}, not {value_words(value)}")
    names = []
    for word in map(str.strip, value.split(",")):
        key = schema.key_name(word)
        if key is None:
            raise toml.error("keys", name, f"{takes}; there is no key {value_words(word)}")
        if key in schema.reserved and key not in schema.bindings[name].keys:
            raise toml.error("keys", name, f"{name} cannot have {value_words(word)}: that key cannot be changed")
        names.append(key)
    return tuple(dict.fromkeys(names))


def _flattened(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yields values by dotted names; ``a.b = "s"`` without quotes makes tables."""
    waiting = [*table.items()][::-1]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(f"{name}.{key}", inner) for key, inner in [*value.items()][::-1]]
        else:
            yield name, value
