"""The rows of the waste pane, as pure functions: the wasted files and what is to be shown in, flat rows out.

Wasted files are numbers here, their places in the byte usage, which is in order of size. A group knows its files; what
groups and files stand below it is worked out when somebody opens it.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.advice.advice import Advice, Reason, advise, reasons
from explorer.analysis.advice.build_steps import BuildStep, build_steps
from explorer.analysis.filter.query import EVERYTHING, Query
from explorer.analysis.filter.waste_filter import WasteFilter
from explorer.model import Cause, Waste

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set

    from explorer.analysis.waste import ByteUsage
    from explorer.model import Layer

GroupKey = tuple[object, ...]
"""Tells a group from all others, whatever is left out."""
_FEW = 12
"""Up to so many wasted files all groups are open at first."""
_FOUND = 500
"""The same of those that a query finds."""


class Grouping(enum.Enum):
    """What the wasted files stand below; the value is its name on the screen."""

    CAUSE = "cause"
    LAYERS = "layers"
    DIRECTORY = "directory"
    FILE = "file"

    @property
    def following(self) -> Grouping:
        """The next one, round and round."""
        found = list(Grouping)
        return found[(found.index(self) + 1) % len(found)]


class WasteOrder(enum.Enum):
    """What decides the order of siblings."""

    SIZE = "size"
    PATH = "path"
    """Files and directories by path, causes in their own order, layers by number."""


@dataclass(frozen=True, slots=True)
class WasteView:
    """What of the waste is shown, and how."""

    grouping: Grouping = Grouping.CAUSE
    order: WasteOrder = WasteOrder.SIZE
    layer: int | None = None
    """Only what this layer shipped for nothing or hid; None shows all."""
    query: Query = EVERYTHING
    """Only what passes."""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.layer is None and not self.query


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Wasted files that have something in common. What they do not have in common is None."""

    key: GroupKey
    members: Sequence[int]
    """Their numbers, largest first."""
    bytes: int
    cause: Cause | None = None
    shipped_in: int | None = None
    hidden_in: int | None = None
    reason: Reason | None = None
    """Why they all were wasted; there is one remedy for them."""
    directory: str | None = None
    """The directory that holds them all; not printable."""
    name: str = ""
    """The directory from the one above; not printable."""

    @property
    def files(self) -> int:
        """How many they are."""
        return len(self.members)


class WasteRow(NamedTuple):
    """One line of the pane."""

    item: Group | Waste
    depth: int
    prefix_chars: int
    """Characters of a file's path that the directory above tells already."""


@dataclass(frozen=True, eq=False)
class WasteFiles:
    """An image's wasted files with the reason of each, worked out when somebody asks."""

    usage: ByteUsage
    layers: Sequence[Layer] = ()

    @property
    def wasted(self) -> Sequence[Waste]:
        """The wasted files, largest first."""
        return self.usage.wasted

    @cached_property
    def reasons(self) -> Sequence[Reason]:
        """Why each of them was wasted."""
        return reasons(self.usage.wasted)

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
        """Finds those that pass a query."""
        return WasteFilter(self.wasted)

    @cached_property
    def build_steps(self) -> Sequence[BuildStep]:
        """What made each layer."""
        return build_steps(self.layers)


