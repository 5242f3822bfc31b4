"""The parts of an image that practices look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.base.base import Base
from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.findings.finding import Finding
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.analysis.waste import ByteUsage
from explorer.layers.tree import Tree
from explorer.model import Image, Waste


@dataclass(frozen=True, slots=True)
class PracticeCase:
    """An image, and what is known of it."""

    image: Image
    tree: Tree
    usage: ByteUsage
    base: Base | None
    base_layers: int
    """The number of lowest layers that are the base's, maybe by a guess."""
    build_steps: Sequence[BuildStep]
    """The build step of each layer."""
    disposables: Sequence[Disposable]
    origins: Sequence[Waste]
    """The wasted files from the layers that first brought them."""
    packages: ImagePackages

    @property
    def own_layers(self) -> range:
        """The numbers of the layers above the base."""
        return range(self.base_layers, len(self.image.layers))


Practice = Callable[[PracticeCase], Sequence[Finding]]
"""Returns the findings of one practice: none if the image keeps it."""
