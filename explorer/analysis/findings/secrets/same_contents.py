"""Contents that several paths ship, also in several layers.

Each is searched once, by the rules of all its paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from explorer.analysis.findings.secrets.engine import ignored_detectors
from explorer.analysis.findings.secrets.scannable import is_scannable
from explorer.layers.tree import Tree
from explorer.model import Entry, Layer

Content = tuple[int, int]
"""The layer and the inode of a file."""


class Search(NamedTuple):
    """A content that is searched."""

    entry: Entry
    """The file to read; its path selects rules."""
    other_paths: tuple[str, ...] = ()
    """Other paths that ship it and that select more rules."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that select rules."""
        return (self.entry.path, *self.other_paths)


@dataclass(slots=True)
class DistinctContents:
    """The contents of a layer that may hold secrets, by inode."""

    searches: dict[int, Search] = field(default_factory=dict)
    """The contents to search in this layer; none in a layer of the base."""
    copies: dict[int, Content] = field(default_factory=dict)
    """The contents that another layer or inode ships, too, and that are searched there."""


def distinct_contents(tree: Tree, layers: Sequence[Layer], base_layers: int) -> Sequence[DistinctContents]:
    """Returns the contents of each layer that may hold secrets.

    A content of the base is the image's, too, if a layer above it ships it at another path. Only fingerprints that are
    known are compared: those of compressed layers, and of paths that several layers ship. A table of contents proves no
    copy, because nothing proves the table.
    """
    return _Contents(tree, layers, base_layers).by_layer


class _Contents:
    """Compares the contents of all layers."""

    def __init__(self, tree: Tree, layers: Sequence[Layer], base_layers: int) -> None:
        self._tree = tree
        self.by_layer = [DistinctContents() for _ in layers]
        self._by_fingerprint: dict[bytes, Content] = {}
        self._base_paths: dict[Content, set[str]] = {}
        self._own_paths: dict[Content, set[str]] = {}
        """The paths of contents that have several."""
        self._ignored: dict[Content, Set[int]] = {}
        """The rules that none of these paths selects."""
        layer_ids = [id(layer.contents) for layer in layers]
        own_ids = layer_ids[base_layers:]
        for number, layer_id in enumerate(own_ids, base_layers):
            self._add_own(number, base_layers + own_ids.index(layer_id))
        for number, layer_id in enumerate(layer_ids[:base_layers]):
            self._add_base(number, base_layers + own_ids.index(layer_id) if layer_id in own_ids else None)
        self._drop_those_of_the_base()

    def _add_own(self, number: int, first_layer: int) -> None:
        """Adds a layer above the base; ``first_layer`` has the same bytes."""
        here, fingerprints = self.by_layer[number], self._tree.layers[first_layer].fingerprints
        for entry in _candidates(self._tree, number):
            inode = entry.inode
            content, known = (first_layer, inode), fingerprints.get(inode)
            if known:
                content = self._by_fingerprint.setdefault(known, content)
            if content == (number, inode) and inode not in here.searches:
                here.searches[inode] = Search(entry)
                continue
            if content != (number, inode):
                here.copies[inode] = content
            self._add_path(content, entry.path)

    def _add_path(self, content: Content, path: str) -> None:
        """Adds a path of a content that has one already."""
        search = self._search(content)
        paths = self._own_paths.setdefault(content, {search.entry.path})
        if path not in paths:
            paths.add(path)
            if content not in self._ignored:
                self._ignored[content] = ignored_detectors(search.entry.path)
            ignored = self._ignored[content] & ignored_detectors(path)
            if ignored != self._ignored[content]:
                self._ignored[content] = ignored
                layer, inode = content
                self.by_layer[layer].searches[inode] = search._replace(other_paths=(*search.other_paths, path))

    def _search(self, content: Content) -> Search:
        layer, inode = content
        return self.by_layer[layer].searches[inode]

    def _add_base(self, number: int, same_layer: int | None) -> None:
        """Adds a layer of the base; ``same_layer`` is an own one with its bytes."""
        fingerprints = self._tree.layers[number].fingerprints
        for entry in _candidates(self._tree, number):
            known = fingerprints.get(entry.inode)
            content = self._by_fingerprint.get(known) if known else None
            if content is None and same_layer is not None:
                content = (same_layer, entry.inode)
            if content is not None:
                self.by_layer[number].copies[entry.inode] = content
                self._base_paths.setdefault(content, set()).add(entry.path)

    def _drop_those_of_the_base(self) -> None:
        for content, paths in self._base_paths.items():
            if (self._own_paths.get(content) or {self._search(content).entry.path}) <= paths:
                layer, inode = content
                del self.by_layer[layer].searches[inode]


def _candidates(tree: Tree, layer: int) -> Iterator[Entry]:
    """Returns the files of a layer that may hold secrets, also those without a name."""
    index = tree.layers[layer]
    return filter(is_scannable, chain(index.entries, index.superseded))
