"""The image configuration document: container settings, history and layers.

The document is not trusted: a value of an unexpected type becomes a problem that is shown, and the rest is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from explorer.model import HistoryStep, Image, ImageConfig, Layer
from explorer.text.printable import printable
from explorer.text.units import counted

_MAX_STEPS = 10_000
_KNOWN_KEYS = frozenset(
    (
        "architecture",
        "author",
        "config",
        "container_config",
        "created",
        "history",
        "os",
        "os.version",
        "rootfs",
        "variant",
    )
)
_KNOWN_SETTINGS = frozenset(
    ("Cmd", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "Labels", "StopSignal", "User", "Volumes", "WorkingDir")
)
_NO_VERSION = re.compile(r"[^\w.-]", re.ASCII)
"""Characters that a version of an OS never has; a slash would end the name of the OS."""


def image_from_config(document: Mapping[str, Any], image_id: str, reference: str, stored: Sequence[Layer]) -> Image:
    """Returns the image of a configuration; what does not fit becomes a problem.

    ``stored`` are the layers of the manifest, which get their diff_ids and steps from the configuration.
    """
    reader = _Reader()
    config = reader.mapping(document.get("config"), "config")
    diff_ids = reader.diff_ids(document)
    if len(diff_ids) != len(stored):
        reader.problems.append(f"the configuration names {len(diff_ids)} layers, the manifest {len(stored)}")
    history, steps = match_history(reader.steps(document.get("history")), len(stored), reader.problems)
    layers = tuple(
        replace(layer, diff_id=diff_id, step=steps.get(layer.number))
        for layer, diff_id in zip(stored, padded(diff_ids, len(stored)), strict=True)
    )
    return Image(
        reference=reference,
        id=image_id,
        layers=layers,
        platform=platform_of(document),
        created=reader.text(document.get("created"), "created") or None,
        author=reader.text(document.get("author"), "author"),
        config=replace(reader.config(config), others=other_settings(document, config)),
        history=history,
        problems=tuple(reader.problems),
    )


def other_settings(document: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Returns key and texts of each setting that has no field of its own."""
    container = document.get("container_config")
    # Docker's old builder repeats the settings there.
    repeated = container if isinstance(container, dict) else {}
    groups = (
        ("", {key: value for key, value in document.items() if key not in _KNOWN_KEYS}),
        ("", {key: value for key, value in config.items() if key not in _KNOWN_SETTINGS}),
        ("container_config.", {key: value for key, value in repeated.items() if value != config.get(key)}),
    )
    found = (
        (f"{prefix}{key}", "\n".join(_texts_in(value))) for prefix, group in groups for key, value in group.items()
    )
    return tuple((key, text) for key, text in found if text)


def _texts_in(value: object) -> Iterator[str]:
    """Yields the texts of a value of JSON; those of an object with their names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str):
                yield f"{name}={item}"
            else:
                yield name
                yield from _texts_in(item)


def match_history(
    steps: Sequence[tuple[HistoryStep, bool]], layers: int, problems: list[str]
) -> tuple[tuple[HistoryStep, ...], dict[int, HistoryStep]]:
    """Returns the history and each layer's step; adds a problem if it does not fit.

    ``steps`` has True for a step that is marked as having made no layer. Every other step gets the next layer.
    """
    history: list[HistoryStep] = []
    step_of_layer: dict[int, HistoryStep] = {}
    surplus = 0
    for step, is_empty in steps:
        if not is_empty and len(step_of_layer) < layers:
            step = replace(step, layer=len(step_of_layer))
            step_of_layer[len(step_of_layer)] = step
        elif not is_empty:
            surplus += 1
        history.append(step)
    if surplus:
        problems.append(f"the history has {counted(surplus, 'more step')} with a layer than there are layers")
    elif history and len(step_of_layer) < layers:
        problems.append(f"the history has {counted(len(step_of_layer), 'step')} with a layer, but there are {layers}")
    elif not history and layers:
        problems.append("the configuration has no history: the commands of the layers are not known")
    return tuple(history), step_of_layer


def platform_of(document: Mapping[str, Any]) -> str:
    """Returns OS/ARCH[/VARIANT] of a configuration or a descriptor, or nothing."""
    values = [document.get(key) for key in ("os", "architecture", "variant")]
    parts = [part for part in values if isinstance(part, str) and part]
    return printable("/".join(parts)) if len(parts) > 1 else ""


def diff_ids_in(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the diff_ids that a configuration names, bottom first."""
    return _Reader().diff_ids(document)


