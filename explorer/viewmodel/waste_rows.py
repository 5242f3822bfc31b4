"""The rows of the waste pane: from a tree of files and its open groups."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.fixes.fix import Fix
from explorer.model import Waste
from explorer.viewmodel.waste_groups import Group, GroupKey
from explorer.viewmodel.waste_tree import WasteTree
from explorer.viewmodel.waste_view import Grouping

Item = Group | Waste | Disposable
"""A group or a file that a row shows."""


class WasteRow(NamedTuple):
    """One row of the waste pane."""

    item: Item
    depth: int
    prefix_chars: int
    """Characters of a file's path that the row of its directory shows already."""
    fix: Fix | None = None
    """The fix that saves the files of the row, if they are grouped by fix."""


@dataclass(frozen=True, slots=True, eq=False)
class WasteRows:
    """The rows of a tree while some of its groups are open."""

    tree: WasteTree
    opened: Set[GroupKey]
    rows: Sequence[WasteRow]

    @classmethod
    def of(cls, tree: WasteTree, opened: Set[GroupKey]) -> WasteRows:
        """Makes the flat rows from a waste tree and the set of open groups."""
        rows: list[WasteRow] = []
        files = tree.files.all
        has_directories = tree.view.grouping in (Grouping.DIRECTORY, Grouping.FIX)
        waiting: list[tuple[Group | int, int, int, Fix | None]] = [
            (item, 0, 0, None) for item in reversed(tree.children(tree.top))
        ]
        while waiting:
            item, depth, prefix, fix = waiting.pop()
            if isinstance(item, int):
                rows.append(WasteRow(files[item], depth, prefix, fix))
                continue
            fix = item.fix
            rows.append(WasteRow(item, depth, prefix, fix))
            if item.key in opened:
                prefix = len(item.directory) + 1 if has_directories and item.directory else 0
                children = tree.children(item)
                if tree.is_flat(item):
                    rows += [WasteRow(files[file], depth + 1, prefix) for file in children if isinstance(file, int)]
                else:
                    waiting += [(child, depth + 1, prefix, fix) for child in reversed(children)]
        return cls(tree, opened, rows)

    def __len__(self) -> int:
        return len(self.rows)

    def item(self, index: int) -> Item | None:
        """Returns the group or file of a row; None if there is no such row."""
        return self.rows[index].item if 0 <= index < len(self.rows) else None

    def is_open(self, index: int) -> bool | None:
        """True if a row's group is open; None if it is a file, or there is no such row."""
        item = self.item(index)
        return item.key in self.opened if isinstance(item, Group) else None

    def above(self, index: int) -> int | None:
        """Returns the number of the row of the group that holds a row; None at the top."""
        depth = self.rows[index].depth if index < len(self.rows) else 0
        return (
            next((above for above in range(index, -1, -1) if self.rows[above].depth < depth), None) if depth else None
        )

    def next_group(self, index: int, step: int) -> int | None:
        """Returns the number of the next outermost row, or with step -1 the previous."""
        numbers = range(index + 1, len(self.rows)) if step > 0 else range(index - 1, -1, -1)
        return next((number for number in numbers if not self.rows[number].depth), None)

    def find(self, item: Item) -> int | None:
        """Returns the number of the row of an item, or of the nearest group around it."""
        if isinstance(item, Group):
            file, row = item.members[0], self._row_of(item.key)
        else:
            file = self.tree.files.all.index(item)
            row = next((number for number, row in enumerate(self.rows) if row.item == item), None)
        if row is not None:
            return row
        around = [self._row_of(group.key) for group in self.tree.groups_around(file)]
        return next((number for number in reversed(around) if number is not None), None)

    def _row_of(self, key: GroupKey) -> int | None:
        rows = enumerate(self.rows)
        return next((number for number, row in rows if isinstance(row.item, Group) and row.item.key == key), None)

    def next_file(self, start: int, step: int) -> tuple[WasteRows, int] | None:
        """Returns the rows with the next file's groups open, and that file's row number.

        ``step`` -1 means the previous file. Returns None if there is none.
        """
        # The files in a closed group come after its row.
        rows, index = self, start if step > 0 and self.is_open(start) is False else start + step
        while (item := rows.item(index)) is not None:
            if not isinstance(item, Group):
                return rows, index
            if item.key not in rows.opened:
                opened = WasteRows.of(self.tree, {*rows.opened, item.key})
                if step < 0:
                    index += len(opened) - len(rows) + 1
                rows = opened
            index += step
        return None