@dataclass(frozen=True, eq=False)
class WasteTree:
    """The wasted files below their groups."""

    files: WasteFiles
    view: WasteView = WasteView()
    _children: dict[GroupKey, Sequence[Group | int]] = field(default_factory=dict)
    _advice: dict[GroupKey, Sequence[Advice]] = field(default_factory=dict)

    @cached_property
    def top(self) -> Group:
        """The group of all that is shown; it has no row."""
        layer, wasted = self.view.layer, self.files.wasted
        numbers = self.files.matcher.numbers(self.view.query)
        if layer is not None:
            numbers = [number for number in numbers if layer in wasted[number].layers]
        return self._group((), numbers, directory="" if self.view.grouping is Grouping.DIRECTORY else None)

    @cached_property
    def largest(self) -> int:
        """Bytes of the largest row."""
        return max((self._bytes(item) for item in self.children(self.top)), default=0)

    def children(self, group: Group) -> Sequence[Group | int]:
        """What stands right below a group: groups, and numbers of files."""
        found = self._children.get(group.key)
        if found is None:
            found = self._children[group.key] = self._ordered(self._split(group))
        return found

    def rows(self, opened: Set[GroupKey]) -> list[WasteRow]:
        """What shows while these groups are open."""
        found: list[WasteRow] = []
        wasted = self.files.wasted
        waiting: list[tuple[Group | int, int, int]] = [(item, 0, 0) for item in reversed(self.children(self.top))]
        while waiting:
            item, depth, told = waiting.pop()
            if isinstance(item, int):
                found.append(WasteRow(wasted[item], depth, told))
                continue
            found.append(WasteRow(item, depth, told))
            if item.key in opened:
                inside, told = self.children(item), self._told(item)
                if self._is_flat(item):
                    found += [WasteRow(wasted[number], depth + 1, told) for number in inside if isinstance(number, int)]
                else:
                    waiting += [(below, depth + 1, told) for below in reversed(inside)]
        return found

    def advice(self, item: Group | Waste) -> Sequence[Advice]:
        """What to do about a row, what saves most first."""
        if isinstance(item, Waste):
            return advise([item], self.files.build_steps)
        found = self._advice.get(item.key)
        if found is None:
            wasted, known = self.files.wasted, self.files.reasons
            found = self._advice[item.key] = advise(
                [wasted[number] for number in item.members],
                self.files.build_steps,
                [known[number] for number in item.members],
            )
        return found

    def groups(self) -> Iterator[Group]:
        """All groups, each before those below it."""
        waiting = [self.top]
        while waiting:
            for item in self.children(waiting.pop()):
                if isinstance(item, Group):
                    yield item
                    if not self._is_flat(item):
                        waiting.append(item)

    def groups_around(self, number: int) -> Iterator[Group]:
        """The groups that a file is in, the outermost first."""
        group: Group | None = self.top
        while group is not None:
            items = self.children(group)
            group = next((item for item in items if isinstance(item, Group) and number in item.members), None)
            if group is not None:
                yield group

    def initially_open(self) -> set[GroupKey]:
        """The groups that are open before anybody has opened or closed one: causes, and all where there is little.

        What was asked for is opened as long as it is not very much.
        """
        if len(self.top.members) <= (_FOUND if self.view.query else _FEW):
            return {group.key for group in self.groups()}
        by_cause = self.view.grouping is Grouping.CAUSE
        return {item.key for item in self.children(self.top) if by_cause and isinstance(item, Group)}

    # How groups come about

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

    def _is_flat(self, group: Group) -> bool:
        """Whether there can be no groups in a group."""
        return group.reason is not None or self.view.grouping is Grouping.LAYERS

    def _by_cause(self, group: Group) -> Iterator[Group]:
        wasted = self.files.wasted
        found: defaultdict[Cause, list[int]] = defaultdict(list)
        for number in group.members:
            found[wasted[number].cause].append(number)
        for cause, members in found.items():
            yield self._group((cause,), members, cause=cause)

    def _by_reason(self, group: Group) -> Iterator[Group | int]:
        """The groups of a cause. One that would hold a single file is that file."""
        found: defaultdict[Reason, list[int]] = defaultdict(list)
        for number in group.members:
            found[self.files.reasons[number]].append(number)
        for reason, members in found.items():
            if len(members) == 1:
                yield members[0]
            else:
                yield self._group(
                    reason,
                    members,
                    reason.cause,
                    reason.shipped_in,
                    reason.hidden_in,
                    reason,
                    self._directory(members),
                )

    def _by_layers(self, group: Group) -> Iterator[Group]:
        wasted = self.files.wasted
        found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for number in group.members:
            found[wasted[number].layers].append(number)
        for (shipped_in, hidden_in), members in found.items():
            yield self._group((shipped_in, hidden_in), members, shipped_in=shipped_in, hidden_in=hidden_in)

    def _by_directory(self, group: Group) -> Iterator[Group | int]:
        """Directories and files in one; directories that hold nothing but one another are one."""
        paths = self.files.paths
        start = len(group.directory) + 1 if group.directory else 0
        found: defaultdict[str, list[int]] = defaultdict(list)
        for number in group.members:
            path = paths[number]
            slash = path.find("/", start)
            if slash < 0:
                yield number
            else:
                found[path[start:slash]].append(number)
        for name, members in found.items():
            if len(members) == 1:
                yield members[0]
                continue
            directory = self._directory(members) or name
            yield self._group((directory,), members, directory=directory, name=directory[start:])

    def _directory(self, members: Sequence[int]) -> str:
        """The lowest directory that holds them all; empty when that is the root."""
        paths = list(map(self.files.paths.__getitem__, members))
        # A path between two others, in their order, begins as these two do.
        low, high = min(paths).split("/")[:-1], max(paths).split("/")[:-1]
        same = (place for place, (one, other) in enumerate(zip(low, high, strict=False)) if one != other)
        return "/".join(low[: next(same, min(len(low), len(high)))])

    def _told(self, group: Group) -> int:
        is_told = self.view.grouping is Grouping.DIRECTORY and group.directory
        return len(group.directory or "") + 1 if is_told else 0

    def _group(
        self,
        key: GroupKey,
        members: Sequence[int],
        cause: Cause | None = None,
        shipped_in: int | None = None,
        hidden_in: int | None = None,
        reason: Reason | None = None,
        directory: str | None = None,
        name: str = "",
    ) -> Group:
        total = sum(map(self.files.bytes.__getitem__, members))
        return Group(key, members, total, cause, shipped_in, hidden_in, reason, directory, name)

    def _ordered(self, items: Iterable[Group | int]) -> Sequence[Group | int]:
        if isinstance(items, range) and self.view.order is WasteOrder.SIZE:
            return items
        found = list(items)
        if self.view.order is WasteOrder.PATH:
            found.sort(key=self._place)
        elif any(isinstance(item, Group) for item in found):
            found.sort(key=lambda item: (-self._bytes(item), self._first(item)))
        return found

    def _place(self, item: Group | int) -> tuple[tuple[int, ...], str]:
        """What decides the order by path."""
        if isinstance(item, int):
            return (), self.files.paths[item]
        if item.cause is not None and item.reason is None:
            return (list(Cause).index(item.cause),), ""
        if item.reason is None and item.directory is not None:
            return (), item.directory
        return (item.shipped_in or 0, item.hidden_in or 0), item.reason.habit if item.reason else ""

    def _bytes(self, item: Group | int) -> int:
        return item.bytes if isinstance(item, Group) else self.files.bytes[item]

    def _first(self, item: Group | int) -> int:
        return item.members[0] if isinstance(item, Group) else item
