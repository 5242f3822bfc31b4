"""Finds the disposable files that a container of the image sees."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.disposables.kinds import KINDS
from explorer.layers.tree import Node, Tree
from explorer.model import Entry, Kind

_FILE_KIND, _HARDLINK = Kind.FILE, Kind.HARDLINK


class Disposable(NamedTuple):
    """A visible file that a container is not expected to need."""

    path: str
    bytes: int
    kind: str
    """The key in ``KINDS``."""
    shipped_in: int
    """Number of the layer that ships what is visible."""

    @property
    def layers(self) -> tuple[int]:
        """Number of the layer that ships the file."""
        return (self.shipped_in,)


_COMPILERS = tuple(
    f"{directory}/{name}" for directory in ("usr/bin", "usr/local/bin") for name in ("gcc", "cc", "clang", "g++", "c++")
)
"""An image with one of these builds programs."""
_DISPOSABLE_KINDS = {key: kind for key, kind in KINDS.items() if kind.is_disposable}
_DIRECTORY = re.compile(
    "|".join(f"(?P<{key}>{kind.directories})" for key, kind in _DISPOSABLE_KINDS.items() if kind.directories), re.DOTALL
)
_FILE = re.compile("|".join(f"(?P<{key}>{kind.files})" for key, kind in KINDS.items() if kind.files), re.DOTALL)
_FILE_STARTS = ("core.",)
_FILE_ENDS = (
    *(".a", ".pyc", ".pyo", ".log", ".db", ".hprof", ".orig", ".rej", ".swo", ".swp", ".coverage", ".DS_Store"),
    *("ignore", "attributes", "~", "#"),
)
"""Each name that ``_FILE`` matches has one of these. A regular expression for each file takes ten times as long."""


def disposables(tree: Tree, is_wanted: Callable[[str], bool] | None = None) -> tuple[Disposable, ...]:
    """Returns the disposable files, largest first, then by path.

    An inode with several names is disposable if all its visible names are. ``is_wanted`` tells paths that are needed.
    """
    has_compiler = any(_is_visible(tree.find(path)) for path in _COMPILERS)
    found: list[Disposable] = []
    linked: defaultdict[tuple[int, int], list[Disposable]] = defaultdict(list)
    for kind, node, entry in _candidates(tree):
        if not entry.size or (has_compiler and KINDS[kind].needs_no_compiler) or not _has_source(kind, node):
            continue
        if is_wanted is not None and is_wanted(entry.path):
            continue
        layer = node.history[-1].layer
        disposable = Disposable(entry.path, entry.size, kind, layer)
        if tree.linked and (layer, entry.inode) in tree.linked:
            linked[layer, entry.inode].append(disposable)
        else:
            found.append(disposable)
    for (layer, inode), names in linked.items():
        visible = sum(_shows(name.node, layer, name.entry) for name in tree.linked[layer, inode])
        if len(names) == visible:
            found.append(min(names))
    found.sort(key=lambda disposable: (-disposable.bytes, disposable.path))
    return tuple(found)


def nodes_of(tree: Tree, found: Iterable[Disposable]) -> frozenset[Node]:
    """Returns the nodes of disposable files, one for each visible name of an inode."""
    return frozenset(
        name
        for disposable in found
        for name in names_of(tree, disposable)
        if _is_visible(name) and name.history[-1].layer == disposable.shipped_in
    )


def names_of(tree: Tree, disposable: Disposable) -> Sequence[Node]:
    """Returns the nodes of all names of a disposable file, also of hidden ones."""
    node = tree.find(disposable.path)
    if node is None:
        return ()
    entry = node.history[-1].entry
    names = tree.linked.get((disposable.shipped_in, entry.inode)) if entry is not None and tree.linked else None
    return [name.node for name in names] if names else [node]


def root_of(path: str) -> str:
    """Returns the directory that makes a file disposable, or the file itself."""
    end = path.find("/")
    while end >= 0:
        if _DIRECTORY.fullmatch(path, 0, end + 1):
            return path[:end]
        end = path.find("/", end + 1)
    return path


def kind_of_directory(path: str) -> str:
    """Returns the kind of a directory, which ends in a slash; maybe empty."""
    match = _DIRECTORY.fullmatch(path)
    return (match.lastgroup or "") if match else ""


def kind_of_name(name: str) -> str:
    """Returns the kind that a file's name tells in any directory; maybe empty."""
    if not name.endswith(_FILE_ENDS) and not name.startswith(_FILE_STARTS):
        return ""
    match = _FILE.fullmatch(name)
    return (match.lastgroup or "") if match else ""


def _candidates(tree: Tree) -> Iterator[tuple[str, Node, Entry]]:
    """Yields the kind, the node and the entry of each file of a known kind."""
    waiting = [(tree.root, "", "")]
    while waiting:
        directory, path, kind = waiting.pop()
        for name, node in (directory.children or {}).items():
            entry = node.history[-1].entry
            if entry is None:
                continue
            # Not ``has_content``, because a call for each file takes as long as all the rest.
            if entry.kind is _FILE_KIND or entry.kind is _HARDLINK:
                file_kind = kind or kind_of_name(name)
                if file_kind:
                    yield file_kind, node, entry
            elif node.children:
                below = f"{path}{name}/"
                waiting.append((node, below, kind or kind_of_directory(below)))


def _has_source(kind: str, node: Node) -> bool:
    """True unless the file is bytecode without its source."""
    if kind != "bytecode":
        return True
    directory = node.parent
    if directory is not None and directory.name == "__pycache__":
        directory = directory.parent
    source = f"{node.name.partition('.')[0]}.py"
    return directory is not None and _is_visible((directory.children or {}).get(source))


def _is_visible(node: Node | None) -> bool:
    return node is not None and node.history[-1].entry is not None


def _shows(node: Node, layer: int, entry: Entry) -> bool:
    """True if a path still shows this entry of a layer."""
    last = node.history[-1]
    return last.layer == layer and last.entry is not None and last.entry.inode == entry.inode
