"""The owner of each path at each layer, by the databases of that layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from explorer.analysis.packages.package_history import Holding
from explorer.layers.tree import Node, Tree
from explorer.model import Kind

_MAX_LINKS = 40
"""Links that are followed one after the other, as by the kernel."""
_MAX_DEPTH = 300
"""Directories of a path, and of the links in it, that are followed."""
_MAX_PATHS = 10_000_000
"""Listed paths after which links that change lead nowhere else; a hostile image changes some in each layer."""
UNOWNED = -1
"""The owner of files that no package has."""

_Holdings = Holding | list[Holding]


class Owners:
    """Tells which package owns a path.

    A path that a package lists belongs to it. Else it belongs to the package with the nearest directory above it. Kinds
    of operating systems have precedence, then the package that was found first.
    """

    def __init__(
        self, tree: Tree, holdings: Iterable[Holding], on_progress: Callable[[], object] = lambda: None
    ) -> None:
        """Finds the paths of packages in the tree.

        ``on_progress`` is called for each layer; it may raise to stop the work.
        """
        self._tree = tree
        self._on_progress = on_progress
        self._path_count = 0
        self._exact: dict[Node, _Holdings] = {}
        self._below: dict[Node, _Holdings] = {}
        self._claim_all(sorted(holdings, key=lambda holding: (holding.start, holding.rank, holding.package)))

    def owner(self, node: Node, layer: int) -> int:
        """Returns the number of the package that owns a path at a layer, or UNOWNED."""
        exact = self.exact_owner(node, layer)
        if exact != UNOWNED:
            return exact
        for directory in node.ancestors():
            if directory in self._below:
                owner = _active(self._below[directory], layer)
                if owner != UNOWNED:
                    return owner
        return UNOWNED

    def exact_owner(self, node: Node, layer: int) -> int:
        """Returns the package that lists a path itself."""
        holdings = self._exact.get(node)
        return UNOWNED if holdings is None else _active(holdings, layer)

    def exact_owners(self, layer: int) -> Mapping[Node, int]:
        """Returns the package that lists a path at a layer, for all paths that one lists."""
        owners: dict[Node, int] = {}
        for node, holdings in self._exact.items():
            # Most paths have one package, and a call for each of them takes longer than all the rest.
            if holdings.__class__ is Holding:
                package, _, _, start, end = holdings
                if start <= layer < end:
                    owners[node] = package
            elif (owner := _active(holdings, layer)) != UNOWNED:
                owners[node] = owner
        return owners

    def directory_owner(self, directory: Node, layer: int) -> int:
        """Returns the package that has everything below a directory."""
        holdings = self._below.get(directory)
        return UNOWNED if holdings is None else _active(holdings, layer)

    def at_layer(self, layer: int) -> Callable[[Node], int]:
        """Returns a function like ``owner`` at one layer, which is faster for many paths."""
        inherited: dict[Node, int] = {}

        def owner_above(node: Node) -> int:
            passed: list[Node] = []
            owner = UNOWNED
            for directory in node.ancestors():
                known = inherited.get(directory)
                owner = self.directory_owner(directory, layer) if known is None else known
                if known is not None or owner != UNOWNED:
                    break
                passed.append(directory)
            inherited.update(dict.fromkeys(passed, owner))
            return owner

        def owner(node: Node) -> int:
            exact = self.exact_owner(node, layer)
            return owner_above(node) if exact == UNOWNED else exact

        return owner

    def _claim_all(self, holdings: Sequence[Holding]) -> None:
        """Claims the paths of packages, at the layer from which each of them has them."""
        starting: dict[int, list[Holding]] = {}
        for holding in holdings:
            starting.setdefault(holding.start, []).append(holding)
        active: list[Holding] = []
        directories = _Directories(self._tree, 0)
        for layer in range(len(self._tree.layers)):
            self._on_progress()
            new = starting.get(layer, [])
            if active and self._path_count < _MAX_PATHS and directories.change_in(layer):
                # A directory became a link, or a link a directory: then the same paths lead elsewhere.
                new = [holding._replace(start=layer) for holding in active if holding.end > layer] + new
                active = []
                directories = _Directories(self._tree, layer)
            directories.layer = layer
            for holding in new:
                self._claim(holding, directories)
            active += new

    def _claim(self, holding: Holding, directories: _Directories) -> None:
        self._path_count += len(holding.paths)
        exact = self._exact
        last_parent, children = None, None
        for path in holding.paths:
            parent, _, name = path.rstrip("/").rpartition("/")
            # The paths of a directory follow each other.
            if parent != last_parent:
                directory = directories.find(parent)
                last_parent, children = parent, directory.children if directory is not None else None
            node = children.get(name) if children else None
            if node is None:
                continue
            if path[-1] == "/":
                node = directories.find(path.rstrip("/"))
                if node is not None and node.parent is not None:
                    _put(self._below, node, holding)
            elif exact.setdefault(node, holding) is not holding:
                _put(exact, node, holding)


def _put(claims: dict[Node, _Holdings], node: Node, holding: Holding) -> None:
    known = claims.setdefault(node, holding)
    if known is holding:
        return
    before = known if isinstance(known, list) else [known]
    # Otherwise thousands of packages with the same path would make each look at it slow.
    if any(each.end >= holding.end and _precedence(each) <= _precedence(holding) for each in before):
        return
    claims[node] = [*before, holding]


def _precedence(holding: Holding) -> tuple[int, int]:
    return holding.rank, holding.package


def _active(holdings: _Holdings, layer: int) -> int:
    """Returns the package that has precedence at a layer."""
    if isinstance(holdings, Holding):
        return holdings.package if holdings.start <= layer < holdings.end else UNOWNED
    active = [holding for holding in holdings if holding.start <= layer < holding.end]
    return min(active, key=_precedence).package if active else UNOWNED


class _Directories:
    """Finds the directories of listed paths at a layer, through symbolic links."""

    def __init__(self, tree: Tree, layer: int) -> None:
        self.layer = layer
        self._tree = tree
        self._found: dict[str, Node | None] = {"": tree.root}
        self._passed: set[Node] = set()
        """Nodes on the way to the directories; a change of one of their kinds leads elsewhere."""

    def find(self, path: str) -> Node | None:
        """Returns the node to which a directory's path leads; None if no layer has it."""
        if path not in self._found:
            self._found[path] = self._resolved(path)
        return self._found[path]

    def change_in(self, layer: int) -> bool:
        """True if a layer turns a directory on the way into a link, or the reverse."""
        return any(
            node in self._passed and _is_link(node, layer) != _is_link(node, layer - 1)
            for node in self._tree.touched[layer]
        )

    def _resolved(self, path: str) -> Node | None:
        parent, _, last = path.rpartition("/")
        at = self._found.get(parent)
        names = [last]
        if at is None:
            at, names = self._tree.root, list(reversed(path.split("/")))
        links = 0
        while names:
            name = names.pop()
            if name in ("", "."):
                continue
            if name == "..":
                at = at.parent or self._tree.root
                continue
            child = at.children.get(name) if at.children else None
            if child is None:
                return None
            self._passed.add(child)
            entry = child.entry_at(self.layer)
            if entry is None or entry.kind is not Kind.SYMLINK:
                at = child
                continue
            links += 1
            if links > _MAX_LINKS or len(names) + entry.link.count("/") > _MAX_DEPTH:
                return None
            names += reversed(entry.link.split("/"))
            at = self._tree.root if entry.link.startswith("/") else at
        return at


def _is_link(node: Node, layer: int) -> bool:
    entry = node.entry_at(layer) if layer >= 0 else None
    return entry is not None and entry.kind is Kind.SYMLINK
