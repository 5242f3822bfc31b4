"""The way from the layers of an image to its packages, in one function."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.packages.database_files import read_databases
from explorer.analysis.packages.owners import Owners
from explorer.analysis.packages.package_usage import ImagePackages, PackageUsage, package_usages
from explorer.analysis.packages.packages import package_history
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.tree import Tree
from explorer.model import Layer, Progress, Waste, Watcher


def image_packages(
    tree: Tree,
    layers: Sequence[Layer],
    wasted: Sequence[Waste],
    origins: Sequence[Waste],
    fetch_limit: FetchLimit,
    watcher: Watcher,
    *,
    fetches: bool = True,
) -> ImagePackages:
    """Returns the packages of an image, and the owner of each byte.

    Args:
        tree: The merged tree.
        layers: The layers, to read files from.
        wasted: The wasted files of the image.
        origins: The same files from the layers that first brought them.
        fetch_limit: The bytes that a registry may send.
        watcher: Receives the progress.
        fetches: True if files may be fetched from a registry.

    Raises Cancelled from the watcher.
    """
    databases = read_databases(tree, layers, fetch_limit, watcher, fetches=fetches)

    def report() -> None:
        watcher.progress(Progress("Finding the owners of files", 0, None))

    packages, holdings = package_history(tree, databases, report)
    owners = Owners(tree, holdings, report)
    usages, unowned, waste_owners = package_usages(tree, packages, owners, wasted, origins)
    usages.sort(key=_largest_first)
    problems = [(number, problem) for number, each in enumerate(databases) for problem in each.problems]
    needs_fetch = any(each.needs_fetch for each in databases)
    return ImagePackages(usages, unowned, problems, needs_fetch, waste_owners, packages, owners)


def _largest_first(usage: PackageUsage) -> tuple[int, str, str, int]:
    package = usage.package
    return -usage.shipped_bytes, package.kind, package.name, package.installed_in
