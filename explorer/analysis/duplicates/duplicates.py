"""Visible files of the same content at different paths, which could be links.

They are no waste: a container sees each of them. The names of one inode are one file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.visible_files import visible_files
from explorer.analysis.windows_hives import HIVE_DELTAS
from explorer.layers.tree import Tree
from explorer.model import Entry

VisibleFile = tuple[int, Entry]
"""The layer and the entry of a file."""


class Copy(NamedTuple):
    """One of several files with the same content."""

    layer: int
    path: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The files of one content."""

    bytes: int
    """The size of each file."""
    copies: Sequence[Copy]
    """At least two, by layer and path."""

    @property
    def saved_bytes(self) -> int:
        """The bytes that are saved if all copies but one are links."""
        return self.bytes * (len(self.copies) - 1)

    def saved_base_bytes(self, base_layers: int) -> int:
        """Returns the part that only another base image saves.

        Copies above the base can link to one in it.
        """
        in_base = sum(copy.layer < base_layers for copy in self.copies)
        return self.bytes * max(in_base - 1, 0)


def files_of_equal_size(tree: Tree, min_bytes: int) -> dict[int, list[VisibleFile]]:
    """Returns the visible files of each size that several of them have.

    Args:
        tree: The merged tree.
        min_bytes: Smaller files and empty ones are left out.
    """
    least = max(min_bytes, 1)
    by_size: defaultdict[int, list[VisibleFile]] = defaultdict(list)
    for file in visible_files(tree):
        # Windows puts a hive together from all its versions, so none of them can be a link.
        if file[1].size >= least and file[1].path not in HIVE_DELTAS:
            by_size[file[1].size].append(file)
    return {size: files for size, files in by_size.items() if len(files) > 1}


def have_digests(tree: Tree, files: Sequence[VisibleFile]) -> bool:
    """True if tables of contents state the digests of all of these files."""
    return all(entry.inode in tree.layers[layer].digests for layer, entry in files)


def duplicates(tree: Tree, by_size: dict[int, list[VisibleFile]]) -> tuple[list[Duplicate], int]:
    """Returns the files of the same content, and the number of unknown contents.

    Args:
        tree: The merged tree. Its layers have the fingerprints.
        by_size: The files to compare.
    """
    found: list[Duplicate] = []
    unknown = 0
    for size, files in by_size.items():
        by_digest = have_digests(tree, files)
        by_content: dict[bytes, list[Copy]] = {}
        for layer, entry in files:
            index = tree.layers[layer]
            content = (index.digests if by_digest else index.fingerprints).get(entry.inode)
            if content is None:
                unknown += 1
            else:
                by_content.setdefault(content, []).append(Copy(layer, entry.path))
        found += [Duplicate(size, sorted(copies)) for copies in by_content.values() if len(copies) > 1]
    found.sort(key=lambda each: (-each.saved_bytes, each.copies))
    return found, unknown
