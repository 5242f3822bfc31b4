"""Disposable files by their kind, with the largest places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os.path import commonpath

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.kinds import KINDS
from explorer.analysis.main_directory import main_directory


@dataclass(frozen=True, eq=False)
class DisposableGroup:
    """The disposable files of one kind."""

    kind: str
    """The key in ``KINDS``."""
    own: Sequence[Disposable]
    """The files that the image itself ships."""
    of_base: Sequence[Disposable]
    """The files that the base image ships."""

    @property
    def name(self) -> str:
        """The kind in words."""
        return KINDS[self.kind].name

    @property
    def certainty(self) -> str:
        """``certain`` or ``likely``."""
        return KINDS[self.kind].certainty.value

    @property
    def files(self) -> int:
        """Number of all files."""
        return len(self.own) + len(self.of_base)

    @cached_property
    def own_bytes(self) -> int:
        """Bytes that the image itself ships."""
        return sum([each.bytes for each in self.own])

    @cached_property
    def base_bytes(self) -> int:
        """Bytes that the base image ships."""
        return sum([each.bytes for each in self.of_base])

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return self.own_bytes + self.base_bytes

    @cached_property
    def directory(self) -> str:
        """The deepest directory that holds all files; empty for the root."""
        return commonpath([each.path.rpartition("/")[0] for each in (*self.own, *self.of_base)])

    @cached_property
    def place(self) -> str:
        """The deepest directory that holds most of the bytes; empty for the root."""
        return main_directory((each.path, each.bytes) for each in (*self.own, *self.of_base))


def disposable_groups(own: Iterable[Disposable], of_base: Iterable[Disposable] = ()) -> list[DisposableGroup]:
    """Returns the kinds of disposable files, those of the image itself first.

    Args:
        own: The files that the image itself ships.
        of_base: The files that the base image ships.
    """
    by_kind: defaultdict[str, tuple[list[Disposable], list[Disposable]]] = defaultdict(lambda: ([], []))
    for place, files in enumerate((own, of_base)):
        for each in files:
            by_kind[each.kind][place].append(each)
    groups = [DisposableGroup(kind, *files) for kind, files in by_kind.items()]
    return sorted(groups, key=lambda group: (-group.own_bytes, -group.base_bytes, group.kind))
