"""The packages of two images whose files are in one tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.analysis.packages.image_packages import ImagePackages
from explorer.analysis.packages.package import Package
from explorer.layers.tree import Node, Tree


@dataclass(frozen=True)
class JoinedPackages(ImagePackages):
    """The packages of two images, which are the two layers of a tree."""

    images: tuple[tuple[ImagePackages, Tree], tuple[ImagePackages, Tree]]
    """The packages and the tree of the old and of the new image."""

    def owner(self, node: Node, layer: int) -> Package | None:
        """Returns the package that owns a path in one of the images, if any."""
        return self.owners_at(layer)(node)

    def owners_at(self, layer: int) -> Callable[[Node], Package | None]:
        """Returns a function that finds the owner of a path in one of the images."""
        packages, tree = self.images[min(max(layer, 0), 1)]
        owner, find = packages.owners_at(tree.top), tree.find

        def owner_of_twin(node: Node) -> Package | None:
            twin = find(node.path)
            return owner(twin) if twin is not None else None

        return owner_of_twin


def joined_packages(old: ImagePackages, old_tree: Tree, new: ImagePackages, new_tree: Tree) -> JoinedPackages:
    """Returns the packages of two images with their owners in the joined tree."""
    return JoinedPackages(
        usages=[*old.usages, *new.usages],
        unowned=new.unowned,
        problems=(),
        needs_fetch=False,
        waste_owners=(),
        _packages=(),
        _owners=new._owners,
        _accounts=(),
        images=((old, old_tree), (new, new_tree)),
    )
