"""The files that a view of the waste shows, in groups.

A group knows the indexes of its files; the groups and files below it are computed when it is first opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from explorer.analysis.advice.advice import Advice
from explorer.analysis.fixes.fix import Fix
from explorer.model import Cause, Waste
from explorer.pipeline import Exploration
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_groups import (
    Group,
    GroupKey,
    by_cause,
    by_directory,
    by_fix,
    by_layers,
    by_part,
    by_reason,
)
from explorer.viewmodel.waste_packages import Layers, by_package, removed_together
from explorer.viewmodel.waste_view import NEED_FIXES, Grouping, WasteOrder, WasteView

_MAX_FILES_ALL_OPEN = 12
"""Wasted files up to which all groups are open at first."""
_MAX_MATCHES_ALL_OPEN = 500
"""Matches of a query up to which all groups are open at first."""
_SMALL_PERCENT = 1
"""Rows with fewer percent of the bytes of the group above share one row."""
_MIN_SMALL_ROWS = 2
_SMALLER = "smaller"


@dataclass(frozen=True, eq=False)
class WasteTree:
    """The files that a view shows, in their groups."""

    files: WasteFiles
    view: WasteView = WasteView()  # noqa: RUF009 - it is frozen
    _children: dict[GroupKey, Sequence[Group | int]] = field(default_factory=dict)
    _advice: dict[GroupKey, Sequence[Advice]] = field(default_factory=dict)

    @classmethod
    def complete(cls, exploration: Exploration) -> WasteTree:
        """Returns the whole tree of the first view with all facts, in up to a second."""
        tree = cls(WasteFiles.complete(exploration))
        for _ in tree.groups():
            pass
        return tree

    @cached_property
    def top(self) -> Group:
        """The group of everything that the view shows; it has no row."""
        layer, files = self.view.layer, self.files
        is_by_fix = self.view.grouping is Grouping.FIX
        indexes = (files.fix_matcher if is_by_fix else files.matcher).indexes(self.view.query)
        if layer is not None:
            indexes = [index for index in indexes if layer in files.all[index].layers]
        if is_by_fix and self.is_whole:
            return Group((), indexes, files.saved_bytes, directory="")
        return Group((), indexes, files.total(indexes), directory="")

    @property
    def is_whole(self) -> bool:
        """True if neither a layer nor a query limits what is shown."""
        return self.view.layer is None and not self.view.query

    def shown_bytes(self, fix: Fix) -> int:
        """Returns the bytes of a fix that the layer and the query leave."""
        files = self.files
        if self.is_whole or files.savings is None:
            return fix.bytes
        members = set(files.members_by_fix[files.fixes.index(fix)])
        return files.total(index for index in self.top.members if index in members)

    @cached_property
    def largest(self) -> int:
        """Bytes of the largest row."""
        return max(map(self._bytes, self.children(self.top)), default=0)

    @cached_property
    def removed_together(self) -> Mapping[Layers, str]:
        """Words about the packages that the same layers ship and hide."""
        rows = self.children(self.top) if self.view.grouping is Grouping.PACKAGE else ()
        all_rows = [each for row in rows for each in (row.smaller if isinstance(row, Group) and row.smaller else [row])]
        return removed_together(self.files, [row for row in all_rows if isinstance(row, Group)])

    @cached_property
    def image_bytes_after(self) -> Mapping[GroupKey, int]:
        """Size of the image after each fix and those above it, by the keys of the groups.

        Empty if not all files are shown. The base's fix has no size, because the Dockerfile cannot do it.
        """
        sizes: dict[GroupKey, int] = {}
        if self.view.grouping is Grouping.FIX and self.is_whole:
            size = self.files.usage.shipped_bytes
            for item in self.children(self.top):
                if isinstance(item, Group) and not is_base(item):
                    for each in self.children(item) if item.smaller else (item,):
                        if isinstance(each, Group):
                            size -= each.bytes
                            sizes[each.key] = size
                    sizes[item.key] = size
        return sizes

    def children(self, group: Group) -> Sequence[Group | int]:
        """Returns the groups right below a group, and the indexes of its other files."""
        children = self._children.get(group.key)
        if children is None:
            children = self._children[group.key] = self._fold(group, self._sort(self._split(group)))
        return children

    def advice(self, item: Group | Waste) -> Sequence[Advice]:
        """Returns the pieces of advice about wasted files, largest saving first."""
        if isinstance(item, Waste):
            return self.files.advice([self.files.wasted.index(item)])
        advice = self._advice.get(item.key)
        if advice is None:
            advice = self._advice[item.key] = self.files.advice(item.members)
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
        """Returns all groups if they hold few files or matches, else the causes."""
        is_by_fix = self.view.grouping is Grouping.FIX
        most = _MAX_MATCHES_ALL_OPEN if self.view.query else 0 if is_by_fix else _MAX_FILES_ALL_OPEN
        if len(self.top.members) <= most:
            return {group.key for group in self.groups()}
        if self.view.grouping is not Grouping.CAUSE:
            return set()
        return {item.key for item in self.children(self.top) if isinstance(item, Group)}

    def is_flat(self, group: Group) -> bool:
        """True if groups of this kind hold only files."""
        is_of_files = group.reason is not None or group.packages is not None
        return not group.smaller and (is_of_files or self.view.grouping is Grouping.LAYERS)

    # Groups

    def _split(self, group: Group) -> Iterable[Group | int]:
        grouping, files = self.view.grouping, self.files
        if group.smaller:
            return group.smaller
        if files.savings is None and grouping in NEED_FIXES:
            return ()
        if group is self.top and grouping is Grouping.FIX:
            return by_fix(files, None if self.is_whole else set(group.members))
        if grouping is Grouping.FIX and not group.is_part and 0 < group.disposable_bytes < group.bytes:
            return by_part(files, group)
        if grouping in (Grouping.DIRECTORY, Grouping.FIX):
            return by_directory(files, group)
        if grouping is Grouping.LAYERS and group is self.top:
            return by_layers(files, group)
        if grouping is Grouping.PACKAGE and group is self.top:
            return by_package(files, group) if files.packages is not None else ()
        if grouping is Grouping.CAUSE and group is self.top:
            return by_cause(files, group)
        if grouping is Grouping.CAUSE and group.reason is None:
            return by_reason(files, group)
        return group.members

    def _fold(self, group: Group, items: Sequence[Group | int]) -> Sequence[Group | int]:
        """Returns the items, with the small ones in a group at the end, before the base's."""
        is_reasons = group.cause is not None and group.reason is None
        is_folding = is_reasons if self.view.grouping is Grouping.CAUSE else group is self.top
        if self.view.grouping is Grouping.FILE or self.view.query or not is_folding or group.smaller:
            return items
        small: list[Group | int] = []
        large: list[Group | int] = []
        bases: list[Group | int] = []
        for item in items:
            has_secrets = isinstance(item, Group) and item.fix is not None and bool(item.fix.secrets)
            is_small = self._bytes(item) * 100 < group.bytes * _SMALL_PERCENT and not has_secrets
            (bases if is_base(item) else small if is_small else large).append(item)
        if len(small) < _MIN_SMALL_ROWS or not large:
            return items
        members = [index for item in small for index in (item.members if isinstance(item, Group) else [item])]
        members.sort(key=lambda index: -self.files.bytes[index])
        disposable = sum(item.disposable_bytes for item in small if isinstance(item, Group))
        folded = Group(
            (*group.key, _SMALLER),
            members,
            sum(map(self._bytes, small)),
            group.cause,
            disposable_bytes=disposable,
            smaller=small,
        )
        return [*large, folded, *bases]

    # Order

    def _sort(self, items: Iterable[Group | int]) -> Sequence[Group | int]:
        view = self.view
        if isinstance(items, range) and view.order is WasteOrder.SIZE and not view.is_reversed:
            return items
        children = list(items)
        if view.order is WasteOrder.PATH:
            children.sort(key=self._path_order)
        else:
            children.sort(key=lambda item: (-self._bytes(item), item.members[0] if isinstance(item, Group) else item))
        if view.is_reversed:
            children.reverse()
        # The base's fix is not the user's to do, so it stays last.
        children.sort(key=is_base)
        return children

    def _path_order(self, item: Group | int) -> tuple[tuple[int, ...], str]:
        if isinstance(item, int):
            return (), self.files.paths[item]
        if item.fix is not None and item.directory is None:
            return item.fix.layers, item.fix.id
        if item.cause is not None and item.reason is None:
            return (list(Cause).index(item.cause),), ""
        if item.reason is None and item.directory is not None:
            return (), item.directory
        if item.packages is not None:
            return (not item.packages,), item.packages[0].full_name.lower() if item.packages else ""
        name = item.reason.leftover if item.reason else ""
        return (item.shipped_in or 0, item.hidden_in or 0), name

    def _bytes(self, item: Group | int) -> int:
        return item.bytes if isinstance(item, Group) else self.files.bytes[item]


def is_base(item: Group | int) -> bool:
    """True if an item is the fix that only the base image can do."""
    return isinstance(item, Group) and item.directory is None and item.fix is not None and item.fix.is_base
