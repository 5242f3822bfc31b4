"""The settings that differ between two images."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.model import Image
from explorer.text.printable import printable

_KEYWORDS = {
    "Entrypoint": "ENTRYPOINT",
    "Cmd": "CMD",
    "Shell": "SHELL",
    "User": "USER",
    "WorkingDir": "WORKDIR",
    "Env": "ENV",
    "ExposedPorts": "EXPOSE",
    "Volumes": "VOLUME",
    "Healthcheck": "HEALTHCHECK",
    "StopSignal": "STOPSIGNAL",
    "OnBuild": "ONBUILD",
    "Labels": "LABEL",
    "Annotations": "annotation",
}
"""Keys of an image's configuration and the instructions that set them, the most important first."""
_BUILDER_RECORDS = ("container", "container_config", "docker_version", "Hostname", "id", "Image", "moby", "parent")
"""Keys, or their beginnings, in which builders note how they made the image; no container sees them."""


class ConfigChange(NamedTuple):
    """A setting that differs between two images.

    All texts are printable, and secrets are masked.
    """

    key: str
    """A key of the configuration, or of a value in it: ``Entrypoint``, ``Env.PATH``, ``platform``."""
    old: str | None
    """The value in the old image; None if it has none. Lists are JSON."""
    new: str | None
    """The value in the new image; None if it has none. If it equals ``old``, the masked secrets differ."""

    @property
    def name(self) -> str:
        """The setting as a Dockerfile names it: ``ENV PATH``."""
        key, _, name = self.key.partition(".")
        return f"{_KEYWORDS[key]} {name}".rstrip() if key in _KEYWORDS else self.key


def config_changes(old: Image, new: Image) -> Sequence[ConfigChange]:
    """Returns the settings that differ, those that containers start with first."""
    before, after = _values(old), _values(new)
    keys = sorted({*before, *after}, key=_order)
    return [
        ConfigChange(key, _shown(before.get(key)), _shown(after.get(key)))
        for key in keys
        if _differ(before.get(key), after.get(key))
    ]


class _Value(NamedTuple):
    """A value with its secrets masked, and the original value."""

    shown: str
    original: str


def _shown(value: _Value | None) -> str | None:
    return None if value is None else printable(value.shown)


def _differ(before: _Value | None, after: _Value | None) -> bool:
    if before is None or after is None or before.shown != after.shown:
        return before is not after
    # An image that was saved has the mask alone, which equals that of any secret.
    are_masked = before.original != before.shown and after.original != after.shown
    return are_masked and before.original != after.original


def _values(image: Image) -> dict[str, _Value]:
    """Returns the settings by their keys, which are printable."""
    # Both have the same settings in the same order. Only equality is asked of the original.
    pairs = zip(_settings(image), _settings(image.original or image), strict=True)
    return {printable(key): _Value(shown, original) for (key, shown), (_, original) in pairs if original}


def _settings(image: Image) -> Iterator[tuple[str, str]]:
    """Yields keys and values; a value that is not set is empty."""
    config = image.config
    yield "platform", image.platform
    for key, words in (("Entrypoint", config.entrypoint), ("Cmd", config.cmd)):
        yield key, json.dumps(words, ensure_ascii=False) if words else ""
    yield "User", config.user
    yield "WorkingDir", config.working_dir
    for variable in config.env:
        name, _, value = variable.partition("=")
        yield f"Env.{name}", value or '""'
    for key, names in (("ExposedPorts", config.ports), ("Volumes", config.volumes)):
        yield from ((f"{key}.{name}", name) for name in names)
    yield "Healthcheck", config.healthcheck
    yield "StopSignal", config.stop_signal
    for key, pairs in (("Labels", config.labels), ("Annotations", image.annotations)):
        yield from ((f"{key}.{name}", value or '""') for name, value in pairs)
    yield "author", image.author
    yield from ((key, value) for key, value in config.others if not is_builder_record(key))


def is_builder_record(key: str) -> bool:
    """True for a key in which a builder notes how it made the image."""
    return key.partition(".")[0] in _BUILDER_RECORDS


def _order(key: str) -> tuple[int, str]:
    group = key.partition(".")[0]
    keys = ("platform", *_KEYWORDS)
    return keys.index(group) if group in keys else len(keys), key
