"""Symbolic links that lead to nothing in an image."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.layers.tree import Node, Tree
from explorer.layers.tree_links import follow_link

_MAX_NAMES = 300
"""Names of a path that links may grow to; an image may have thousands of links."""
_RUN_TIME = ("proc", "sys", "dev", "run", "var/run", "tmp", "var/tmp", "var/lock", "mnt", "media")
"""Directories that have other contents in a container than in the image."""
_OPTIONAL = ("etc/alternatives/", "usr/share/man/", "usr/share/doc/", "usr/share/locale/", "usr/lib/debug/", "etc/rc")
"""Directories with links to documentation that images leave out."""


def leads_nowhere(tree: Tree, node: Node, volumes: Sequence[str] = ()) -> bool:
    """True if a visible link leads to a path that no container of the image has.

    Args:
        tree: The merged tree.
        node: The link.
        volumes: The paths whose contents are known only to a container.
    """
    entry = node.history[-1].entry
    if entry is None or entry.path.startswith(_OPTIONAL) or not entry.link:
        return False
    missing_path = follow_link(tree, node, entry.link, tree.top, _MAX_NAMES).missing_path
    outside = (*_RUN_TIME, *(volume.strip("/") for volume in volumes))
    return bool(missing_path) and not any(f"{missing_path}/".startswith(f"{directory}/") for directory in outside)
