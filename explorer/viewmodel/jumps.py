"""The views that jumps lead to: paths, fixes, files, and the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.analysis.file_kinds.kinds import filter_word
from explorer.analysis.filter.query import EVERYTHING, Query, parse
from explorer.layers.tree import Node
from explorer.viewmodel.history_navigation import view_showing
from explorer.viewmodel.places import Place
from explorer.viewmodel.view import Jump, View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.waste_view import Grouping

if TYPE_CHECKING:
    from explorer.analysis.packages.package import Package
    from explorer.analysis.packages.package_usage import FileUsage

_DISPOSABLE = "is:disposable"
"""The filter for disposable files."""
_UNOWNED = "is:unowned"
"""The filter for files that no package database lists."""


def jump_to_path(views: ViewCache, view: View, node: Node, layer: int) -> View:
    """Returns a view in which a path shows at a layer, as similar as possible."""
    return replace(view_showing(views, view, node, layer), jump=Jump(node))


def jump_to_disposable(views: ViewCache, view: View) -> View:
    """Returns the view of all disposable files of the whole image."""
    top = views.exploration.tree.top
    return _filtered(views, view, top, parse(_DISPOSABLE, top))


def jump_to_package(views: ViewCache, view: View, usage: FileUsage) -> View:
    """Returns the view of a package's files at the last layer that has it."""
    package, top = usage.package, views.exploration.tree.top
    layer = top if package is None or package.removed_in is None else package.removed_in - 1
    text = _UNOWNED if package is None else f"package:{_package_pattern(views, package)}"
    return _filtered(views, view, layer, parse(text, top))


def jump_to_kind(views: ViewCache, view: View, kind: str) -> View:
    """Returns the view of the files of a kind that a container sees."""
    return _filtered(views, view, views.exploration.tree.top, _kind_query(kind))


def jump_to_waste_of_kind(view: View, kind: str) -> View:
    """Returns the view of the wasted files of a kind."""
    return replace(view, waste=replace(view.waste, grouping=Grouping.FILE, layer=None, query=_kind_query(kind)))


def _filtered(views: ViewCache, view: View, layer: int, query: Query) -> View:
    """Returns the view of what passes a query at a layer, with the first row selected."""
    # An image without layers has no top layer.
    view = replace(view, layer=max(0, layer), base=None, hidden=frozenset(), query=query)
    listing = views.of(view)
    # The first row is the largest in the usual order.
    first = next(iter(listing.children(listing.nodes.tree.root)), None)
    return replace(view, jump=Jump(first) if first is not None else None)


def _kind_query(kind: str) -> Query:
    return parse(f"kind:{filter_word(kind)}")


def _package_pattern(views: ViewCache, package: Package) -> str:
    """Returns the name of a package, or its package URL if others have the same name."""
    usages = views.exploration.packages.usages
    others = sum(each.package.name == package.name for each in usages)
    return package.full_name if others < 2 else package.purl.partition("?")[0] or package.full_name


def jump_to_fixes(view: View) -> View:
    """Returns the view of all fixes."""
    return replace(view, waste=replace(view.waste, grouping=Grouping.FIX, layer=None, query=EVERYTHING))


def jump_back(place: Place) -> View:
    """Returns the view of a place, with the path that was selected."""
    return replace(place.view, jump=Jump(place.node) if place.node is not None else None)
