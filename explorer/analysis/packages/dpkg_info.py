"""The files about a package in dpkg's own directory, such as its scripts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from explorer.layers.tree import Tree


class InfoFiles:
    """Finds the files beside a database that are about one package."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._by_directory: dict[str, dict[str, list[str]]] = {}

    def of_package(self, name: str, architecture: str, place: str) -> tuple[str, ...]:
        """Returns the paths of the files about a package.

        Args:
            name: The package's name.
            architecture: Its architecture, which some files have behind the name.
            place: The path of the file that states the package.
        """
        directory, _, file = place.rpartition("/")
        if file == "status":
            names = self._names(f"{directory}/info")
            return (*names.get(name, ()), *names.get(f"{name}:{architecture}", ()))
        return (place, *self._names(directory).get(file, ()))

    def _names(self, directory: str) -> dict[str, list[str]]:
        """Returns the paths in a directory, in any layer, by the name without its ending."""
        known = self._by_directory.get(directory)
        if known is None:
            node = self._tree.find(directory)
            known = self._by_directory[directory] = _by_stem(directory, (node.children or {}) if node else ())
        return known


def _by_stem(directory: str, names: Iterable[str]) -> dict[str, list[str]]:
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        stem, dot, _ = name.rpartition(".")
        if dot:
            paths[stem].append(f"{directory}/{name}")
    return dict(paths)
