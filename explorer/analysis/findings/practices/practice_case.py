"""The parts of an image that practices look at, and the evidence that they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.base.base import Base
from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.findings.finding import FindingKind, Place, Severity, StepPlace
from explorer.analysis.findings.practices.own_files import OwnFiles, own_files
from explorer.analysis.findings.practices.own_steps import OwnStep, own_steps
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.analysis.packages.package import Package
from explorer.analysis.waste import ByteUsage
from explorer.layers.tree import Tree
from explorer.model import Image


@dataclass(frozen=True)
class PracticeCase:
    """An image, and what is known of it."""

    image: Image
    tree: Tree
    usage: ByteUsage
    base: Base | None
    base_layers: int
    """The number of lowest layers that are the base's, maybe by a guess. A verdict has 0 in place of a guess, so that
    it counts the practices of all layers, as it does secrets and vulnerabilities."""
    build_steps: Sequence[BuildStep]
    """The build step of each layer."""
    disposables: Sequence[Disposable]
    packages: ImagePackages

    @property
    def own_layers(self) -> range:
        """The numbers of the layers above the base."""
        return range(self.base_layers, len(self.image.layers))

    @property
    def is_only_base(self) -> bool:
        """True if nothing is known to be above the base."""
        return not self.own_layers and not self.own_steps

    @property
    def is_complete(self) -> bool:
        """True if all layers are read: nothing is missing in the tree."""
        return not any(index.is_unread for index in self.tree.layers) and not any(
            layer.is_missing for layer in self.image.layers
        )

    @cached_property
    def own_steps(self) -> Sequence[OwnStep]:
        """The steps of the history above the base."""
        return own_steps(self.image.history, self.base_layers)

    @cached_property
    def own_files(self) -> OwnFiles:
        """The visible files that layers above the base ship."""
        return own_files(self.tree, self.base_layers)

    def last_step(self, keyword: str) -> OwnStep | None:
        """Returns the last step above the base with a keyword, if any."""
        return next((step for step in reversed(self.own_steps) if step.keyword == keyword), None)

    def is_visible(self, path: str) -> bool:
        """True if a container sees a path."""
        node = self.tree.find(path)
        return node is not None and node.history[-1].entry is not None


class Evidence(NamedTuple):
    """A place where an image does not keep a practice."""

    place: Place
    why: str
    """The evidence in a sentence or two; printable."""
    layer: int | None = None
    bytes: int = 0
    hidden_in: int | None = None
    severity: Severity | None = None
    """None for the severity of the practice."""
    do: str = ""
    """The remedy, if it differs from that of the practice."""
    package: Package | None = None
    other_ids: tuple[str, ...] = ()
    """Names in other tools, besides those of the practice."""


Finder = Callable[[PracticeCase], Iterable[Evidence]]
"""Yields the places where an image does not keep a practice."""


def in_each_step(why: Callable[[OwnStep], str]) -> Finder:
    """Returns a finder that looks at each step; ``why`` returns no text if it is good."""

    def find(case: PracticeCase) -> Iterator[Evidence]:
        for step in case.own_steps:
            text = why(step)
            if text:
                yield Evidence(StepPlace(step.number), text, step.layer)

    return find


class Practice(NamedTuple):
    """A practice of Dockerfiles."""

    id: str
    severity: Severity
    title: str
    """The finding in a few words."""
    do: str
    """The remedy, in a sentence or two."""
    find: Finder
    other_ids: tuple[str, ...] = ()
    """Names that other tools give to it."""
    is_for_windows: bool = True
    """False if it does not hold for images of Windows."""
    kind: FindingKind = FindingKind.PRACTICE
    """A practice that finds secrets counts as one."""
