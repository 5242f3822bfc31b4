"""The base image of an image, with the evidence for it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.waste import ByteUsage


class Evidence(enum.Enum):
    """The sort of evidence for a base; JSON has its value."""

    OPTION = "option"
    """The user says it, or the settings of the project."""
    KNOWN_IMAGE = "known-image"
    """The lowest layers are those of an image that is known."""
    ANNOTATION = "annotation"
    """The manifest or a label names it."""
    HISTORY = "history"
    """The builder names it in the history."""
    PROVENANCE = "provenance"
    """The attestation of the build names it."""
    BUILDPACKS = "buildpacks"
    """The lifecycle of Cloud Native Buildpacks names it."""
    GUESS = "guess"


@dataclass(frozen=True, slots=True)
class Base:
    """The base image: the lowest layers of an image, or only the name of it."""

    layers: int | None
    """The number of lowest layers that are the base; None if only the name is known."""
    name: str
    """The name of the base image; empty if unknown. Not printable."""
    digest: str
    """The digest of its manifest; empty if unknown. Not printable."""
    evidence: Evidence
    exact: bool
    """True if it is proven where the base ends."""
    reason: str
    """The evidence in words; printable."""

    @property
    def certain_layers(self) -> int | None:
        """The number of lowest layers that are certainly the base; None if unknown."""
        return self.layers if self.exact else None

    @property
    def is_only_claimed(self) -> bool:
        """True if nothing but the image itself, or its attestation, tells where it ends."""
        return not self.exact or self.evidence not in (Evidence.OPTION, Evidence.KNOWN_IMAGE)


class Share(NamedTuple):
    """The bytes of the base, or of the layers above it."""

    layers: int
    shipped_bytes: int
    wasted_bytes: int


class Shares(NamedTuple):
    """The bytes of the base and of the layers above it: together, of the image."""

    base: Share
    own: Share
    hidden_base_bytes: int
    """The part of the own wasted bytes that the base ships and layers above it hide."""


def shares(usage: ByteUsage, base_layers: int) -> Shares:
    """Returns the bytes of the lowest layers and of the others.

    Waste inside the base is the base's. Files of the base that a layer above it hides are the waste of the image's own
    steps.
    """
    shipped = usage.shipped_by_layer
    of_base = [waste for waste in usage.wasted if waste.shipped_in < base_layers]
    inside = sum([waste.bytes for waste in of_base if waste.hidden_in < base_layers])
    return Shares(
        Share(base_layers, sum(shipped[:base_layers]), inside),
        Share(len(shipped) - base_layers, sum(shipped[base_layers:]), usage.wasted_bytes - inside),
        sum([waste.bytes for waste in of_base]) - inside,
    )
