"""The files that share a fix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from explorer.analysis.disposables.disposables import Disposable
from explorer.model import Waste


@dataclass(slots=True)
class FixMembers:
    """The files of one fix, while they are gathered."""

    wasted: list[Waste] = field(default_factory=list)
    origins: list[Waste] = field(default_factory=list)
    """The same files, with the layers that first brought them."""
    disposables: list[Disposable] = field(default_factory=list)
    by_layer: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Layer to the paths of the files that it brought first."""

    @property
    def bytes(self) -> int:
        """Wasted and disposable bytes."""
        return sum([each.bytes for each in self.wasted]) + sum([each.bytes for each in self.disposables])

    @property
    def first_path(self) -> str:
        """A path that the lowest layer brings."""
        return self.by_layer[min(self.by_layer)][0]

    def set_wasted(self, pairs: Sequence[tuple[Waste, Waste]]) -> None:
        """Sets the wasted files, each with its origin."""
        ordered = sorted(pairs, key=lambda pair: (-pair[0].bytes, pair[0].path, pair[0].shipped_in))
        self.wasted, self.origins = [waste for waste, _ in ordered], [first for _, first in ordered]

    def paths(self) -> dict[int, list[str]]:
        """Returns the paths of all files by the layer that brought them first."""
        return dict(sorted(self.by_layer.items()))
