"""Follows the symbolic links of a merged tree, as the kernel of a container does."""

from __future__ import annotations

from typing import NamedTuple

from explorer.layers.tree import Node, Tree
from explorer.model import Kind

_MAX_LINKS = 40
"""Links that are followed one after the other, as by the kernel."""
_MAX_NAMES = 10_000
"""Names of a path that links may grow to."""


class LinkEnd(NamedTuple):
    """The end of a symbolic link."""

    node: Node | None
    """None if nothing is there, and for a circle."""
    missing_path: str = ""
    """The path with nothing there; empty if there is something, and for a circle."""


def follow_link(tree: Tree, node: Node, link: str, layer: int, max_names: int = _MAX_NAMES) -> LinkEnd:
    """Follows a symbolic link at a layer to its end.

    Args:
        tree: The merged tree.
        node: The node of the link.
        link: Its text.
        layer: The layer up to which a container is made.
        max_names: Limit for the names of a path; a longer one counts as a circle.
    """
    names = _reversed_names(link)
    at = tree.root if link.startswith("/") else node.parent or tree.root
    links = 0
    while names:
        name = names.pop()
        if name == "..":
            at = at.parent or tree.root
            continue
        child = (at.children or {}).get(name)
        entry = child.entry_at(layer) if child is not None else None
        if child is None or entry is None:
            return LinkEnd(None, "/".join((at.path, name, *reversed(names))).lstrip("/"))
        if entry.kind is Kind.SYMLINK:
            links += 1
            names += _reversed_names(entry.link)
            if links > _MAX_LINKS or len(names) > max_names:
                return LinkEnd(None)
            at = tree.root if entry.link.startswith("/") else at
        else:
            at = child
    return LinkEnd(at)


def _reversed_names(path: str) -> list[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]
