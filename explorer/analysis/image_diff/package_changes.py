"""The packages that differ between two images."""

from __future__ import annotations

import enum
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cmp_to_key
from typing import NamedTuple

from explorer.analysis.packages.image_packages import ImagePackages
from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_usage import PackageUsage
from explorer.analysis.packages.version_order import is_newer

_Key = tuple[str, str]
"""Kind and full name."""
_Pair = tuple[PackageUsage | None, PackageUsage | None]
_LIKENESSES: Sequence[Callable[[Package], Hashable]] = (
    lambda package: (package.version, package.architecture, package.place),
    lambda package: (package.version, package.architecture),
    lambda package: (package.architecture, package.place),
    lambda package: package.version,
    lambda package: package.architecture,
    lambda _: None,
)
"""Likenesses of two packages of a name, the strongest first.

Several versions of a name, or one of each architecture, may be installed side by side.
"""


class PackageChangeKind(enum.Enum):
    """The change of a package between two images; the values are those of the JSON."""

    ADDED = "added"
    REMOVED = "removed"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    CHANGED = "changed"
    """Another architecture, or another version whose order is unknown."""
    RESIZED = "resized"
    """The same version, with files of another size."""


class PackageChange(NamedTuple):
    """A package that differs between two images; all texts are printable."""

    kind: str
    """The type in package URLs: one of PACKAGE_KINDS."""
    name: str
    """The full name."""
    change: PackageChangeKind
    old: Package | None
    """The package in the old image; None if only the new one has it."""
    new: Package | None
    """The package in the new image; None if only the old one has it."""
    old_bytes: int
    """The bytes of its visible files in the old image."""
    new_bytes: int
    """The bytes of its visible files in the new image."""

    @property
    def growth(self) -> int:
        """The bytes that it has more; negative if it has fewer."""
        return self.new_bytes - self.old_bytes

    @property
    def versions(self) -> str:
        """The versions: ``3.0.1 → 3.0.2``; one alone if the other image has none."""
        return _arrow(*(package.version if package else "" for package in (self.old, self.new)))

    @property
    def architectures(self) -> str:
        """The architectures as ``versions``."""
        return _arrow(*(package.architecture if package else "" for package in (self.old, self.new)))


class PackageChanges(NamedTuple):
    """The packages that differ, and the unowned files.

    They add up to the growth of the visible bytes.
    """

    changes: Sequence[PackageChange]
    """The largest change of bytes first, then by kind and name."""
    old_unowned_bytes: int
    """The bytes of the visible files that no package owns, in the old image."""
    new_unowned_bytes: int
    """The same in the new image."""
    old_packages: int
    """The number of packages that containers of the old image have."""
    new_packages: int
    """The same for the new image."""
    old_problems: Sequence[tuple[int, str]] = ()
    """Layer of the old image, and reason why packages may be missing; printable."""
    new_problems: Sequence[tuple[int, str]] = ()
    """The same for the new image."""


def package_changes(old: ImagePackages, new: ImagePackages) -> PackageChanges:
    """Returns the packages that differ between the containers of two images."""
    old_groups, new_groups = _by_name(old), _by_name(new)
    pairs = (pair for key in {*old_groups, *new_groups} for pair in _pairs(old_groups[key], new_groups[key]))
    changes = [change for pair in pairs if (change := _change(*pair)) is not None]
    changes.sort(key=lambda each: (-abs(each.growth), each.kind, each.name, each.versions, each.architectures))
    return PackageChanges(
        changes,
        old.unowned.bytes,
        new.unowned.bytes,
        sum(map(len, old_groups.values())),
        sum(map(len, new_groups.values())),
        old.problems,
        new.problems,
    )


def _by_name(packages: ImagePackages) -> defaultdict[_Key, list[PackageUsage]]:
    """Returns the packages that a container has, by kind and full name."""
    groups: defaultdict[_Key, list[PackageUsage]] = defaultdict(list)
    for usage in packages.usages:
        if usage.package.removed_in is None:
            groups[usage.package.kind, usage.package.full_name].append(usage)
    return groups


def _pairs(old: Sequence[PackageUsage], new: Sequence[PackageUsage]) -> Iterator[_Pair]:
    """Yields the packages of a name, each with the most similar one."""
    for likeness in _LIKENESSES:
        waiting: defaultdict[Hashable, deque[PackageUsage]] = defaultdict(deque)
        for usage in old:
            waiting[likeness(usage.package)].append(usage)
        unpaired: list[PackageUsage] = []
        for usage in new:
            similar = waiting.get(likeness(usage.package))
            if similar:
                yield similar.popleft(), usage
            else:
                unpaired.append(usage)
        left = {id(usage) for usages in waiting.values() for usage in usages}
        old, new = [usage for usage in old if id(usage) in left], unpaired
        if not old or not new:
            break
        if likeness is _LIKENESSES[0] and (len(old) > 1 or len(new) > 1):
            # Not before, because the order of versions takes long to load, and most packages are in both images.
            old, new = _newest_first(old), _newest_first(new)
    yield from ((usage, None) for usage in old)
    yield from ((None, usage) for usage in new)


def _newest_first(usages: Sequence[PackageUsage]) -> Sequence[PackageUsage]:
    def order(one: PackageUsage, other: PackageUsage) -> int:
        if one.package.version == other.package.version:
            return 0
        newer = is_newer(one.package.kind, one.package.version, other.package.version)
        return 0 if newer is None else -1 if newer else 1

    return sorted(usages, key=cmp_to_key(order))


def _change(old: PackageUsage | None, new: PackageUsage | None) -> PackageChange | None:
    """Returns the change from one package to another; None if there is none."""
    either = new or old
    assert either is not None  # noqa: S101 - for the type checker
    before, after = (usage.package if usage is not None else None for usage in (old, new))
    old_bytes, new_bytes = (usage.bytes if usage is not None else 0 for usage in (old, new))
    kind = _kind(before, after)
    if kind is None and old_bytes == new_bytes:
        return None
    package = either.package
    return PackageChange(
        package.kind, package.full_name, kind or PackageChangeKind.RESIZED, before, after, old_bytes, new_bytes
    )


def _kind(old: Package | None, new: Package | None) -> PackageChangeKind | None:
    """Returns how packages differ; None if only their bytes may."""
    if old is None:
        return PackageChangeKind.ADDED
    if new is None:
        return PackageChangeKind.REMOVED
    if old.version == new.version:
        return None if old.architecture == new.architecture else PackageChangeKind.CHANGED
    newer = is_newer(new.kind, new.version, old.version)
    if newer is None:
        return PackageChangeKind.CHANGED
    return PackageChangeKind.UPGRADED if newer else PackageChangeKind.DOWNGRADED


def _arrow(old: str, new: str) -> str:
    return f"{old} → {new}" if old and new and old != new else new or old