def full_platform_of(document: Mapping[str, Any]) -> str:
    """Returns the platform with the OS version: ``windows(10.0.20348.1)/amd64``."""
    platform, version = platform_of(document), document.get("os.version")
    if not platform or not isinstance(version, str) or not version:
        return platform
    system, _, rest = platform.partition("/")
    return f"{system}({_NO_VERSION.sub('_', version)})/{rest}"


def padded(diff_ids: Sequence[str], count: int) -> Sequence[str]:
    """Returns the diff_ids of ``count`` layers; missing ones are empty."""
    return [*diff_ids, *[""] * count][:count]


@dataclass(slots=True)
class _Reader:
    """Takes values of the expected type, and notes the others as problems."""

    problems: list[str] = field(default_factory=list)

    def _ignore(self, what: str, expected: str) -> None:
        self.problems.append(f"“{what}” of the image configuration is not {expected}; it was ignored")

    def text(self, value: object, what: str) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        self._ignore(what, "a string")
        return ""

    def mapping(self, value: object, what: str) -> dict[str, Any]:
        if value is None or isinstance(value, dict):
            return value or {}
        self._ignore(what, "an object")
        return {}

    def strings(self, value: object, what: str) -> tuple[str, ...]:
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._ignore(what, "a list of strings")
            return ()
        return tuple(value)

    def diff_ids(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        rootfs = self.mapping(document.get("rootfs"), "rootfs")
        return self.strings(rootfs.get("diff_ids"), "rootfs.diff_ids")

    def config(self, config: dict[str, Any]) -> ImageConfig:
        labels = self.mapping(config.get("Labels"), "Labels")
        health = self.mapping(config.get("Healthcheck"), "Healthcheck")
        return ImageConfig(
            env=self.strings(config.get("Env"), "Env"),
            entrypoint=self.strings(config.get("Entrypoint"), "Entrypoint"),
            cmd=self.strings(config.get("Cmd"), "Cmd"),
            user=self.text(config.get("User"), "User"),
            working_dir=self.text(config.get("WorkingDir"), "WorkingDir"),
            ports=tuple(self.mapping(config.get("ExposedPorts"), "ExposedPorts")),
            volumes=tuple(self.mapping(config.get("Volumes"), "Volumes")),
            labels=tuple((key, value if isinstance(value, str) else repr(value)) for key, value in labels.items()),
            stop_signal=self.text(config.get("StopSignal"), "StopSignal"),
            healthcheck=" ".join(self.strings(health.get("Test"), "Healthcheck.Test")),
        )

    def steps(self, value: object) -> list[tuple[HistoryStep, bool]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self._ignore("history", "a list")
            return []
        if len(value) > _MAX_STEPS:
            self.problems.append(f"the history has {len(value):,} steps; only the first {_MAX_STEPS:,} are shown")
        return [self._step(self.mapping(item, "history")) for item in value[:_MAX_STEPS]]

    def _step(self, item: dict[str, Any]) -> tuple[HistoryStep, bool]:
        step = HistoryStep(
            created_by=self.text(item.get("created_by"), "created_by"),
            created=self.text(item.get("created"), "created") or None,
            comment=self.text(item.get("comment"), "comment"),
            author=self.text(item.get("author"), "author"),
        )
        return step, item.get("empty_layer") is True
