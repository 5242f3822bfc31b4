"""The layers and files of an image that reports name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explorer.layers.tree import Tree
from explorer.model import Image


class ReportedFile(NamedTuple):
    """A version of a file that a report names, or the database of a package."""

    path: str
    """Empty if the report names no file of the image."""
    layer: int | None
    """None if unknown."""
    hidden_in: int | None
    """The layer that hides it; None if a container sees it."""
    bytes: int


class ReportedPlaces:
    """Finds the layers and files that reports name."""

    def __init__(self, image: Image, tree: Tree) -> None:
        self._tree = tree
        self._layers: dict[str, int] = {}
        for layer in reversed(image.layers):
            self._layers.update({name: layer.number for name in (layer.diff_id, layer.digest) if name})

    def layer(self, name: str) -> int | None:
        """Returns the number of the layer with a digest or diff ID; None if there is none."""
        return self._layers.get(name)

    def first_file(self, paths: Sequence[str], layer_name: str) -> ReportedFile | None:
        """Returns the first of some paths that is a file.

        The version is that of the layer, if it is named. A path may go on inside an archive.
        """
        for path in paths:
            path = path.strip("/")
            while path:
                found = self._file(path, self.layer(layer_name))
                if found is not None:
                    return found
                path = path.rpartition("/")[0]
        return None

    def _file(self, path: str, layer: int | None) -> ReportedFile | None:
        node = self._tree.find(path)
        if node is None:
            return None
        versions = [each for each in node.history if each.entry is not None and each.entry.kind.has_content]
        version = next((each for each in versions if each.layer == layer), None) or next(reversed(versions), None)
        if version is None or version.entry is None:
            return None
        later = node.version_after(version.layer)
        return ReportedFile(path, version.layer, later.layer if later else None, version.entry.size)
