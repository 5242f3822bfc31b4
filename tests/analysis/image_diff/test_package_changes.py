"""The packages that differ between two images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from explorer.analysis.image_diff.package_changes import PackageChange, package_changes
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.analysis.packages.owners import Owners
from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_usage import FileUsage, LayerShare, PackageUsage
from explorer.analysis.packages.version_order import is_newer
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.image_pairs import compared_layers
from tests.images import big, layer, merged


def usage(
    name: str, version: str, count: int = 10, *, kind: str = "deb", arch: str = "amd64", place: str = "/db"
) -> PackageUsage:
    """Returns a package with bytes."""
    return PackageUsage(Package(kind, name, version, arch, "", place, 0), {0: LayerShare(1, count)})


def packages(*usages: PackageUsage) -> ImagePackages:
    """Returns the packages of an image."""
    return ImagePackages(usages, FileUsage(None), [], False, [], [], Owners(merged(), []), [])


def changes(old: Sequence[PackageUsage], new: Sequence[PackageUsage]) -> list[tuple[str, str, str]]:
    """Returns name, change and versions of the packages that differ, by name."""
    found = package_changes(packages(*old), packages(*new)).changes
    return sorted((each.name, each.change.value, each.versions) for each in found)


def test_each_kind_of_change() -> None:
    """Packages are added, removed, upgraded and downgraded; equal ones are left out."""
    old = [usage("a", "1"), usage("b", "1"), usage("c", "1.10"), usage("d", "2:1"), usage("same", "1")]
    new = [usage("a", "1.2~rc1"), usage("new", "1"), usage("c", "1.9"), usage("d", "10"), usage("same", "1")]
    assert changes(old, new) == [
        ("a", "upgraded", "1 → 1.2~rc1"),
        ("b", "removed", "1"),
        ("c", "downgraded", "1.10 → 1.9"),
        ("d", "downgraded", "2:1 → 10"),
        ("new", "added", "1"),
    ]


def test_the_same_version_with_other_files_is_resized() -> None:
    """A package of the same version counts if its files have another size."""
    (change,) = package_changes(packages(usage("a", "1", 10)), packages(usage("a", "1", 30))).changes
    assert (change.change.value, change.growth, change.versions) == ("resized", 20, "1")


def test_versions_side_by_side() -> None:
    """Several versions of a name are compared one by one, the newest with the newest."""
    assert changes([usage("linux", "5.1")], [usage("linux", "5.1"), usage("linux", "5.2")]) == [
        ("linux", "added", "5.2")
    ]
    assert changes([usage("linux", "5.9"), usage("linux", "5.10")], [usage("linux", "5.11")]) == [
        ("linux", "removed", "5.9"),
        ("linux", "upgraded", "5.10 → 5.11"),
    ]


def test_the_place_pairs_nested_packages() -> None:
    """Copies of a package of npm at several places are compared place by place."""
    old = [usage("ms", "2.0.0", kind="npm", place="/a/ms"), usage("ms", "1.0.0", kind="npm", place="/b/ms")]
    new = [usage("ms", "1.0.1", kind="npm", place="/b/ms"), usage("ms", "2.1.0", kind="npm", place="/a/ms")]
    assert changes(old, new) == [("ms", "upgraded", "1.0.0 → 1.0.1"), ("ms", "upgraded", "2.0.0 → 2.1.0")]


def test_architectures_side_by_side() -> None:
    """One of two architectures is removed; images of two platforms have the same packages."""
    both = [usage("libc6", "1", arch="amd64"), usage("libc6", "1", arch="i386")]
    assert changes(both, both[:1]) == [("libc6", "removed", "1")]
    (change,) = package_changes(packages(both[0]), packages(both[1])).changes
    assert (change.change.value, change.architectures) == ("changed", "amd64 → i386")


def test_kinds_do_not_mix() -> None:
    """Packages of the same name but of two kinds are different packages."""
    found = changes([usage("requests", "1")], [usage("requests", "2", kind="pypi")])
    assert [change for _, change, _ in found] == ["added", "removed"]


@pytest.mark.parametrize(
    ("kind", "old", "new", "newer"),
    [
        ("deb", "1.0-9", "1.0-10", True),
        ("deb", "1.0", "1.0~beta", False),
        ("rpm", "4.18.0-80.el8", "4.18.0-147.el8", True),
        ("apk", "1.2.3-r9", "1.2.3-r10", True),
        ("pypi", "1.0", "1.0rc1", False),
        ("npm", "1.9.0", "1.10.0", True),
        ("gem", "1.9", "1.10", True),
        ("maven", "1.0-alpha-1", "1.0", True),
        ("golang", "v1.9.0", "v1.10.0", True),
        ("cargo", "0.9.0", "0.10.0", True),
        ("conda", "1.9", "1.10", True),
        ("golang", "(devel)", "v1.0.0", None),
        ("pypi", "what ever", "1", None),
        ("pypi", "9" * 5_000, "1", None),
        ("maven", "a1" * 500, "a1" * 499, None),
        ("deb", "1.0", "1.00", None),
        ("other", "1", "2", None),
    ],
)
def test_versions_are_ordered_by_the_rules_of_their_kind(kind: str, old: str, new: str, newer: bool | None) -> None:
    """A version is newer, older, or of unknown order, also if it is hostile."""
    assert is_newer(kind, new, old) is newer


def test_changes_and_unowned_files_add_up(tmp_path: Path) -> None:
    """The growth of packages and of unowned files is that of the visible bytes."""
    old = [
        layer(dpkg_status({"a": "1", "b": "1"}), dpkg_list("a", ["/a"]), dpkg_list("b", ["/b"])),
        layer(big("a", 0.1), big("b", 0.2), big("c", 0.3)),
    ]
    new = [
        layer(dpkg_status({"a": "2", "d": "1"}), dpkg_list("a", ["/a"]), dpkg_list("d", ["/d"])),
        layer(big("a", 0.15), big("c", 0.1), big("d", 0.7)),
    ]
    diff = compared_layers(tmp_path, old, new)
    found = diff.package_changes
    growth = sum(each.growth for each in found.changes) + found.new_unowned_bytes - found.old_unowned_bytes
    assert growth == diff.new.usage.visible_bytes - diff.old.usage.visible_bytes
    assert [each.name for each in found.changes] == ["d", "b", "a"]
    assert (found.old_packages, found.new_packages) == (2, 2)


def test_an_added_package_has_no_bytes_before() -> None:
    """A package of one image alone has no package and no bytes in the other."""
    (change,) = package_changes(packages(), packages(usage("a", "1", 7))).changes
    assert isinstance(change, PackageChange)
    assert (change.old, change.old_bytes, change.new_bytes, change.growth) == (None, 0, 7, 7)
