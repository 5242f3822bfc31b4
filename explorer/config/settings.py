"""The user's configuration file: what it may say, what it says, and in one line what is wrong with it.

It decides how the screen starts and which keys do what. What bindings, keys and themes there are, only the screen
knows: it is handed in as a SettingsSchema, and nothing here imports it.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from textwrap import wrap
from typing import Any, TypeGuard

from explorer.config.paths import config_directory
from explorer.config.toml import TomlText, key_words, value_words
from explorer.errors import UsageError
from explorer.files import read_text
from explorer.text.words import enumerated

PANES = ("files", "waste", "image")
"""What the right side of the screen can show."""
NARROWEST, WIDEST = 15, 85
"""Percent of the screen that the layers' side may take."""


class Sort(enum.Enum):
    """What decides the order of siblings; the value is its name in the file and on the screen."""

    SIZE = "size"
    NAME = "name"
    CHANGE = "change"

    @property
    def following(self) -> Sort:
        """The next one, round and round."""
        orders = list(Sort)
        return orders[(orders.index(self) + 1) % len(orders)]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the screen starts; what the file does not say is None or what it is without a file."""

    theme: str | None = None
    sort: str = "size"
    pane: str = "files"
    changes_only: bool = False
    empty_steps: bool = True
    """Whether the steps of the history that made no layer stand among the layers."""
    left_percent: int | None = None
    """What the layers take of the width where they stand beside the files."""
    top_percent: int | None = None
    """What they take of the height where they stand above the files."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Binding id to its keys, by the names that the screen has for them."""


def is_share(value: object) -> TypeGuard[int]:
    """Whether the layers' side may take this much."""
    return isinstance(value, int) and not isinstance(value, bool) and NARROWEST <= value <= WIDEST


@dataclass(frozen=True, slots=True)
class DefaultBinding:
    """A binding as it is without a file."""

    keys: tuple[str, ...]
    tooltip: str
    places: frozenset[str]
    """Where it is at work; two bindings meet where they have a place in common."""


@dataclass(frozen=True, slots=True)
class SettingsSchema:
    """What a file can speak of."""

    bindings: Mapping[str, DefaultBinding]
    themes: Collection[str]
    reserved: Collection[str]
    """Keys that stay what they are."""
    key_name: Callable[[str], str | None]
    """The screen's name of a key that people write in some way; None when there is no such key."""


def settings_path() -> Path:
    """Where the file is, or would be."""
    named = os.environ.get("LAYER_EXPLORER_CONFIG")
    return Path(named) if named else config_directory() / "config.toml"


def read_settings(path: Path, vocabulary: SettingsSchema) -> Settings:
    """What the file says; a file that is not there says nothing. Raises UsageError for one that is wrong."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        if os.environ.get("LAYER_EXPLORER_CONFIG"):
            raise UsageError(f"there is no file {path}", "LAYER_EXPLORER_CONFIG names it.") from None
        return Settings()
    return parsed(text, str(path), vocabulary)


def parsed(text: str, file: str, vocabulary: SettingsSchema) -> Settings:
    """What a text in TOML says; ``file`` is its name in errors. Raises UsageError."""
    place = TomlText(file, text)
    document = place.document()
    for name in document:
        if name not in ("screen", "keys"):
            raise place.wrong("", name, f"there is no [{key_words(name)}]; there are [screen] and [keys]")
    screen: dict[str, Any] = place.table(document, "screen")
    options = _options(vocabulary)
    for name, value in screen.items():
        if name not in options:
            there = ", ".join(options)
            raise place.wrong("screen", name, f"[screen] knows no {key_words(name)}; it knows {there}")
        takes, fits = options[name]
        if not fits(value):
            raise place.wrong("screen", name, f"{name} takes {takes}, not {value_words(value)}")
    keys = _keys(dict(_flat(place.table(document, "keys"))), vocabulary, place)
    return Settings(**screen, keys=keys)


def find_key_conflict(
    keys: Mapping[str, tuple[str, ...]], bindings: Mapping[str, DefaultBinding]
) -> tuple[str, str, str] | None:
    """A key that the user gave to a binding and that another one has too where both are at work: key and both ids.

    Bindings that share a key of themselves know how to share.
    """
    for name, own in keys.items():
        for other, bound in bindings.items():
            theirs = keys.get(other, bound.keys)
            shared = set(own) & set(theirs)
            by_nature = set(bindings[name].keys) & set(bound.keys)
            if other != name and not by_nature and shared and bindings[name].places & bound.places:
                return min(shared), name, other
    return None


def to_toml(settings: Settings, vocabulary: SettingsSchema, theme: str, width: int = 38) -> str:
    """All settings in force and all bindings with their keys, as a text that can be the file."""
    lines = ["[screen]"]
    for name, (takes, _) in _options(vocabulary).items():
        value = getattr(settings, name) if name != "theme" else settings.theme or theme
        lines += [f"# {line}" for line in wrap(takes, 100, break_on_hyphens=False)]
        lines.append(f"{name} = {value_words(value)}" if value is not None else f"# {name} = 45")
    lines += ["", "[keys]"]
    for name, bound in vocabulary.bindings.items():
        keys = ",".join(settings.keys.get(name, bound.keys))
        lines.append(f"{f'{value_words(name)} = {value_words(keys)}':<{width}}  # {bound.tooltip}".rstrip())
    return "\n".join(lines)


Fits = Callable[[object], bool]


def _options(vocabulary: SettingsSchema) -> dict[str, tuple[str, Fits]]:
    """Name of each option of [screen] to what it takes, in words and as a test."""

    def one_of(words: Collection[str]) -> tuple[str, Fits]:
        return enumerated(map(value_words, words), "or"), lambda value: isinstance(value, str) and value in words

    truth: tuple[str, Fits] = ("true or false", lambda value: isinstance(value, bool))
    percent: tuple[str, Fits] = (f"a whole number from {NARROWEST} to {WIDEST}", is_share)
    found = {
        "theme": one_of(vocabulary.themes),
        "sort": one_of([sort.value for sort in Sort]),
        "pane": one_of(PANES),
        "changes_only": truth,
        "empty_steps": truth,
        "left_percent": percent,
        "top_percent": percent,
    }
    assert {*found, "keys"} == {each.name for each in fields(Settings)}  # noqa: S101 - one list in two places
    return found


def _keys(wanted: Mapping[str, object], vocabulary: SettingsSchema, place: TomlText) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in wanted.items():
        if name not in vocabulary.bindings:
            raise place.wrong(
                "keys", name, f"[keys] knows no {key_words(name)}; `layer-explorer config` prints all that it knows"
            )
        takes = 'a key such as "s", "ctrl+f" or "question_mark", or several with commas between'
        if not isinstance(value, str) or not value.strip():
            raise place.wrong("keys", name, f"{name} takes {takes}, not {value_words(value)}")
        names: list[str] = []
        for word in value.split(","):
            key = vocabulary.key_name(word.strip())
            if key is None:
                raise place.wrong("keys", name, f"{name} takes {takes}; there is no key {value_words(word.strip())}")
            if key in vocabulary.reserved and key not in vocabulary.bindings[name].keys:
                raise place.wrong(
                    "keys", name, f"{name} cannot have {value_words(word.strip())}: that key stays what it is"
                )
            names.append(key)
        found[name] = tuple(dict.fromkeys(names))
    clash = find_key_conflict(found, vocabulary.bindings)
    if clash is not None:
        key, name, other = clash
        raise place.wrong("keys", name, f"{value_words(key)} is bound twice, to {name} and to {other}")
    return found


def _flat(table: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """``explore.sort = "s"`` without quotes means the same as with them."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
