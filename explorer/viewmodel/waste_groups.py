"""The wasted files in groups: by cause and reason, by layers, or by directory.

A wasted file is an index here: its place in the byte usage, which is sorted by size. A group knows the indexes of its
files; the groups and files below it are computed when it is first opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from explorer.analysis.advice.advice import Advice, Reason, advise, reasons
from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.filter.waste_filter import WasteFilter
from explorer.analysis.waste import ByteUsage
from explorer.model import Cause, Waste
from explorer.viewmodel.waste_view import Grouping, WasteOrder, WasteView

GroupKey = tuple[object, ...]
"""Identifies a group, even if a filter leaves out some of its files."""
_Bucket = TypeVar("_Bucket")

_MAX_FILES_ALL_OPEN = 12
"""Wasted files up to which all groups are open at first."""
_MAX_MATCHES_ALL_OPEN = 500
"""Matches of a query up to which all groups are open at first."""


@dataclass(frozen=True, eq=False)
class WasteFiles:
    """The wasted files of an image, largest first, with facts computed on first use."""

    usage: ByteUsage
    build_steps: Sequence[BuildStep] = ()
    """The build step that made each layer."""

    @property
    def wasted(self) -> Sequence[Waste]:
        """The wasted files."""
        return self.usage.wasted

    @cached_property
    def reasons(self) -> Sequence[Reason]:
        """The reason why each of them is wasted."""
        return reasons(self.wasted)

    @cached_property
    def paths(self) -> Sequence[str]:
        """The path of each of them."""
        return [waste.path for waste in self.wasted]

    @cached_property
    def bytes(self) -> Sequence[int]:
        """The bytes of each of them."""
        return [waste.bytes for waste in self.wasted]

    @cached_property
    def matcher(self) -> WasteFilter:
        """The filter that finds those that pass a query."""
        return WasteFilter(self.wasted)

    def directory_of(self, indexes: Sequence[int]) -> str:
        """Returns the lowest directory that holds all these files; empty for the root."""
        paths = list(map(self.paths.__getitem__, indexes))
        # A path between two others, in their order, begins as these two do.
        low, high = min(paths).split("/")[:-1], max(paths).split("/")[:-1]
        differing = (place for place, (one, other) in enumerate(zip(low, high, strict=False)) if one != other)
        return "/".join(low[: next(differing, min(len(low), len(high)))])


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Wasted files with something in common. A field that they do not share is None."""

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

    @property
    def files(self) -> int:
        """Number of files."""
        return len(self.members)


