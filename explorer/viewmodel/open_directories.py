"""The open directories: at first the biggest, then those that the user opens."""

from __future__ import annotations

from explorer.analysis.directories import Directories
from explorer.layers.tree import Node
from explorer.viewmodel.biggest_directories import biggest_directories
from explorer.viewmodel.file_rows import FileRow, FileRows
from explorer.viewmodel.filter_matches import FoldingMemory, moved_nodes
from explorer.viewmodel.small_entries import Folding
from explorer.viewmodel.visible_tree import VisibleTree


class OpenDirectories:
    """The open directories, and those whose small entries share a row."""

    def __init__(self) -> None:
        self.opened: set[Node] = set()
        self._limits: dict[Node, int] = {}
        """Directory to the limit of its small entries, unless it is the usual one."""
        self._folds = True
        """False after all directories were opened: then small entries have rows, too."""
        self._opens_new = False
        """True if directories that later layers bring are open, because all are open without a filter."""
        self._is_untouched = True
        """True until the user opens or closes something. Until then, the biggest directories are open."""
        self._max_rows = 0
        """The rows that the biggest directories were opened for."""
        self._memory = FoldingMemory()

    def follow(
        self, old: VisibleTree | None, new: VisibleTree, selected: Node | None, jump: Node | None, max_rows: int
    ) -> Node | None:
        """Opens directories for another tree, and returns the path to select.

        Args:
            old: The tree before, if any.
            new: The tree to show.
            selected: The path that the user selected last.
            jump: A path to go to instead; the directories above it are opened.
            max_rows: The rows of the pane.
        """
        if old is None or old.nodes.tree is not new.nodes.tree:
            self._is_untouched = self._folds = True
            self._opens_new = False
            self._limits.clear()
        opened, wanted = self._memory.replaced(old, new, self.opened, jump or selected)
        self.opened = set(opened)
        if jump is not None:
            self._is_untouched = False
            self.opened.update(jump.ancestors())
            return jump
        if self._is_untouched and not new.view.query:
            self._open_biggest(new, wanted, max_rows)
        return wanted

    def move(self, old: VisibleTree, new: Directories) -> None:
        """Replaces all nodes by those of a newer tree of the same image."""
        moved, find = new.tree.counterpart, old.nodes.tree.find
        brought: set[Node] = set()
        if self._opens_new:
            brought = {node for node in new.all if (before := find(node.path)) is None or not before.children}
        self.opened = moved_nodes(self.opened, moved) | (set() if old.view.query else brought)
        limits = ((moved(node), limit) for node, limit in self._limits.items())
        self._limits = {node: limit for node, limit in limits if node is not None}
        self._memory.move(moved, brought)

    def fit(self, tree: VisibleTree, selected: Node | None, max_rows: int) -> bool:
        """Opens directories for another number of rows; True if others may be open."""
        if not self._is_untouched or tree.view.query or max_rows == self._max_rows:
            return False
        self._open_biggest(tree, selected, max_rows)
        return True

    def _open_biggest(self, tree: VisibleTree, selected: Node | None, max_rows: int) -> None:
        self._max_rows = max_rows
        self._limits = {}
        above = [*selected.ancestors()] if selected is not None else []
        opened = _directories_of_few_changes(tree, max_rows)
        if not opened:
            kept = {selected, *above} if selected is not None else frozenset()
            self._limits = dict(biggest_directories(tree, max_rows, above, kept))
            opened = {*self._limits}
        self.opened = opened.union(above)

    def rows(self, tree: VisibleTree, kept_path: Node | None) -> FileRows:
        """Returns the rows of a tree. ``kept_path`` has a row even if it is small."""
        kept = {kept_path, *kept_path.ancestors()} if kept_path is not None else set()
        return FileRows(tree, self.opened, Folding(self._limits, kept) if self._folds else None)

    def toggle(self, row: FileRow) -> None:
        """Opens or closes the directory of a row, or shows the small entries of a row."""
        self._is_untouched = False
        if row.folded:
            if row.node.parent is not None:
                self._limits[row.node.parent] = 0
        elif row.node in self.opened:
            self.opened.difference_update(row.line)
        else:
            self.opened.update(row.line)
            self._limits.pop(row.node, None)

    def open_all(self, tree: VisibleTree) -> None:
        """Opens every directory of the image, even if this view does not show it."""
        self._is_untouched = self._folds = False
        self._opens_new = self._opens_new or not tree.view.query
        nodes = tree.nodes
        self.opened = set(nodes.match_parents if tree.view.query else nodes.directories.all)

    def close_all(self) -> None:
        """Closes every directory."""
        self._is_untouched, self._folds, self._opens_new = False, True, False
        self._limits.clear()
        self.opened.clear()


def _directories_of_few_changes(tree: VisibleTree, max_rows: int) -> set[Node]:
    """Returns the directories above all changes if only changes show and all fit."""
    changed = tree.nodes.changes.by_node
    if not tree.view.changes_only or len(changed) > max_rows:
        return set()
    directories = {above for node in changed for above in node.ancestors()}
    return directories if len(FileRows(tree, directories)) <= max_rows else set()
