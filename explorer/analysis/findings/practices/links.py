"""Symbolic links that lead to nothing in an image."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from explorer.layers.tree import Node, Tree
from explorer.model import Kind

_MAX_LINKS = 40
"""Links that are followed one after the other, as by the kernel."""
_MAX_NAMES = 300
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
    outside = (*_RUN_TIME, *(volume.strip("/") for volume in volumes))
    path = posixpath.join(entry.path.rpartition("/")[0], entry.link)
    names = list(reversed(path.split("/")))
    at, links = tree.root, 0
    while names:
        name = names.pop()
        if name in ("", "."):
            continue
        if name == "..":
            at = at.parent or tree.root
            continue
        child = (at.children or {}).get(name)
        target = child.history[-1].entry if child is not None else None
        if child is None or target is None:
            place = f"{at.path}/{name}/{'/'.join(reversed(names))}".lstrip("/")
            return not any(f"{place}/".startswith(f"{directory}/") for directory in outside)
        if target.kind is Kind.SYMLINK:
            links += 1
            if links > _MAX_LINKS or len(names) + target.link.count("/") > _MAX_NAMES:
                return False
            names += reversed(target.link.split("/"))
            at = tree.root if target.link.startswith("/") else at
        else:
            at = child
    return False
