"""The duplicates of an image, with what could not be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.analysis.duplicates.duplicate_places import DuplicatePlaces, duplicate_places
from explorer.analysis.duplicates.duplicates import duplicates, files_of_equal_size
from explorer.analysis.duplicates.read_contents import read_contents
from explorer.layers.tree import Tree
from explorer.model import Layer, Watcher


@dataclass(frozen=True, slots=True)
class ImageDuplicates:
    """The visible files of the same content, by their places."""

    groups: Sequence[DuplicatePlaces]
    """The group that saves most is first."""
    unknown: int
    """The number of files that may have copies, but whose content is unknown."""
    problems: Sequence[str]
    """Reasons why files are not compared; printable."""


def known_duplicates(tree: Tree, min_bytes: int) -> ImageDuplicates:
    """Returns the duplicates among the contents that are known without reading."""
    found, unknown = duplicates(tree, files_of_equal_size(tree, min_bytes))
    return ImageDuplicates(duplicate_places(found), unknown, ())


def read_duplicates(tree: Tree, layers: Sequence[Layer], min_bytes: int, watcher: Watcher) -> ImageDuplicates:
    """Reads the files that may be copies, and returns the duplicates.

    Args:
        tree: The merged tree. It gets the fingerprints, and so does the cache.
        layers: The layers, to read files from.
        min_bytes: Smaller files are left out.
        watcher: Receives the progress.

    Raises Cancelled from the watcher.
    """
    by_size = files_of_equal_size(tree, min_bytes)
    problems = read_contents(tree, layers, by_size, watcher)
    found, unknown = duplicates(tree, by_size)
    return ImageDuplicates(duplicate_places(found), unknown, problems)
