"""Duplicates by the places that hold them, such as two copies of one package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from explorer.analysis.duplicates.duplicates import Copy, Duplicate


class Place(NamedTuple):
    """A directory, or a single file whose copies have other names."""

    path: str
    """Without leading slash; the root is empty."""
    layers: Sequence[int]
    """Numbers of the layers that ship its copies, ascending."""


@dataclass(frozen=True, eq=False)
class DuplicatePlaces:
    """Places with the same files at the same paths below them; others may differ."""

    places: Sequence[Place]
    """At least two, by path."""
    duplicates: Sequence[Duplicate]
    """The contents that each of the places has, those that save most first."""

    @cached_property
    def saved_bytes(self) -> int:
        """The bytes that are saved if all copies but one are links."""
        return sum([each.saved_bytes for each in self.duplicates])

    def saved_base_bytes(self, base_layers: int) -> int:
        """Returns the part of the saved bytes that only another base image saves."""
        return sum([each.saved_base_bytes(base_layers) for each in self.duplicates])


def duplicate_places(found: Iterable[Duplicate]) -> list[DuplicatePlaces]:
    """Returns the duplicates by their places, those that save most first."""
    by_paths: dict[tuple[str, ...], list[tuple[Duplicate, list[str]]]] = {}
    for each in found:
        paths = _places(each.copies)
        by_paths.setdefault(tuple(sorted(paths)), []).append((each, paths))
    groups = []
    for key, members in by_paths.items():
        layers: dict[str, set[int]] = {path: set() for path in key}
        for duplicate, paths in members:
            for path, copy in zip(paths, duplicate.copies, strict=True):
                layers[path].add(copy.layer)
        places = [Place(path, sorted(layers[path])) for path in key]
        groups.append(DuplicatePlaces(places, [duplicate for duplicate, _ in members]))
    return sorted(groups, key=lambda group: (-group.saved_bytes, group.places))


def _places(copies: Sequence[Copy]) -> list[str]:
    """Returns the paths of copies without the names that they end in alike."""
    names = [copy.path.split("/") for copy in copies]
    backwards = zip(*map(reversed, names), strict=False)
    alike = sum(1 for _ in takewhile(lambda each: len(set(each)) == 1, backwards))
    return ["/".join(each[: len(each) - alike]) for each in names]
