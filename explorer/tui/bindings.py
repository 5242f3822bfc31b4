"""The bindings of all screens and panes by ID, for configuration files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import walk_packages
from string import punctuation
from unicodedata import name as unicode_name

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character
from textual.screen import ModalScreen, Screen
from textual.theme import BUILTIN_THEMES

import explorer.tui
from explorer.config.settings import DefaultBinding, SettingsSchema
from explorer.tui import theme

_MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}
_RESERVED = ("ctrl+q", "ctrl+c", "ctrl+p", "tab", "shift+tab")
_SCREEN_MODULES = {
    "explorer.tui.viewer.pager": "explorer.tui.viewer.viewer",
    "explorer.tui.images": "explorer.tui.images.screen",
    "explorer.tui.compare": "explorer.tui.compare.screen",
}
"""Module or package of a widget to the module of its screen, if that is neither its own nor the main screen's."""
_NAMES = {key.value for key in Keys} - {Keys.Any.value, Keys.Ignore.value} | {*KEY_NAME_REPLACEMENTS.values()}
_UNICODE = {character: unicode_name(character).lower().replace("-", "_").replace(" ", "_") for character in punctuation}
_NAMES_OF_CHARACTERS = {character: KEY_NAME_REPLACEMENTS.get(called, called) for character, called in _UNICODE.items()}
"""Character to Textual's name of its key, for the keys that are neither letters nor digits."""
_CHARACTERS = {name: character for character, name in _NAMES_OF_CHARACTERS.items() if character != ","}
"""Textual's name of a key to its character. A configuration file has commas between keys."""


def settings_schema() -> SettingsSchema:
    """Returns the themes, keys and binding IDs that a configuration file may name."""
    themes = sorted({*BUILTIN_THEMES, *(each.name for each in theme.THEMES)})
    return SettingsSchema(_bindings(), themes, _RESERVED, key_name, written_key)


def key_name(written: str) -> str | None:
    """Returns Textual's name of a key; None if the key does not exist."""
    before, plus, base = written.rpartition("+")
    if plus and not base:
        # The key itself is "+".
        before, plus, base = before[:-1], plus if before else "", "+"
    if len(base) == 1:
        base = _NAMES_OF_CHARACTERS.get(base, base)
    is_key = base in _NAMES or (base.isprintable() and key_to_character(base) is not None)
    return f"{before}{plus}{base}" if is_key and (not plus or _MODIFIERS.issuperset(before.split("+"))) else None


def written_key(name: str) -> str:
    """Returns a key as users press it, for ``key_name``; a comma keeps its name."""
    before, plus, base = name.rpartition("+")
    return f"{before}{plus}{_CHARACTERS.get(base, base)}"


def keymap(keys: Mapping[str, tuple[str, ...]], bindings: Mapping[str, DefaultBinding]) -> dict[str, str]:
    """Returns the keymap for Textual that gives some IDs other keys.

    If one of several bindings with the same key gets another key, Textual takes the old key away from all of them.
    Therefore the keymap also lists those that keep their keys.
    """
    changed = {name: ",".join(new) for name, new in keys.items() if new != bindings[name].keys}
    waiting = list(changed)
    while waiting:
        own = set(bindings[waiting.pop()].keys)
        for other, bound in bindings.items():
            if other not in changed and own & set(bound.keys):
                changed[other] = ",".join(bound.keys)
                waiting.append(other)
    return changed


def _bindings() -> dict[str, DefaultBinding]:
    for module in walk_packages(explorer.tui.__path__, "explorer.tui."):
        import_module(module.name)
    keys: defaultdict[str, dict[str, None]] = defaultdict(dict)
    tooltips: dict[str, str] = {}
    places: defaultdict[str, set[str]] = defaultdict(set)
    classes = sorted(_classes(), key=lambda kind: kind.__name__)
    for kind in classes:
        for binding in _reachable(kind, classes):
            name = binding.id or ""
            places[name].add(kind.__name__)
            tooltips.setdefault(name, binding.tooltip or binding.description)
            keys[name].setdefault(binding.key)
    return {name: DefaultBinding(tuple(keys[name]), tooltips[name], frozenset(places[name])) for name in sorted(keys)}


def _classes(kind: type[DOMNode] = DOMNode) -> Iterator[type[DOMNode]]:
    """Yields the screens and widgets of this package."""
    for each in kind.__subclasses__():
        if each.__module__.startswith("explorer.tui."):
            yield each
        yield from _classes(each)


def _reachable(kind: type[DOMNode], classes: list[type[DOMNode]]) -> Iterator[Binding]:
    """Yields the bindings that work in a widget: its own, its screen's, the app's."""
    package = kind.__module__.rpartition(".")[0]
    screen_module = _SCREEN_MODULES.get(kind.__module__) or _SCREEN_MODULES.get(package, kind.__module__)
    containers: list[type[DOMNode]] = [
        each for each in classes if issubclass(each, Screen) and each.__module__ == screen_module
    ]
    if not containers and not issubclass(kind, App):
        containers = [each for each in classes if each.__name__ == "MainScreen"]
    if not any(issubclass(each, ModalScreen) for each in containers):
        containers += [each for each in classes if issubclass(each, App)]
    for each in dict.fromkeys([kind, *containers]):
        by_key: dict[str, list[Binding]] = {}
        for base in reversed(each.__mro__):
            own: defaultdict[str, list[Binding]] = defaultdict(list)
            for binding in Binding.make_bindings(vars(base).get("BINDINGS", ())):
                own[binding.key].append(binding)
            by_key |= own
        yield from (binding for bindings in by_key.values() for binding in bindings if binding.id)
