"""The directories that hold most bytes, as deep as each of them says most.

They do not overlap: a directory gives way to its subdirectories if these hold most of it, and not too many of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from explorer.analysis.directories import Directories
from explorer.analysis.sizes import DirectorySizes

_MIN_SHARE = 0.02
"""A smaller directory says little about the whole."""
_MIN_COVERED = 0.6
"""The share of a directory that its subdirectories must hold to take its place."""


class SizedDirectory(NamedTuple):
    """A directory and the bytes below it."""

    path: str
    bytes: int


def largest_directories(sizes: Mapping[str, int], max_rows: int) -> list[SizedDirectory]:
    """Returns directories that do not overlap, the largest first.

    Args:
        sizes: Path to the bytes below it for all directories; the root is the empty path.
        max_rows: The most directories to return.
    """
    min_bytes = max(sizes.get("", 0) * _MIN_SHARE, 1)
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for path, count in sizes.items():
        if path and count >= min_bytes:
            inside[path.rpartition("/")[0]].append(path)
    settled: list[str] = []
    waiting = [""] if sizes.get("") else []
    while waiting:
        path = max(waiting, key=lambda each: (sizes[each], each))
        waiting.remove(path)
        below = inside[path]
        covered = sum(sizes[each] for each in below)
        fits = len(settled) + len(waiting) + len(below) <= max_rows
        if below and fits and covered >= sizes[path] * _MIN_COVERED:
            waiting += below
        else:
            settled.append(path)
    return sorted((SizedDirectory(path, sizes[path]) for path in settled), key=lambda each: (-each.bytes, each.path))


def visible_sizes(directories: Directories, sizes: DirectorySizes) -> dict[str, int]:
    """Returns the visible bytes below each directory of an image."""
    top = directories.tree.top
    return {node.path: count for node in directories.all if (count := sizes.at(node, top))}


def sizes_of_files(files: Iterable[tuple[str, int]]) -> Counter[str]:
    """Returns the bytes below each directory that holds some of the files."""
    sizes: Counter[str] = Counter()
    for path, count in files:
        sizes[path.rpartition("/")[0]] += count
    levels: defaultdict[int, set[str]] = defaultdict(set)
    for path in sizes:
        levels[_level(path)].add(path)
    # From the deepest level up, so that each directory is added to the one above it only once.
    for level in range(max(levels, default=0), 0, -1):
        for path in levels.pop(level, ()):
            above = path.rpartition("/")[0]
            sizes[above] += sizes[path]
            levels[level - 1].add(above)
    return sizes


def _level(path: str) -> int:
    return path.count("/") + 1 if path else 0
