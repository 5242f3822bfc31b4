"""The packages of an image: which layer installed, upgraded and removed each."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from explorer.analysis.packages import accounts, os_release
from explorer.analysis.packages.accounts import Accounts
from explorer.analysis.packages.database_limits import MAX_NAME_CHARS
from explorer.analysis.packages.dpkg_info import InfoFiles
from explorer.analysis.packages.formats import SYSTEM_KINDS, Found, LayerDatabases, Stated
from explorer.analysis.packages.kinds import FORMATS
from explorer.analysis.packages.package import Package
from explorer.layers.tree import Tree
from explorer.text.printable import printable


class Holding(NamedTuple):
    """The paths that a package has from one layer to another."""

    package: int
    """Its place in the list of packages."""
    rank: int
    """The place of its kind; an earlier kind has precedence."""
    paths: tuple[str, ...]
    start: int
    """Number of the first layer."""
    end: int
    """Number of the first layer where it ends."""


class PackageHistory(NamedTuple):
    """The packages of all layers, and their paths."""

    packages: list[Package]
    holdings: list[Holding]


_Key = tuple[str, str, str, str]
"""Namespace, name, architecture and place of a package without its version."""


@dataclass(slots=True)
class _Installed:
    """A package that the layers so far have."""

    key: _Key
    version: str
    installed_in: int
    number: int
    paths: tuple[str, ...]
    paths_since: int
    upgraded_from: str = ""


def package_history(
    tree: Tree, databases: Sequence[LayerDatabases], on_progress: Callable[[], object] = lambda: None
) -> PackageHistory:
    """Returns the packages that the databases state, by kind and then by layer.

    ``on_progress`` is called for each layer; it may raise to stop the work.
    """
    packages: list[Package] = []
    holdings: list[Holding] = []
    for rank, format_ in enumerate(FORMATS):
        changes = _changes(tree, [each.files.get(format_.kind, {}) for each in databases])
        own_files = InfoFiles(tree) if format_.kind == "deb" else None
        ledger = _Ledger(format_.kind, rank, len(databases), packages, holdings, own_files)
        visible: dict[str, Stated] = {}
        for layer in sorted(changes):
            on_progress()
            _apply(changes[layer], visible)
            ledger.at_layer(layer, _with_places(format_.join(visible), visible))
        ledger.finish()
    distributions = _distributions(tree, databases)
    if distributions:
        packages = [_with_distribution(package, distributions) for package in packages]
    return PackageHistory(packages, holdings)


def _distributions(tree: Tree, databases: Sequence[LayerDatabases]) -> list[tuple[int, Found]]:
    """Returns the distributions of the image with the layers from which they count."""
    changes = _changes(tree, [each.files.get(os_release.FORMAT.kind, {}) for each in databases])
    visible: dict[str, Stated] = {}
    found: list[tuple[int, Found]] = []
    for layer in sorted(changes):
        _apply(changes[layer], visible)
        distribution = os_release.distribution(visible)
        if distribution is not None:
            found.append((layer, distribution))
    return found


def accounts_by_layer(tree: Tree, databases: Sequence[LayerDatabases]) -> list[tuple[int, Accounts]]:
    """Returns the accounts with the layers from which they count."""
    changes = _changes(tree, [each.files.get(accounts.FORMAT.kind, {}) for each in databases])
    visible: dict[str, Stated] = {}
    found: list[tuple[int, Accounts]] = []
    for layer in sorted(changes):
        _apply(changes[layer], visible)
        found.append((layer, accounts.accounts_of(visible)))
    return found


def _with_distribution(package: Package, distributions: Sequence[tuple[int, Found]]) -> Package:
    """Returns a package with the distribution of its layer, or else with the first."""
    if package.kind not in SYSTEM_KINDS:
        return package
    earlier = [found for layer, found in distributions if layer <= package.installed_in]
    found = earlier[-1] if earlier else distributions[0][1]
    return replace(package, namespace=found.name, distribution="-".join(filter(None, (found.name, found.version))))


def _apply(changes: Mapping[str, Stated | None], visible: dict[str, Stated]) -> None:
    """Changes the visible files as a layer does."""
    for path, stated in changes.items():
        if stated is None:
            visible.pop(path, None)
        else:
            visible[path] = stated


def _changes(tree: Tree, files: Sequence[Mapping[str, Stated]]) -> dict[int, dict[str, Stated | None]]:
    """Returns the database files that each layer brings, and None for those it hides.

    A file that could not be read leaves what is known from below.
    """
    changes: defaultdict[int, dict[str, Stated | None]] = defaultdict(dict)
    for path in dict.fromkeys(path for paths in files for path in paths):
        node = tree.find(path)
        for layer, entry in node.history if node is not None else ():
            if entry is None or not entry.kind.has_content:
                changes[layer][path] = None
            elif path in files[layer]:
                changes[layer][path] = files[layer][path]
            elif changes.get(layer, {}).get(path, ()) is None:
                # The same layer hid the file and brought another.
                del changes[layer][path]
    return changes


def _with_places(installed: Iterable[Found], files: Mapping[str, Stated]) -> Iterator[tuple[Found, str]]:
    """Yields packages with the paths of the files that state them."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for path, stated in files.items():
        for found in stated:
            if found.name:
                places.setdefault(found[:3], []).append(path)
    for paths in places.values():
        paths.reverse()
    for found in installed:
        named = places.get(found[:3], [""])
        # Equal packages of several files come in the order of the files.
        yield found, named.pop() if len(named) > 1 else named[0]


