"""Groups of wasted and disposable files, and how a group splits into smaller ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from explorer.analysis.advice.advice import Reason
from explorer.analysis.fixes.fix import Fix
from explorer.model import Cause
from explorer.viewmodel.waste_files import WasteFiles

if TYPE_CHECKING:
    from explorer.analysis.packages.package import Package

GroupKey = tuple[object, ...]
"""Identifies a group, even if a filter leaves out some of its files."""
_Bucket = TypeVar("_Bucket")


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Files with something in common. A field that they do not share is None."""

    key: GroupKey
    members: Sequence[int]
    """Their indexes, largest first."""
    bytes: int
    cause: Cause | None = None
    shipped_in: int | None = None
    hidden_in: int | None = None
    reason: Reason | None = None
    """The reason why they are all wasted; they have one remedy."""
    directory: str | None = None
    """The directory that holds them all; not printable."""
    name: str = ""
    """The directory, relative to the one above; not printable."""
    fix: Fix | None = None
    """The fix that saves them all."""
    disposable_bytes: int = 0
    """Bytes of those that are not wasted, but disposable."""
    is_part: bool = False
    """True for the wasted or the disposable files of a fix that saves both."""
    packages: Sequence[Package] | None = None
    """The packages that own the files, or none; None in other groupings."""
    smaller: Sequence[Group | int] = ()
    """The groups and files that share this row because they are small; empty for other groups."""

    @property
    def files(self) -> int:
        """Number of files."""
        return len(self.members)

    @property
    def wasted_bytes(self) -> int:
        """Bytes of those that are wasted."""
        return self.bytes - self.disposable_bytes


def by_fix(files: WasteFiles, shown: Set[int] | None) -> Iterator[Group]:
    """Yields a group for each fix, with all of its files or with the shown ones only."""
    for fix, members in zip(files.fixes, files.members_by_fix, strict=True):
        if shown is None:
            yield Group((fix.id,), members, fix.bytes, fix=fix, disposable_bytes=fix.disposable_bytes)
        elif remaining := [index for index in members if index in shown]:
            yield _of_fix(files, (fix.id,), remaining, fix)


def by_part(files: WasteFiles, group: Group) -> Iterator[Group]:
    """Yields the disposable and the wasted files of a fix."""
    for is_wasted, members in buckets(group.members, files.is_wasted).items():
        yield _of_fix(files, (*group.key, is_wasted), members, group.fix, is_part=True)


def by_cause(files: WasteFiles, group: Group) -> Iterator[Group]:
    """Yields a group for each cause."""
    wasted = files.wasted
    for cause, members in buckets(group.members, lambda index: wasted[index].cause).items():
        yield Group((cause,), members, files.total(members), cause)


def by_reason(files: WasteFiles, group: Group) -> Iterator[Group | int]:
    """Yields a group for each reason; a file that is alone needs no group."""
    for reason, members in buckets(group.members, files.reasons.__getitem__).items():
        if len(members) == 1:
            yield members[0]
        else:
            directory = files.directory_of(members)
            yield Group(reason, members, files.total(members), *reason[:3], reason, directory)


def by_layers(files: WasteFiles, group: Group) -> Iterator[Group]:
    """Yields a group for each pair of layers that ship and hide."""
    wasted = files.wasted
    for layers, members in buckets(group.members, lambda index: wasted[index].layers).items():
        yield Group(layers, members, files.total(members), None, *layers)


def by_directory(files: WasteFiles, group: Group) -> Iterator[Group | int]:
    """Yields the directories and files; directories holding only one another are one."""
    paths = files.paths
    start = len(group.directory) + 1 if group.directory else 0
    scope: GroupKey = () if group.fix is None else group.key if group.directory is None else group.key[:-1]

    def subdirectory(index: int) -> str | None:
        slash = paths[index].find("/", start)
        return None if slash < 0 else paths[index][start:slash]

    for name, members in buckets(group.members, subdirectory).items():
        if name is None or len(members) == 1:
            yield from members
        else:
            directory = files.directory_of(members) or name
            total = files.total(members)
            yield Group(
                (*scope, directory),
                members,
                total,
                directory=directory,
                name=directory[start:],
                fix=group.fix,
                # Directories hold files of one part.
                disposable_bytes=total if group.disposable_bytes else 0,
            )


def _of_fix(
    files: WasteFiles, key: GroupKey, members: Sequence[int], fix: Fix | None, *, is_part: bool = False
) -> Group:
    disposable = files.total(index for index in members if not files.is_wasted(index))
    return Group(key, members, files.total(members), fix=fix, disposable_bytes=disposable, is_part=is_part)


def buckets(indexes: Iterable[int], bucket_of: Callable[[int], _Bucket]) -> Mapping[_Bucket, list[int]]:
    """Returns the indexes by bucket; both keep their order."""
    buckets: defaultdict[_Bucket, list[int]] = defaultdict(list)
    for index in indexes:
        buckets[bucket_of(index)].append(index)
    return buckets
