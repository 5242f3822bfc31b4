"""Two images and the differences between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.model import Watcher
from explorer.pipeline.exploration import Exploration, computed_once

if TYPE_CHECKING:
    from explorer.analysis.image_diff.file_changes import FileChange
    from explorer.analysis.image_diff.identical import Identical


@dataclass(frozen=True, repr=False)  # As an exploration.
class ImageDiff:
    """Two images and their differences, for reports, screen and gate.

    The cached properties compute what they need on first use.
    """

    old: Exploration
    new: Exploration

    @computed_once
    def file_changes(self) -> Sequence[FileChange]:
        """The visible paths that differ, in the byte order of their names."""
        from explorer.analysis.image_diff.file_changes import file_changes

        return file_changes(self.old.tree, self.new.tree)

    @computed_once
    def identical(self) -> Identical:
        """The answer if two builds gave the same image, with a sentence and advice."""
        from explorer.analysis.image_diff.identical import identical

        return identical(self.old, self.new)


def compare(old: Exploration, new: Exploration, watcher: Watcher) -> ImageDiff:
    """Reads the contents that may differ, and returns the differences of two images.

    Raises ImageError if a layer cannot be read, and Cancelled from the watcher.
    """
    watcher.wait_for_cores()
    return ImageDiff(old, new)