class _Ledger:
    """Follows the packages of one kind from layer to layer."""

    def __init__(
        self,
        kind: str,
        rank: int,
        layer_count: int,
        packages: list[Package],
        holdings: list[Holding],
        own_files: InfoFiles | None,
    ) -> None:
        self._kind = kind
        self._rank = rank
        self._end = layer_count
        self._own_files = own_files
        self._packages = packages
        self._holdings = holdings
        self._installed: dict[tuple[_Key, str], _Installed] = {}

    def at_layer(self, layer: int, installed: Iterable[tuple[Found, str]]) -> None:
        """Compares the packages after a layer with those before it."""
        before, self._installed = self._installed, {}
        new: list[_Installed] = []
        for found, place in installed:
            key = (found.namespace, found.name, found.architecture, place)
            identity = (key, found.version)
            if identity in self._installed:
                continue
            known = before.pop(identity, None)
            if known is None:
                known = _Installed(key, found.version, layer, len(self._packages), found.paths, layer)
                self._packages.append(_package(self._kind, known))
                new.append(known)
            elif known.paths != found.paths:
                self._hold(known, layer)
                known.paths, known.paths_since = found.paths, layer
            self._installed[identity] = known
        gone = _Gone(before.values())
        for each in new:
            # Those with the same place replace each other first, because others of the name may be elsewhere.
            old = gone.taken(each.key)
            if old is not None:
                each.upgraded_from = old.version
                self._remove(old, layer, each.version)
        for old in gone.rest():
            self._remove(old, layer, "")

    def finish(self) -> None:
        """Ends the work after the last layer."""
        for each in self._installed.values():
            self._hold(each, self._end)
            self._packages[each.number] = _package(self._kind, each)

    def _remove(self, old: _Installed, layer: int, upgraded_to: str) -> None:
        self._hold(old, layer)
        self._packages[old.number] = _package(self._kind, old, layer, upgraded_to)

    def _hold(self, each: _Installed, end: int) -> None:
        paths = each.paths
        if self._own_files is not None:
            paths += self._own_files.of_package(*each.key[1:])
        if paths and each.paths_since < end:
            self._holdings.append(Holding(each.number, self._rank, paths, each.paths_since, end))


class _Gone:
    """Packages that a layer no longer has.

    A hostile image has thousands of the same name, so each is found without a look at the others.
    """

    def __init__(self, packages: Iterable[_Installed]) -> None:
        self._left: dict[int, _Installed] = {}
        self._by_key: dict[tuple[str, ...], deque[_Installed]] = {}
        for each in packages:
            self._left[each.number] = each
            for key in (each.key, each.key[:3]):
                self._by_key.setdefault(key, deque()).append(each)

    def taken(self, key: _Key) -> _Installed | None:
        """Takes out the first package in the same file, or else the first of the name."""
        for candidates in (self._by_key.get(key), self._by_key.get(key[:3])):
            while candidates:
                each = candidates.popleft()
                if self._left.pop(each.number, None) is not None:
                    return each
        return None

    def rest(self) -> Iterable[_Installed]:
        """Returns the packages that were not taken out."""
        return self._left.values()


def _package(kind: str, each: _Installed, removed_in: int | None = None, upgraded_to: str = "") -> Package:
    namespace, name, architecture, place = each.key
    return Package(
        kind,
        _shown(name),
        _shown(each.version),
        _shown(architecture),
        _shown(namespace),
        printable(f"/{place}"),
        each.installed_in,
        removed_in,
        _shown(each.upgraded_from),
        _shown(upgraded_to),
    )


def _shown(text: str) -> str:
    return printable(text[:MAX_NAME_CHARS])
