"""A finding: something in an image that its makers want to know of."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from explorer.analysis.packages.package import Package

CREDENTIAL_FILE = "credential-file"
"""The practice that knows a private key or a login only by its name."""


class FindingKind(enum.Enum):
    """The source of a finding; JSON has its value."""

    SECRET = "secret"  # noqa: S105 -- no password
    PRACTICE = "practice"
    VULNERABILITY = "vulnerability"


class Severity(enum.Enum):
    """The severity of a finding, the most severe first; JSON has its value."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """The position from the most severe one, which is 0."""
        return _SEVERITIES.index(self)


_SEVERITIES = tuple(Severity)


@dataclass(frozen=True, slots=True)
class PathPlace:
    """A version of a path."""

    path: str
    """Relative to the root, as in the tree; not printable."""
    line: int | None = None
    """The line in the file, counted from 1; None if it is about the whole file."""


@dataclass(frozen=True, slots=True)
class StepPlace:
    """A step of the history."""

    step: int
    """The index in ``Image.history``, counted from 0."""
    key: str = field(default="", compare=False)
    """The key of the setting that it makes, as that of ConfigPlace, if the finding is about one. Not printable."""
    name: str = field(default="", compare=False)
    """The instruction for people: ``ENV API_TOKEN``. Printable; see ``step_names``."""


@dataclass(frozen=True, slots=True)
class ConfigPlace:
    """A key of the image's settings."""

    key: str
    """The name in the configuration of an image, with the name of the item if it has items: ``User``, ``Env.TOKEN``,
    ``Labels.maintainer``. Not printable."""


Place = PathPlace | StepPlace | ConfigPlace


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in an image that its makers want to know of. All texts are printable."""

    id: str
    """The name of the rule: ``aws-access-key``, ``root-user``, ``CVE-2024-3094``."""
    kind: FindingKind
    severity: Severity
    title: str
    """A few words: ``The container runs as root``."""
    place: Place
    layer: int | None
    """The layer that ships it; None if it is in the settings, or in a step without a layer."""
    why: str
    """The evidence in this image, in a sentence or two. It holds no text of a secret."""
    do: str
    """The remedy, in a sentence or two."""
    hidden_in: int | None = None
    """The layer that hides its path; None if a container sees it. It can be downloaded all the same."""
    bytes: int = 0
    """The bytes that it is about: of the file, or shipped without need."""
    is_base: bool = False
    """True if the base brings it, so that this image is not to blame."""
    package: Package | None = None
    """The package that it is in, if any."""
    other_ids: tuple[str, ...] = ()
    """Names that other tools give to the same rule: ``CIS-DI-0001``, ``DL3002``."""
    other_places: tuple[Place, ...] = ()
    """More places of the same thing, such as those of the same secret."""
    has_severity: bool = True
    """False if no report states a severity: it is shown as information, but may be severe."""
