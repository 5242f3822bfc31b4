"""The layers that can be shown before the whole image is read."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.pipeline import Exploration
from explorer.text.units import counted
from explorer.viewmodel.view import View

NOT_YET_READ = "Not before the image is read."
"""The reason of actions that wait for the first layers."""

PACKAGES_NOT_READ = "The package databases are not read yet. Wait for them."
"""The reason of what waits for the packages."""
_PACKAGES_NOT_FETCHED = "The package databases are in the registry. Show the packages to fetch them."


def reason_against_owners(exploration: Exploration | None) -> str:
    """Returns why the owners of files are not known; empty if they are."""
    packages = exploration.known_packages if exploration is not None else None
    if packages is None:
        return PACKAGES_NOT_READ
    return _PACKAGES_NOT_FETCHED if packages.needs_fetch else ""


@dataclass(frozen=True, slots=True)
class LayersRead:
    """The number of lower layers that are read and merged, and of all layers."""

    count: int
    total: int

    def __str__(self) -> str:
        return f"{self.count:,} of {counted(self.total, 'layer')}"

    @property
    def is_complete(self) -> bool:
        """True if no layer is missing."""
        return self.count == self.total

    @property
    def numbers(self) -> str:
        """The numbers of the layers that are read, as in ``Layers 0 to 3 of 10``."""
        numbers = f"Layers 0 to {self.count - 1:,}" if self.count > 1 else "Layer 0"
        return f"{numbers} of {self.total:,}"

    @property
    def reason(self) -> str:
        """The reason why something has to wait for the whole image."""
        return f"Not before the image is read: {self} ready." if self.count else NOT_YET_READ

    def reason_against(self, layer: int) -> str:
        """Returns why a layer cannot be shown yet; empty if it can."""
        return "" if self.is_complete or layer < self.count else f"Layer {layer} is not ready yet: {self} so far."

    def reason_against_view(self, view: View) -> str:
        """Returns why the files of a view cannot be shown yet; empty if they can."""
        layers = (view.layer,) if view.base is None else (view.layer, view.base)
        return next(filter(None, map(self.reason_against, layers)), "")
