"""The packages of wasted files: groups of them, and their names in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from explorer.analysis.fixes.actions import UNINSTALL
from explorer.analysis.fixes.fix import Fix
from explorer.text.units import counted, percent, size
from explorer.text.words import UNOWNED_FILES
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_groups import Group, buckets

if TYPE_CHECKING:
    from explorer.analysis.packages.package import Package

Layers = tuple[int, int]
"""The layer that ships and the one that hides."""
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


def package_title(packages: Sequence[Package]) -> str:
    """Returns the name of the package of a row, or the name of the unowned files."""
    return packages[0].name_and_version if packages else UNOWNED_FILES


def removed_together(files: WasteFiles, groups: Iterable[Group]) -> Mapping[Layers, str]:
    """Returns words about the packages that the same layers ship and hide.

    A package that is alone there needs no words, nor one with files of other layers.
    """
    by_layers: dict[Layers, list[Group]] = {}
    for group in groups:
        if group.packages and group.shipped_in is not None and group.hidden_in is not None:
            by_layers.setdefault((group.shipped_in, group.hidden_in), []).append(group)
    words: dict[Layers, str] = {}
    for layers, together in by_layers.items():
        if len(together) > 1:
            packages = packages_of(files, [index for group in together for index in group.members])
            bytes_ = sum(group.bytes for group in together)
            share = percent(bytes_ / files.usage.wasted_bytes)
            more = counted(len(packages) - 1, "more package")
            words[layers] = f"{packages[0].full_name} and {more}: {size(bytes_)}, {share} of the waste"
    return words


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


def by_package(files: WasteFiles, group: Group) -> Iterator[Group]:
    """Yields a group for each package, and one for the unowned files.

    Layers that ship and hide all of the files are the group's.
    """
    owners, wasted = files.owners, files.wasted
    for members in buckets(group.members, lambda index: id(owners[index])).values():
        owner = owners[members[0]]
        parts = () if owner is None else (owner.kind, owner.full_name, owner.version, owner.place, owner.installed_in)
        pairs = {wasted[index].layers for index in members}
        shipped_in, hidden_in = next(iter(pairs)) if len(pairs) == 1 else (None, None)
        packages = () if owner is None else (owner,)
        yield Group(("package", *parts), members, files.total(members), None, shipped_in, hidden_in, packages=packages)
