"""The texts of an image's history and settings that may hold secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from explorer.analysis.findings.finding import ConfigPlace, Place, StepPlace
from explorer.model import HistoryStep, Image
from explorer.text.dockerfile import assignments, instruction
from explorer.text.printable import printable

_ASSIGNMENTS = ".env"
"""The name of a file with lines like ``NAME=value``: they are read as if they were in it."""
_SETTINGS = ("ENV", "ARG", "LABEL")
_FOR_CONTAINERS = ("ENV", "LABEL", "CMD", "ENTRYPOINT", "HEALTHCHECK")
_MAX_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class SettingText:
    """A text that may hold secrets."""

    place: Place
    subject: str
    """The thing that has the text, to begin a sentence; printable."""
    text: str = field(repr=False)
    """It is in no ``repr``, because an error may show one."""
    path: str = ""
    """The name of a file that has texts of the same form."""
    is_for_build: bool = False
    """True if only the build needs the text, and no container."""


def setting_texts(image: Image) -> Iterator[SettingText]:
    """Yields the texts of the history, and then those of the settings."""
    config = image.config
    names = {"ENV": [each.partition("=")[0] for each in config.env], "LABEL": [name for name, _ in config.labels]}
    for number, step in enumerate(image.history):
        yield from _of_step(StepPlace(number), step, names)
    for variable in config.env:
        name = variable.partition("=")[0]
        yield SettingText(ConfigPlace(f"Env.{name}"), f"The variable {_shown(name)}", variable, _ASSIGNMENTS)
    for name, value in config.labels:
        yield SettingText(ConfigPlace(f"Labels.{name}"), f"The label {_shown(name)}", f"{name}={value}", _ASSIGNMENTS)
    for name, value in image.annotations:
        place = ConfigPlace(f"Annotations.{name}")
        yield SettingText(place, f"The annotation {_shown(name)}", f"{name}={value}", _ASSIGNMENTS)
    yield SettingText(ConfigPlace("Entrypoint"), "The entrypoint", " ".join(config.entrypoint))
    yield SettingText(ConfigPlace("Cmd"), "The command", " ".join(config.cmd))
    yield SettingText(ConfigPlace("Healthcheck"), "The health check", config.healthcheck)


def _of_step(place: StepPlace, step: HistoryStep, names: Mapping[str, Sequence[str]]) -> Iterator[SettingText]:
    parsed = instruction(step.created_by)
    is_for_build = parsed.keyword not in _FOR_CONTAINERS
    for name, value in assignments(parsed, names.get(parsed.keyword, ())):
        subject = f"{parsed.keyword if parsed.keyword in _SETTINGS else 'The build argument'} {_shown(name)}"
        yield SettingText(place, subject, f"{name}={value}", _ASSIGNMENTS, is_for_build)
    yield SettingText(place, f"The {parsed.keyword or 'text of the step'}", step.created_by, "", is_for_build)
    yield SettingText(place, "The comment of the step", step.comment)


def _shown(name: str) -> str:
    return printable(name[:_MAX_NAME_CHARS])
