"""The lines of the Dockerfile that a finding or a layer is from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.dockerfile.dockerfile import LineRange
from explorer.analysis.findings.finding import ConfigPlace, Finding, StepPlace
from explorer.pipeline import Exploration
from explorer.text.printable import printable

if TYPE_CHECKING:
    from explorer.analysis.dockerfile.map_steps import DockerfileMap
    from explorer.model import Image

_KEYWORDS: Mapping[str, str] = {
    "User": "USER",
    "Env": "ENV",
    "Labels": "LABEL",
    "Cmd": "CMD",
    "Entrypoint": "ENTRYPOINT",
    "WorkingDir": "WORKDIR",
    "Healthcheck": "HEALTHCHECK",
    "ExposedPorts": "EXPOSE",
    "Volumes": "VOLUME",
    "StopSignal": "STOPSIGNAL",
    "Shell": "SHELL",
    "OnBuild": "ONBUILD",
}
"""The instruction that sets a key of the configuration."""
_ITEMS = ("ENV", "LABEL")
"""Instructions whose items have names."""


class DockerfilePlace(NamedTuple):
    """Lines of a Dockerfile, counted from 1."""

    file: str
    """The path from the root of the repository, if it is below; not printable."""
    first_line: int
    last_line: int

    def __str__(self) -> str:
        """The place in words, printable: ``Dockerfile:12-14``."""
        return f"{printable(self.file)}:{LineRange(self.first_line, self.last_line)}"


PlaceOf = Callable[[Finding], DockerfilePlace | None]
"""Returns the lines that made a finding, if they are known."""


def finding_place(exploration: Exploration, finding: Finding) -> DockerfilePlace | None:
    """Returns the lines that made a finding; None if they are unknown.

    A setting that no step sets is at the FROM of the stage.
    """
    mapped = exploration.dockerfile_map
    if mapped is None:
        return None
    place = finding.place
    if isinstance(place, StepPlace):
        lines = mapped.lines_by_step.get(place.step)
    elif isinstance(place, ConfigPlace):
        lines = _setting_lines(mapped, exploration.image, place.key)
    else:
        lines = None if finding.layer is None else mapped.lines_of_layer(finding.layer)
    return _place(mapped, lines)


def layer_place(exploration: Exploration, layer: int) -> DockerfilePlace | None:
    """Returns the lines that made a layer; None if they are unknown."""
    mapped = exploration.dockerfile_map
    return None if mapped is None else _place(mapped, mapped.lines_of_layer(layer))


def misfit_words(exploration: Exploration) -> str:
    """Returns the reason why no line is known although there is a Dockerfile."""
    mapped = exploration.dockerfile_map
    if mapped is None or not mapped.problem:
        return ""
    name = printable(mapped.dockerfile.name)
    return f"{name} does not fit the image: {mapped.problem}" if name else mapped.problem


def _place(mapped: DockerfileMap, lines: LineRange | None) -> DockerfilePlace | None:
    return None if lines is None else DockerfilePlace(_repository_path(mapped.dockerfile.name), *lines)


def _setting_lines(mapped: DockerfileMap, image: Image, key: str) -> LineRange | None:
    from explorer.analysis.config_history import config_changes

    name, _, item = key.partition(".")
    keyword = _KEYWORDS.get(name)
    setting = keyword, item if keyword in _ITEMS else ""
    for step, settings in reversed([*enumerate(config_changes(image))]):
        if any((each.keyword, each.name) == setting for each in settings):
            return mapped.lines_by_step.get(step)
    return None if mapped.stage is None else mapped.stage.base_line.lines


def _repository_path(name: str) -> str:
    """Returns a path from the root of the repository, as annotations need it."""
    root = os.environ.get("GITHUB_WORKSPACE") or _git_root()
    path = os.path.normpath(Path.cwd() / name)
    return os.path.relpath(path, root) if Path(path).is_relative_to(root) else name


def _git_root() -> str:
    """Returns the directory of the repository, or else the current one."""
    here = Path.cwd()
    return str(next((each for each in (here, *here.parents) if (each / ".git").exists()), here))
