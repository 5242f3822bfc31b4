"""The owner of a path at a layer: links, precedence, and changes of either."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer.analysis.packages.owners import UNOWNED, Owners
from explorer.analysis.packages.package_history import Holding
from explorer.errors import Cancelled
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.images import directory, explored_layers, file, layer, merged, symlink, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.layers.tree import Tree


def owner(tree: Tree, path: str, layer: int, *holdings: Holding) -> int:
    """Returns the number of the package that owns a path."""
    node = tree.find(path)
    assert node is not None
    return Owners(tree, holdings).owner(node, layer)


def has(package: int, *paths: str, rank: int = 0, start: int = 0, end: int = 9) -> Holding:
    """Returns the paths of a package, by default at all layers."""
    return Holding(package, rank, paths, start, end)


def test_listed_paths_lead_through_links() -> None:
    """A list may name a path below a directory that is a link, as /lib is on a merged /usr."""
    tree = merged(
        layer(symlink("lib", "usr/lib"), file("usr/lib/libc.so"), symlink("sbin", "/lib/../bin"), file("usr/bin/x"))
    )
    assert owner(tree, "usr/lib/libc.so", 0, has(7, "lib/libc.so")) == 7
    assert owner(tree, "usr/bin/x", 0, has(7, "sbin/x")) == 7
    assert owner(tree, "lib", 0, has(7, "lib")) == 7


def test_links_that_lead_in_a_circle_lead_nowhere() -> None:
    """Circles and links to what is not there own nothing."""
    tree = merged(layer(symlink("a", "b"), symlink("b", "a"), symlink("c", "gone/deep"), file("f")))
    assert owner(tree, "f", 0, has(1, "a/f", "b/f", "c/f", "../a/f")) == UNOWNED


def test_a_directory_that_becomes_a_link_leads_elsewhere() -> None:
    """The same list owns the files of the directory first, and later those that the link leads to."""
    tree = merged(layer(file("lib/x"), file("usr/lib/x")), layer(whiteout("lib")), layer(symlink("lib", "usr/lib")))
    holdings = [has(4, "lib/x")]
    assert [owner(tree, "lib/x", number, *holdings) for number in range(2)] == [4, 4]
    assert [owner(tree, "usr/lib/x", number, *holdings) for number in range(3)] == [UNOWNED, UNOWNED, 4]


def test_packages_of_the_system_have_precedence() -> None:
    """A listed path comes before a directory, an earlier kind before a later one, a nearer directory before others."""
    tree = merged(layer(file("usr/lib/node/deep/x"), file("usr/lib/node/y")))
    below, deeper, exact = (
        has(1, "usr/lib/node/", rank=2),
        has(2, "usr/lib/node/deep/", rank=2),
        has(3, "usr/lib/node/y"),
    )
    assert owner(tree, "usr/lib/node/deep/x", 0, below, deeper) == 2
    assert owner(tree, "usr/lib/node/y", 0, below, deeper) == 1
    assert owner(tree, "usr/lib/node/y", 0, below, exact) == 3
    assert owner(tree, "usr/lib/node/y", 0, has(5, "usr/lib/node/y", rank=1), exact) == 3


def test_a_package_owns_only_while_it_is_there() -> None:
    """A path belongs to a package from the layer that installs it to the one that removes it."""
    tree = merged(layer(file("x")), layer(file("x", b"2")), layer(file("x", b"3")))
    assert [owner(tree, "x", number, has(1, "x", start=1, end=2)) for number in range(3)] == [UNOWNED, 1, UNOWNED]


def test_nobody_owns_the_root(tmp_path: Path) -> None:
    """A package with the root as its directory does not own the image, and unlisted files belong to nobody."""
    image = explored_layers(
        tmp_path, layer(dpkg_status({"p": "1"}), dpkg_list("p", ["/usr/x"]), file("usr/x"), directory("d"), file("y"))
    )
    tree, packages = image.tree, image.packages
    nodes = [tree.find("usr/x"), tree.find("y")]
    assert [packages.owner(node, 0) is not None for node in nodes if node] == [True, False]
    assert owner(tree, "y", 0, has(1, "/", "usr/x/..//")) == UNOWNED


def test_dpkgs_files_about_a_package_are_its_own(tmp_path: Path) -> None:
    """The list, the scripts and a distroless file are of the package that they are about; the status is unowned."""
    image = explored_layers(
        tmp_path,
        layer(
            dpkg_status({"p": "1"}),
            dpkg_list("p:amd64", ["/x"]),
            file("var/lib/dpkg/info/p.postinst"),
            file("var/lib/dpkg/info/pq.postinst"),
            file("var/lib/dpkg/status.d/base", b"Package: base\nVersion: 1\n"),
            file("var/lib/dpkg/status.d/base.md5sums"),
        ),
    )
    owned = {}
    info = ("info/p:amd64.list", "info/p.postinst", "info/pq.postinst")
    for name in ("status", *info, "status.d/base", "status.d/base.md5sums"):
        node = image.tree.find(f"var/lib/dpkg/{name}")
        package = image.packages.owner(node, 0) if node else None
        owned[name] = package.name if package else ""
    assert list(owned.values()) == ["", "p", "p", "", "base", "base"]


def test_many_packages_with_one_path_cost_little() -> None:
    """Claims that another one has precedence over for all their layers are not kept."""
    tree = merged(layer(file("d/x")), layer(file("d/x", b"2")))
    others = [has(number, "d/x", "d/", start=number % 2) for number in range(1, 1000)]
    owners = Owners(tree, [has(0, "d/x", "d/"), *others])
    assert len(owners._exact) == len(owners._below) == 1
    assert not any(isinstance(known, list) for known in (*owners._exact.values(), *owners._below.values()))
    assert owner(tree, "d/x", 1, has(5, "d/x", start=1), has(3, "d/x", end=1), has(7, "d/x")) == 5
    assert owner(tree, "d/x", 0, has(5, "d/x", start=1), has(3, "d/x", end=1), has(7, "d/x")) == 3


def test_link_changes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of paths, links that change lead nowhere else."""
    tree = merged(layer(file("lib/x"), file("usr/lib/x")), layer(whiteout("lib")), layer(symlink("lib", "usr/lib")))
    monkeypatch.setattr("explorer.analysis.packages.owners._MAX_PATHS", 1)
    assert owner(tree, "usr/lib/x", 2, has(4, "lib/x")) == UNOWNED


def test_the_work_can_be_stopped() -> None:
    """The callback may raise for each layer."""

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        Owners(merged(layer(file("x"))), [], stop)
