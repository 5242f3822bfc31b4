"""The texts of an image's history and settings that may hold secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from explorer.analysis.findings.finding import ConfigPlace, Place, StepPlace
from explorer.analysis.findings.secrets.without_secrets import without_secrets
from explorer.model import HistoryStep, Image
from explorer.text.dockerfile import Instruction, assignments, instruction
from explorer.text.printable import printable

_ASSIGNMENTS = ".env"
"""The name of a file with lines like ``NAME=value``: they are read as if they were in it."""
_SETTINGS = ("ENV", "ARG", "LABEL")
_FOR_CONTAINERS = ("ENV", "LABEL", "CMD", "ENTRYPOINT", "HEALTHCHECK")
_MAX_NAME_CHARS = 100
_MIN_SECRET_CHARS = 12
_KEYS = {
    "CMD": "Cmd",
    "ENTRYPOINT": "Entrypoint",
    "EXPOSE": "ExposedPorts",
    "HEALTHCHECK": "Healthcheck",
    "ONBUILD": "OnBuild",
    "SHELL": "Shell",
    "STOPSIGNAL": "StopSignal",
    "USER": "User",
    "VOLUME": "Volumes",
    "WORKDIR": "WorkingDir",
}
"""Instructions, and the keys of the settings that they make."""
_KEYS_WITH_NAMES = {"ENV": "Env", "LABEL": "Labels"}


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
    """Yields the texts of the history, then those of the settings, unmasked."""
    image = image.original or image
    config = image.config
    names = {"ENV": [each.partition("=")[0] for each in config.env], "LABEL": [name for name, _ in config.labels]}
    for number, step in enumerate(image.history):
        yield from _of_step(number, step, names)
    for variable in config.env:
        name, _, value = variable.partition("=")
        yield _assignment("Env", "variable", name, value)
    for name, value in config.labels:
        yield _assignment("Labels", "label", name, value)
    for name, value in (*image.annotations, *image.other_annotations):
        yield _assignment("Annotations", "annotation", name, value)
    yield SettingText(ConfigPlace("Entrypoint"), "The entrypoint", " ".join(config.entrypoint))
    yield SettingText(ConfigPlace("Cmd"), "The command", " ".join(config.cmd))
    yield SettingText(ConfigPlace("Healthcheck"), "The health check", config.healthcheck)
    yield SettingText(ConfigPlace("User"), "The user", config.user)
    yield SettingText(ConfigPlace("WorkingDir"), "The working directory", config.working_dir)
    yield SettingText(ConfigPlace("Volumes"), "A volume", "\n".join(config.volumes))
    yield SettingText(ConfigPlace("ExposedPorts"), "A port", "\n".join(config.ports))
    yield SettingText(ConfigPlace("StopSignal"), "The stop signal", config.stop_signal)
    yield SettingText(ConfigPlace("author"), "The author of the image", image.author)
    for key, value in config.others:
        yield SettingText(ConfigPlace(_masked(key)), f"The setting {_shown(key)}", value, _ASSIGNMENTS)


def _assignment(key: str, what: str, name: str, value: str) -> SettingText:
    place = ConfigPlace(f"{key}.{_masked(name)}")
    return SettingText(place, f"The {what} {_shown(name)}", f"{name}={value}", _ASSIGNMENTS)


def assigned_texts(parsed: Instruction, names: Collection[str] = ()) -> Iterator[tuple[str, str, str]]:
    """Yields each name that an instruction assigns, its text, and its form.

    The form is the name of a file that has lines like the text.
    """
    for name, value in assignments(parsed, names):
        yield name, f"{name}={value}", _ASSIGNMENTS


def _of_step(number: int, step: HistoryStep, names: Mapping[str, Sequence[str]]) -> Iterator[SettingText]:
    parsed = instruction(step.created_by)
    is_for_build = parsed.keyword not in _FOR_CONTAINERS
    for name, text, path in assigned_texts(parsed, names.get(parsed.keyword, ())):
        key = _KEYS_WITH_NAMES.get(parsed.keyword)
        place = StepPlace(number, f"{key}.{_masked(name)}" if key else "")
        subject = f"{parsed.keyword if parsed.keyword in _SETTINGS else 'The build argument'} {_shown(name)}"
        yield SettingText(place, subject, text, path, is_for_build)
    place = StepPlace(number, _KEYS.get(parsed.keyword, ""))
    yield SettingText(place, f"The {parsed.keyword or 'text of the step'}", step.created_by, "", is_for_build)
    yield SettingText(place, "The comment of the step", step.comment)
    yield SettingText(place, "The author of the step", step.author)


def _shown(name: str) -> str:
    return printable(_masked(name)[:_MAX_NAME_CHARS])


def _masked(name: str) -> str:
    """Returns a name without secrets: who mistakes name and value writes one there."""
    return without_secrets(name) if len(name) >= _MIN_SECRET_CHARS else name
