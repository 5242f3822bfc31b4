"""The packages of wasted files: groups of them, and their names in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explorer.analysis.fixes.actions import UNINSTALL
from explorer.analysis.fixes.fix import Fix
from explorer.text.units import counted
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_groups import Group, buckets

if TYPE_CHECKING:
    from explorer.analysis.packages.package import Package

_MAX_NAMES = 2


def packages_of(files: WasteFiles, members: Sequence[int]) -> Sequence[Package]:
    """Returns the packages of wasted files, the largest waste first.

    Packages that the command of their layer names come before those that these need.
    """
    bytes_of: dict[int, int] = {}
    packages: dict[int, Package] = {}
    for index in members:
        owner = files.owners[index]
        if owner is not None:
            packages[id(owner)] = owner
            bytes_of[id(owner)] = bytes_of.get(id(owner), 0) + files.bytes[index]
    steps, layers = files.build_steps, {package.installed_in for package in packages.values()}
    named = {layer: frozenset(steps[layer].text.split()) for layer in layers if layer < len(steps)}

    def order(package: Package) -> tuple[bool, int]:
        return package.name not in named.get(package.installed_in, ()), -bytes_of[id(package)]

    return sorted(packages.values(), key=order)


def first_and_more(packages: Sequence[Package]) -> str:
    """Returns the first package, and the number of the others."""
    first, rest = packages[0], len(packages) - 1
    if not rest:
        return first.name_and_version
    return f"{first.full_name} and {counted(rest, 'more package')}"


def names_of(packages: Sequence[Package]) -> str:
    """Returns the first names, and the number of the others."""
    names, rest = [package.full_name for package in packages[:_MAX_NAMES]], len(packages) - _MAX_NAMES
    return ", ".join(names) + f" and {rest:,} more" if rest > 0 else " and ".join(names)


def removed_packages(files: WasteFiles, fix: Fix) -> str:
    """Returns the names of the packages that a fix removes.

    Empty if it is another fix, or while they are not known.
    """
    if files.packages is None or fix.id.rpartition("-")[0] != UNINSTALL:
        return ""
    names = files.package_names.get(fix.id)
    if names is None:
        names = names_of(packages_of(files, files.members_by_fix[files.fixes.index(fix)]))
        files.package_names[fix.id] = names
    return names


def by_packages(files: WasteFiles, group: Group) -> Iterator[Group]:
    """Yields a group for each pair of layers, and one for the unowned files there."""
    wasted, owners = files.wasted, files.owners
    together = buckets(group.members, lambda index: (*wasted[index].layers, owners[index] is not None))
    for (shipped_in, hidden_in, is_owned), members in together.items():
        packages = packages_of(files, members) if is_owned else ()
        key = ("packages", shipped_in, hidden_in, is_owned)
        yield Group(key, members, files.total(members), None, shipped_in, hidden_in, packages=packages)


def by_package(files: WasteFiles, group: Group) -> Iterator[Group]:
    """Yields a group for each package."""
    owners, packages = files.owners, {id(package): package for package in group.packages or ()}
    for number, members in buckets(group.members, lambda index: id(owners[index])).items():
        package = packages[number]
        key = (*group.key, package.kind, package.full_name, package.version, package.place)
        total = files.total(members)
        yield Group(key, members, total, None, group.shipped_in, group.hidden_in, packages=(package,))
