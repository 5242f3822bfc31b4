"""Files that differ because their package has another version."""

from __future__ import annotations

import re
from functools import cached_property

from explorer.analysis.image_diff.file_changes import FileChange
from explorer.analysis.image_diff.rebuilds.causes import Evidence
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.analysis.packages.package import Package
from explorer.layers.tree import Tree, Version

_DATABASE = re.compile(r"var/lib/(dpkg|rpm|pacman)/.+|(usr/)?lib/apk/db/.+|usr/(lib/sysimage|share)/rpm/.+")
_Key = tuple[str, str]
"""Kind and full name."""


class ChangedPackages:
    """Tells for a file if another version of its package explains the difference."""

    def __init__(self, old: tuple[Tree, ImagePackages], new: tuple[Tree, ImagePackages]) -> None:
        """Takes the merged tree and the packages of both images."""
        self._old, self._new = old, new

    def cause(self, change: FileChange) -> Evidence | None:
        """Returns the package of a file with its versions; None if they are equal."""
        if not self._differs:
            return None
        before, after = _owner(self._old, change.old), _owner(self._new, change.new)
        if before is not None and after is not None:
            if _key(before) != _key(after) or before.version == after.version:
                return None
            return Evidence("package", f"{before.full_name} {before.version} → {after.version}")
        owner = before or after
        if owner is not None and (*_key(owner), owner.version) in self._differs:
            return Evidence("package", f"{owner.name_and_version} only in the {'old' if before else 'new'} image")
        return Evidence("package", "database of packages") if _DATABASE.fullmatch(change.path) else None

    @cached_property
    def _differs(self) -> set[tuple[str, str, str]]:
        """Kind, name and version of the packages that only one image has."""
        return _versions(self._old[1]) ^ _versions(self._new[1])


def _versions(packages: ImagePackages) -> set[tuple[str, str, str]]:
    return {(*_key(usage.package), usage.package.version) for usage in packages.usages}


def _key(package: Package) -> _Key:
    return package.kind, package.full_name


def _owner(image: tuple[Tree, ImagePackages], version: Version | None) -> Package | None:
    tree, packages = image
    node = tree.find(version.entry.path) if version is not None and version.entry is not None else None
    return packages.owner(node, version.layer) if node is not None and version is not None else None
