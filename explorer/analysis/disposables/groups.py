"""Disposable files by their kind, with the largest places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.kinds import KINDS
from explorer.analysis.main_directory import main_directory


class DisposableGroup(NamedTuple):
    """The disposable files of one kind."""

    kind: str
    """The key in ``KINDS``."""
    bytes: int
    files: int
    place: str
    """The deepest directory that holds most of the bytes; empty for the root."""

    @property
    def name(self) -> str:
        """The kind in words."""
        return KINDS[self.kind].name


def disposable_groups(disposables: Iterable[Disposable]) -> list[DisposableGroup]:
    """Returns the kinds of disposable files, largest first."""
    by_kind: defaultdict[str, list[Disposable]] = defaultdict(list)
    for each in disposables:
        by_kind[each.kind].append(each)
    groups = [
        DisposableGroup(
            kind,
            sum([each.bytes for each in files]),
            len(files),
            main_directory((each.path, each.bytes) for each in files),
        )
        for kind, files in by_kind.items()
    ]
    return sorted(groups, key=lambda group: (-group.bytes, group.kind))
