"""The packages of all layers: which layer installs, upgrades and removes them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.packages.formats import Found, LayerDatabases
from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_history import package_history
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.images import big, explored_layers, file, layer, merged, whiteout

if TYPE_CHECKING:
    from pathlib import Path


def test_layers_install_upgrade_and_remove(tmp_path: Path) -> None:
    """A package is of the first layer whose database has it; a new version replaces the old one in its layer."""
    image = explored_layers(
        tmp_path,
        layer(dpkg_status({"bash": "5", "libc6": "2.36"})),
        layer(dpkg_status({"bash": "5", "libc6": "2.37", "gcc": "12"})),
        layer(file("opt/x", b"x")),
        layer(dpkg_status({"bash": "5", "libc6": "2.37"})),
    )
    packages = [usage.package for usage in image.packages.usages if usage.package]
    stated = {(each.name, each.version): (each.installed_in, each.removed_in) for each in packages}
    assert stated == {
        ("bash", "5"): (0, None),
        ("libc6", "2.36"): (0, 1),
        ("libc6", "2.37"): (1, None),
        ("gcc", "12"): (1, 3),
    }
    upgrades = {each.version: (each.upgraded_from, each.upgraded_to) for each in packages if each.name == "libc6"}
    assert upgrades == {"2.36": ("", "2.37"), "2.37": ("2.36", "")}
    assert {each.purl for each in packages if each.name == "gcc"} == {"pkg:deb/gcc@12?arch=amd64"}


def test_many_packages_of_one_name() -> None:
    """Each is replaced by the one at its own place, or else by any other, and each only once."""
    count = 300
    here, there = ([f"{root}/node_modules/p{number}/package.json" for number in range(count)] for root in "ab")
    layers = [(here, "1"), (here, "2"), (there, "3")]
    databases = [LayerDatabases({"npm": {path: (Found("p", version),) for path in paths}}) for paths, version in layers]
    tars = [layer(*map(file, here)), layer(*map(file, here)), layer(*map(file, there), whiteout("a"))]
    packages = package_history(merged(*tars), databases).packages
    replaced = Counter((each.version, each.upgraded_from, each.upgraded_to) for each in packages)
    assert replaced == {("1", "", "2"): count, ("2", "1", "3"): count, ("3", "2", ""): count}


def test_bytes_belong_to_packages(tmp_path: Path) -> None:
    """Wasted files belong to the package that owned them when they were shipped."""
    image = explored_layers(
        tmp_path,
        layer(
            dpkg_status({"gcc": "12"}),
            dpkg_list("gcc", ["/usr/bin/gcc", "/usr/lib/cc1"]),
            big("usr/bin/gcc", 3),
            big("usr/lib/cc1", 5),
            big("opt/mine", 2),
        ),
        layer(whiteout("usr/lib/cc1"), big("opt/mine", 1, edition=2)),
        layer(dpkg_status({}), whiteout("var/lib/dpkg/info/gcc.list"), whiteout("usr/bin/gcc")),
    )
    (gcc,) = image.packages.usages
    assert (gcc.files, gcc.bytes) == (0, 0)
    assert {layers: size // 1_000_000 for layers, size in gcc.wasted.items()} == {(0, 1): 5, (0, 2): 3}
    assert gcc.bytes + image.packages.unowned.bytes == image.usage.visible_bytes
    assert gcc.wasted_bytes + image.packages.unowned.wasted_bytes == image.usage.wasted_bytes


@pytest.mark.parametrize(
    ("kind", "version", "purl"),
    [
        ("rpm", "2:9.1-3", "pkg:rpm/vim@9.1-3?arch=x86_64&epoch=2"),
        ("rpm", "9.1-3", "pkg:rpm/vim@9.1-3?arch=x86_64"),
        ("deb", "2:9.1-3", "pkg:deb/vim@2:9.1-3?arch=x86_64"),
    ],
)
def test_the_epoch_of_rpm_is_a_qualifier(kind: str, version: str, purl: str) -> None:
    """The specification of package URLs says so; that of dpkg belongs to the version."""
    assert Package(kind, "vim", version, "x86_64", "", "/db", 0).purl == purl
