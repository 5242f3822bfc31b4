"""The packages of an image, and the way from its layers to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.analysis.packages.accounts import Accounts
from explorer.analysis.packages.database_files import read_databases
from explorer.analysis.packages.owners import UNOWNED, Owners
from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_history import accounts_by_layer, package_history
from explorer.analysis.packages.package_usage import FileUsage, PackageUsage, package_usages
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.tree import Node, Tree
from explorer.model import Layer, Progress, Waste, Watcher


@dataclass(frozen=True, slots=True)
class ImagePackages:
    """The packages of an image, and the owner of each byte."""

    usages: Sequence[PackageUsage]
    """A usage for each package, largest first: bytes with wasted bytes, then by kind and name."""
    unowned: FileUsage
    problems: Sequence[tuple[int, str]]
    """Layer and reason why packages may be missing; printable."""
    needs_fetch: bool
    """True if packages are missing because files of a registry were not fetched, and may be."""
    waste_owners: Sequence[Package | None]
    """The package that owned each wasted file of the image when it was shipped, in their order."""
    _packages: Sequence[Package]
    _owners: Owners
    _accounts: Sequence[tuple[int, Accounts]]
    """The accounts with the layers from which they count."""

    def accounts_at(self, layer: int) -> Accounts:
        """Returns the accounts at a layer; none if they are not known."""
        return next((accounts for since, accounts in reversed(self._accounts) if since <= layer), Accounts())

    def owner(self, node: Node, layer: int) -> Package | None:
        """Returns the package that owns a path at a layer, if any."""
        number = self._owners.owner(node, layer)
        return None if number == UNOWNED else self._packages[number]

    def owners_at(self, layer: int) -> Callable[[Node], Package | None]:
        """Returns a function like ``owner`` at one layer, which is faster for many paths."""
        # UNOWNED is the last index.
        packages: Sequence[Package | None] = (*self._packages, None)
        owner = self._owners.at_layer(layer)
        return lambda node: packages[owner(node)]


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
    accounts = accounts_by_layer(tree, databases)
    return ImagePackages(usages, unowned, problems, needs_fetch, waste_owners, packages, owners, accounts)


def _largest_first(usage: PackageUsage) -> tuple[int, str, str, int]:
    package = usage.package
    return -usage.shipped_bytes, package.kind, package.name, package.installed_in