@dataclass(frozen=True, eq=False)
class WasteTree:
    """The wasted files that a view shows, in their groups."""

    files: WasteFiles
    view: WasteView = WasteView()  # noqa: RUF009 - it is frozen
    _children: dict[GroupKey, Sequence[Group | int]] = field(default_factory=dict)
    _advice: dict[GroupKey, Sequence[Advice]] = field(default_factory=dict)

    @cached_property
    def top(self) -> Group:
        """The group of everything that the view shows; it has no row."""
        layer, wasted = self.view.layer, self.files.wasted
        indexes = self.files.matcher.indexes(self.view.query)
        if layer is not None:
            indexes = [index for index in indexes if layer in wasted[index].layers]
        return Group((), indexes, self._total(indexes), directory="")

    @cached_property
    def largest(self) -> int:
        """Bytes of the largest row."""
        return max(map(self._bytes, self.children(self.top)), default=0)

    def children(self, group: Group) -> Sequence[Group | int]:
        """Returns the groups right below a group, and the indexes of its other files."""
        children = self._children.get(group.key)
        if children is None:
            children = self._children[group.key] = self._sort(self._split(group))
        return children

    def advice(self, item: Group | Waste) -> Sequence[Advice]:
        """Returns the pieces of advice about a group or a file, largest saving first."""
        if isinstance(item, Waste):
            return advise([item], self.files.build_steps)
        advice = self._advice.get(item.key)
        if advice is None:
            wasted, reasons_ = self.files.wasted, self.files.reasons
            advice = self._advice[item.key] = advise(
                [wasted[index] for index in item.members],
                self.files.build_steps,
                [reasons_[index] for index in item.members],
            )
        return advice

    def groups(self) -> Iterator[Group]:
        """Yields all groups, each before those below it."""
        waiting = [self.top]
        while waiting:
            for item in self.children(waiting.pop()):
                if isinstance(item, Group):
                    yield item
                    if not self.is_flat(item):
                        waiting.append(item)

    def groups_around(self, index: int) -> Iterator[Group]:
        """Yields the groups that hold a file, the outermost first."""
        group: Group | None = self.top
        while group is not None:
            children = self.children(group)
            group = next((item for item in children if isinstance(item, Group) and index in item.members), None)
            if group is not None:
                yield group

    def initially_open(self) -> set[GroupKey]:
        """Returns all groups if they hold few files or matches, otherwise the causes."""
        if len(self.top.members) <= (_MAX_MATCHES_ALL_OPEN if self.view.query else _MAX_FILES_ALL_OPEN):
            return {group.key for group in self.groups()}
        if self.view.grouping is not Grouping.CAUSE:
            return set()
        return {item.key for item in self.children(self.top) if isinstance(item, Group)}

    def is_flat(self, group: Group) -> bool:
        """True if groups of this kind hold only files."""
        return group.reason is not None or self.view.grouping is Grouping.LAYERS

    # Groups

    def _split(self, group: Group) -> Iterable[Group | int]:
        grouping = self.view.grouping
        if grouping is Grouping.DIRECTORY:
            return self._by_directory(group)
        if grouping is Grouping.LAYERS and group is self.top:
            return self._by_layers(group)
        if grouping is Grouping.CAUSE and group is self.top:
            return self._by_cause(group)
        if grouping is Grouping.CAUSE and group.reason is None:
            return self._by_reason(group)
        return group.members

    def _by_cause(self, group: Group) -> Iterator[Group]:
        wasted = self.files.wasted
        for cause, members in _buckets(group.members, lambda index: wasted[index].cause).items():
            yield Group((cause,), members, self._total(members), cause)

    def _by_reason(self, group: Group) -> Iterator[Group | int]:
        for reason, members in _buckets(group.members, self.files.reasons.__getitem__).items():
            # A file that is alone needs no group.
            if len(members) == 1:
                yield members[0]
            else:
                directory = self.files.directory_of(members)
                yield Group(reason, members, self._total(members), *reason[:3], reason, directory)

    def _by_layers(self, group: Group) -> Iterator[Group]:
        wasted = self.files.wasted
        for layers, members in _buckets(group.members, lambda index: wasted[index].layers).items():
            yield Group(layers, members, self._total(members), None, *layers)

    def _by_directory(self, group: Group) -> Iterator[Group | int]:
        """Yields the directories and files; directories holding only one another are one."""
        paths = self.files.paths
        start = len(group.directory) + 1 if group.directory else 0

        def subdirectory(index: int) -> str | None:
            slash = paths[index].find("/", start)
            return None if slash < 0 else paths[index][start:slash]

        for name, members in _buckets(group.members, subdirectory).items():
            if name is None or len(members) == 1:
                yield from members
            else:
                directory = self.files.directory_of(members) or name
                total = self._total(members)
                yield Group((directory,), members, total, directory=directory, name=directory[start:])

    def _total(self, indexes: Sequence[int]) -> int:
        return sum(map(self.files.bytes.__getitem__, indexes))

    # Order

    def _sort(self, items: Iterable[Group | int]) -> Sequence[Group | int]:
        if isinstance(items, range) and self.view.order is WasteOrder.SIZE:
            return items
        children = list(items)
        if self.view.order is WasteOrder.PATH:
            children.sort(key=self._path_order)
        else:
            children.sort(key=lambda item: (-self._bytes(item), item.members[0] if isinstance(item, Group) else item))
        return children

    def _path_order(self, item: Group | int) -> tuple[tuple[int, ...], str]:
        if isinstance(item, int):
            return (), self.files.paths[item]
        if item.cause is not None and item.reason is None:
            return (list(Cause).index(item.cause),), ""
        if item.reason is None and item.directory is not None:
            return (), item.directory
        return (item.shipped_in or 0, item.hidden_in or 0), item.reason.leftover if item.reason else ""

    def _bytes(self, item: Group | int) -> int:
        return item.bytes if isinstance(item, Group) else self.files.bytes[item]


def _buckets(indexes: Iterable[int], bucket_of: Callable[[int], _Bucket]) -> Mapping[_Bucket, list[int]]:
    """Returns the indexes by bucket; both keep their order."""
    buckets: defaultdict[_Bucket, list[int]] = defaultdict(list)
    for index in indexes:
        buckets[bucket_of(index)].append(index)
    return buckets
