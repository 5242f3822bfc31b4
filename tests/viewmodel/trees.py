"""Visible trees and their rows, for tests."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.analysis.changes import changes
from explorer.analysis.directories import Directories
from explorer.analysis.sizes import directory_sizes
from explorer.layers.tree import Node, Tree
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.visible_tree import VisibleTree

ALL = Change.ADDED, Change.MODIFIED, Change.REMOVED, Change.UNCHANGED


def visible_tree(explored: Exploration, view: View | None = None) -> VisibleTree:
    """Returns the tree of a view, by default that of the top layer."""
    return visible_part(explored.tree, view or View(explored.tree.top))


def visible_part(tree: Tree, view: View) -> VisibleTree:
    """Returns what a view shows of a tree."""
    return VisibleTree.unfiltered(view, Directories(tree), directory_sizes(tree), changes(tree, view.since, view.layer))


def node(tree: Tree, path: str) -> Node:
    """Returns the node of a path."""
    match = tree.find(path)
    assert match is not None
    return match


def open_nodes(tree: Tree, *paths: str) -> set[Node]:
    """Returns the nodes of these paths, as directories to open."""
    return {node(tree, path) for path in paths}


def rows_of(tree: VisibleTree, opened: Iterable[Node] | None = None) -> list[str]:
    """Returns each row as its mark, its indent and its name, by default with all directories open."""
    nodes = set(tree.nodes.tree.walk()) if opened is None else set(opened)
    marks = {Change.ADDED: "+", Change.MODIFIED: "~", Change.REMOVED: "-", Change.UNCHANGED: " "}
    return [f"{marks[tree.nodes.change(row.node)]}{'  ' * row.depth}{row.name}" for row in FileRows(tree, nodes)]
