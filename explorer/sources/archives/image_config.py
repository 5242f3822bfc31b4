"""The image configuration document: what a container is started with, the history, and which step made which layer.

The document is a stranger's: whatever in it has an unexpected shape becomes a problem that is shown, and the rest is
used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from explorer.model import HistoryStep, Image, ImageConfig, Layer, LayerContents
from explorer.text.printable import printable
from explorer.text.units import counted

_MAX_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class StoredLayer:
    """A layer as a manifest lists it."""

    contents: LayerContents
    digest: str | None = None
    media_type: str = ""
    download_bytes: int | None = None


def image_from_config(
    document: Mapping[str, Any], image_id: str, reference: str, stored: Sequence[StoredLayer]
) -> Image:
    """The image of a configuration and its layers, bottom first. History and diff_ids that do not fit are problems."""
    reader = _Reader()
    config = reader.mapping(document.get("config") or document.get("Config"), "config")
    rootfs = reader.mapping(document.get("rootfs"), "rootfs")
    diff_ids = reader.strings(rootfs.get("diff_ids"), "rootfs.diff_ids")
    if len(diff_ids) != len(stored):
        reader.problems.append(f"the configuration names {len(diff_ids)} layers, the manifest {len(stored)}")
    history, steps = match_history(reader.steps(document.get("history")), len(stored), reader.problems)
    layers = tuple(
        Layer(
            number=number,
            contents=layer.contents,
            diff_id=diff_ids[number] if number < len(diff_ids) else "",
            digest=layer.digest,
            media_type=layer.media_type,
            download_bytes=layer.download_bytes,
            step=steps.get(number),
        )
        for number, layer in enumerate(stored)
    )
    return Image(
        reference=reference,
        id=image_id,
        layers=layers,
        platform=platform_of(document),
        created=reader.text(document.get("created"), "created") or None,
        author=reader.text(document.get("author"), "author"),
        config=reader.config(config),
        history=history,
        problems=tuple(reader.problems),
    )


def match_history(
    steps: Sequence[tuple[HistoryStep, bool]], layers: int, problems: list[str]
) -> tuple[tuple[HistoryStep, ...], dict[int, HistoryStep]]:
    """Give each step that is not marked as empty the next layer; the history, and the step of each layer.

    ``steps`` are pairs of a step and whether it is marked as having made no layer.
    """
    history: list[HistoryStep] = []
    of_layer: dict[int, HistoryStep] = {}
    surplus = 0
    for step, empty in steps:
        if not empty and len(of_layer) < layers:
            step = replace(step, layer=len(of_layer))
            of_layer[len(of_layer)] = step
        elif not empty:
            surplus += 1
        history.append(step)
    if surplus:
        problems.append(f"the history tells of {counted(surplus, 'more step')} with a layer than there are layers")
    elif history and len(of_layer) < layers:
        problems.append(f"the history tells of {counted(len(of_layer), 'layer')}, but there are {layers}")
    elif not history and layers:
        problems.append("the configuration has no history: what made the layers is not known")
    return tuple(history), of_layer


def platform_of(document: Mapping[str, Any]) -> str:
    """OS/ARCH[/VARIANT] of a configuration or of a descriptor's ``platform``; empty when it names none."""
    parts = [document.get(key) or document.get(key.capitalize()) for key in ("os", "architecture", "variant")]
    known = [part for part in parts if isinstance(part, str) and part]
    return printable("/".join(known)) if len(known) > 1 else ""


@dataclass(slots=True)
class _Reader:
    """Takes values of the expected type out of a document, and notes what is not of it."""

    problems: list[str] = field(default_factory=list)

    def _odd(self, what: str, expected: str) -> None:
        self.problems.append(f"“{what}” of the image configuration is not {expected}; it was left out")

    def text(self, value: object, what: str) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        self._odd(what, "a string")
        return ""

    def mapping(self, value: object, what: str) -> dict[str, Any]:
        if value is None or isinstance(value, dict):
            return value or {}
        self._odd(what, "an object")
        return {}

    def strings(self, value: object, what: str) -> tuple[str, ...]:
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._odd(what, "a list of strings")
            return ()
        return tuple(value)

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
            self._odd("history", "a list")
            return []
        if len(value) > _MAX_STEPS:
            self.problems.append(f"the history has {len(value):,} steps; only the first {_MAX_STEPS:,} are shown")
        steps = []
        for item in value[:_MAX_STEPS]:
            step = self.mapping(item, "history")
            steps.append(
                (
                    HistoryStep(
                        created_by=self.text(step.get("created_by"), "created_by"),
                        created=self.text(step.get("created"), "created") or None,
                        comment=self.text(step.get("comment"), "comment"),
                        author=self.text(step.get("author"), "author"),
                    ),
                    step.get("empty_layer") is True,
                )
            )
        return steps
