"""The rows of the panes, without a terminal."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.changes import changes
from explorer.analysis.directories import Directories
from explorer.analysis.path_history import history
from explorer.analysis.sizes import directory_sizes
from explorer.config.settings import Sort
from explorer.layers.tree import Node, Tree
from explorer.model import Change
from explorer.viewmodel import view_cache
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.visible_tree import VisibleTree
from tests.images import directory, explored_layers, file, hardlink, layer, opaque, whiteout

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from explorer.pipeline import Exploration

ALL = Change.ADDED, Change.MODIFIED, Change.REMOVED, Change.UNCHANGED


def listing(explored: Exploration, view: View | None = None) -> VisibleTree:
    tree = explored.tree
    view = view or View(tree.top)
    return VisibleTree.unfiltered(view, Directories(tree), directory_sizes(tree), changes(tree, view.since, view.layer))


def node(tree: Tree, path: str) -> Node:
    found = tree.find(path)
    assert found is not None
    return found


def opened(tree: Tree, *paths: str) -> set[Node]:
    return {node(tree, path) for path in paths}


def shown(found: VisibleTree, open_nodes: Iterable[Node] | None = None) -> list[str]:
    """Each row as its mark, its indent and its name; everything open unless said otherwise."""
    nodes = set(found.nodes.tree.walk()) if open_nodes is None else set(open_nodes)
    marks = {Change.ADDED: "+", Change.MODIFIED: "~", Change.REMOVED: "-", Change.UNCHANGED: " "}
    return [f"{marks[found.nodes.change(row.node)]}{'  ' * row.depth}{row.name}" for row in FileRows(found, nodes)]


@pytest.fixture
def explored(tmp_path: Path) -> Exploration:
    """Two layers that add, change, remove and leave alone."""
    return explored_layers(
        tmp_path,
        layer(
            file("etc/kept", b"12345"), file("etc/changed", b"1"), file("etc/gone", b"123"), file("opt/a", b"1" * 50)
        ),
        layer(file("etc/changed", b"22"), whiteout("etc/gone"), file("new/deep/er/file", b"1" * 70)),
    )


def test_biggest_first(explored: Exploration) -> None:
    """Siblings come largest first, and closed directories hide what is below them."""
    assert shown(listing(explored), []) == ["+new/deep/er", " opt", " etc"]


def test_marks(explored: Exploration) -> None:
    """Each row knows what became of it, also what is gone."""
    assert shown(listing(explored)) == [
        "+new/deep/er",
        "+  file",
        " opt",
        "   a",
        " etc",
        "   kept",
        "-  gone",
        "~  changed",
    ]


def test_opening_one_directory(explored: Exploration) -> None:
    """Only what is below an opened directory joins."""
    assert shown(listing(explored), opened(explored.tree, "opt")) == ["+new/deep/er", " opt", "   a", " etc"]


def test_by_name(explored: Exploration) -> None:
    """Sorted by name, siblings come in the order of their names."""
    assert shown(listing(explored, View(1, sort=Sort.NAME)), opened(explored.tree, "etc")) == [
        " etc",
        "~  changed",
        "-  gone",
        "   kept",
        "+new/deep/er",
        " opt",
    ]


def test_by_change(explored: Exploration) -> None:
    """Sorted by change, what is gone comes first, then the modified, the added, what contains changes, and the rest."""
    found = listing(explored, View(1, sort=Sort.CHANGE))
    assert shown(found, opened(explored.tree, "etc")) == [
        "+new/deep/er",
        " etc",
        "-  gone",
        "~  changed",
        "   kept",
        " opt",
    ]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (Sort.SIZE, ["none", "also", "same", "least", "most"]),
        (Sort.NAME, ["same", "none", "most", "least", "also"]),
        (Sort.CHANGE, ["most", "also", "same", "least", "none"]),
    ],
)
def test_the_other_way_round(tmp_path: Path, sort: Sort, names: list[str]) -> None:
    """Reversed, the smallest, the last name or the unchanged comes first; what is alike keeps its order."""
    explored = explored_layers(
        tmp_path,
        layer(file("least", b"1"), file("none", b"1"), file("most", b"1" * 9)),
        layer(file("least", b"4444"), file("same", b"33"), file("also", b"22"), whiteout("none")),
    )
    assert [row.name for row in FileRows(listing(explored, View(1, sort=sort, reversed=True)), set())] == names


def test_sorts_follow_one_another() -> None:
    """One key goes through all orders and comes back to the first."""
    assert [Sort.SIZE, Sort.SIZE.following, Sort.SIZE.following.following] == [Sort.SIZE, Sort.NAME, Sort.CHANGE]
    assert Sort.CHANGE.following is Sort.SIZE


def test_changes_only(explored: Exploration) -> None:
    """Without the unchanged, only the changed and the way to them remain."""
    view = View(1).toggled(Change.UNCHANGED)
    assert view.changes_only
    assert shown(listing(explored, view)) == ["+new/deep/er", "+  file", " etc", "-  gone", "~  changed"]


def test_size_of_changes(explored: Exploration) -> None:
    """Where only changes show, a directory is as large as the changes below it."""
    etc = node(explored.tree, "etc")
    assert listing(explored).nodes.size(etc) == 7
    assert listing(explored, View(1).toggled(Change.UNCHANGED)).nodes.size(etc) == 5
    assert listing(explored, View(1).toggled(Change.UNCHANGED)).nodes.size(node(explored.tree, "new")) == 70


def test_size_of_changes_counts_an_inode_once(tmp_path: Path) -> None:
    """Two names of one inode do not make a change twice as large."""
    explored = explored_layers(tmp_path, layer(file("d/a", b"12345"), hardlink("d/b", "d/a"), file("e", b"1")))
    found = listing(explored, View(0).toggled(Change.UNCHANGED))
    assert found.nodes.size(node(explored.tree, "d")) == 5


@pytest.mark.parametrize("kind", ALL)
def test_hiding_a_kind(explored: Exploration, kind: Change) -> None:
    """No file of a hidden kind shows, and every other one still does."""
    found = listing(explored, View(1).toggled(kind))
    files = {row.node for row in FileRows(found, set(explored.tree.walk())) if not row.node.children}
    everything = {each for each in explored.tree.walk() if not each.children}
    assert files == {each for each in everything if found.nodes.change(each) is not kind}


def test_hidden_directory_on_the_way(tmp_path: Path) -> None:
    """A directory of a hidden kind still shows as the way to something that is not hidden."""
    explored = explored_layers(
        tmp_path,
        layer(directory("d", mode=0o755), file("d/kept", b"1"), directory("e", mode=0o755)),
        layer(directory("d", mode=0o700), directory("e", mode=0o700)),
    )
    assert shown(listing(explored, View(1).toggled(Change.MODIFIED))) == ["~d", "   kept"]


def test_hiding_everything(explored: Exploration) -> None:
    """With all kinds hidden nothing is left."""
    assert shown(listing(explored, View(1, hidden=frozenset(ALL)))) == []


def test_toggling_twice() -> None:
    """A kind hidden and shown again leaves the view as it was."""
    assert View(3).toggled(Change.ADDED).toggled(Change.ADDED) == View(3)


def test_lower_layer(explored: Exploration) -> None:
    """At the lowest layer everything is added and nothing of later layers shows."""
    assert shown(listing(explored, View(0)), []) == ["+opt", "+etc"]


def test_since_a_base(tmp_path: Path) -> None:
    """Compared with a base, the changes of all layers above it show at once."""
    explored = explored_layers(tmp_path, layer(file("a", b"1")), layer(file("b", b"2")), layer(file("c", b"3")))
    assert shown(listing(explored, View(2))) == [" a", " b", "+c"]
    assert shown(listing(explored, View(2, base=0))) == [" a", "+b", "+c"]
    assert shown(listing(explored, View(2, base=-1))) == ["+a", "+b", "+c"]


def test_same_base(explored: Exploration) -> None:
    """Compared with itself, a layer changed nothing."""
    assert {line[0] for line in shown(listing(explored, View(1, base=1)))} == {" "}


def test_base_above(tmp_path: Path) -> None:
    """Compared with a later layer, what that one added is missing here."""
    explored = explored_layers(tmp_path, layer(file("a", b"1")), layer(file("b", b"2")))
    assert shown(listing(explored, View(0, base=1))) == [" a", "-b"]


def test_removed_row_keeps_its_metadata(explored: Exploration) -> None:
    """What is gone shows the size and the metadata that it had."""
    found = listing(explored)
    gone = node(explored.tree, "etc/gone")
    entry = found.nodes.entry(gone)
    assert entry is not None
    assert (found.nodes.change(gone), found.nodes.size(gone), entry.mode) == (Change.REMOVED, 3, 0o644)


def test_removed_directory(tmp_path: Path) -> None:
    """A removed directory has the size of what was below it, and can be opened."""
    explored = explored_layers(
        tmp_path, layer(file("d/a", b"123"), file("d/b", b"45"), file("z", b"")), layer(whiteout("d"))
    )
    found = listing(explored)
    assert found.nodes.size(node(explored.tree, "d")) == 5
    assert shown(found) == ["-d", "-  a", "-  b", " z"]


def test_long_gone(tmp_path: Path) -> None:
    """What an earlier layer removed shows no more."""
    explored = explored_layers(tmp_path, layer(file("a"), file("z")), layer(whiteout("a")), layer(file("b")))
    assert shown(listing(explored)) == ["+b", " z"]


def test_opaque_directory(tmp_path: Path) -> None:
    """An opaque directory shows what it hid as removed beside what it brings."""
    explored = explored_layers(
        tmp_path, layer(file("d/old", b"1")), layer(directory("d"), opaque("d"), file("d/new", b"1"))
    )
    assert shown(listing(explored)) == [" d", "+  new", "-  old"]


def test_file_in_place_of_a_directory(tmp_path: Path) -> None:
    """Below a file that replaced a directory stand the removed files."""
    explored = explored_layers(tmp_path, layer(file("d/a", b"1"), file("z")), layer(file("d", b"22")))
    assert shown(listing(explored)) == ["~d", "-  a", " z"]


def test_directory_that_contains_changes(explored: Exploration) -> None:
    """A directory that is not changed itself tells whether something below it is."""
    found = listing(explored)
    assert found.nodes.contains_changes(node(explored.tree, "etc"))
    assert not found.nodes.contains_changes(node(explored.tree, "opt"))


def test_joined_line(explored: Exploration) -> None:
    """Directories that hold nothing but one another share a line, and the file in the last one has its own."""
    row = FileRows(listing(explored), set())[0]
    assert (row.name, row.node.path, row.joined) == ("new/deep/er", "new/deep/er", 2)


def test_no_joined_line_across_a_change(tmp_path: Path) -> None:
    """A changed directory does not share the line of an unchanged one."""
    explored = explored_layers(tmp_path, layer(directory("a"), file("a/b/c")), layer(directory("a/b", mode=0o700)))
    assert shown(listing(explored)) == [" a", "~  b", "     c"]


def test_position(explored: Exploration) -> None:
    """A path is found on its own row, on a joined line, or on the nearest row above it."""
    found = FileRows(listing(explored), opened(explored.tree, "etc"))
    names = [row.name for row in found]
    assert found.find(node(explored.tree, "etc/kept")) == names.index("kept")
    assert found.find(node(explored.tree, "new/deep")) == names.index("new/deep/er")
    assert found.find(node(explored.tree, "new/deep/er/file")) == names.index("new/deep/er")
    assert found.find(node(explored.tree, "opt/a")) == names.index("opt")
    empty = FileRows(listing(explored, View(1, hidden=frozenset(ALL))), set())
    assert empty.find(node(explored.tree, "opt")) is None


def test_remembered_listings(tmp_path: Path) -> None:
    """Whatever was looked at before, a listing shows what a fresh one shows, also where an inode changes its name."""
    explored = explored_layers(
        tmp_path,
        layer(file("a/b/c/x", b"1" * 9), file("k/y", b"22"), hardlink("l/m/y", "k/y"), file("z/z/z", b"3")),
        layer(file("a/b/new", b"1")),
        layer(whiteout("k/y"), file("q", b"1")),
        layer(whiteout("a/b/c"), directory("z", mode=0o700)),
        layer(file("l", b"4")),
    )
    tree, sizes = explored.tree, directory_sizes(explored.tree)
    everything = set(tree.walk())
    directories = Directories(tree)
    for orders in itertools.permutations(range(-1, tree.top + 1), 3):
        known = ViewCache(explored)
        for layer_number in orders:
            for base in (None, 2, -1):
                for sort in (Sort.SIZE, Sort.CHANGE):
                    view = View(layer_number, base=base, sort=sort)
                    found = known.of(view)
                    fresh = VisibleTree.unfiltered(view, directories, sizes, changes(tree, view.since, view.layer))
                    assert list(FileRows(found, everything)) == list(FileRows(fresh, everything))
                    assert [found.nodes.size(row.node) for row in FileRows(found, everything)] == [
                        fresh.nodes.size(row.node) for row in FileRows(fresh, everything)
                    ]


def test_largest_row(explored: Exploration) -> None:
    """Bars are measured by the largest row at the top."""
    assert listing(explored).nodes.largest == 70


def test_empty_image() -> None:
    """An image without layers has no rows."""
    tree = Tree()
    found = VisibleTree.unfiltered(View(0), Directories(tree), directory_sizes(tree), changes(tree, -1, -1))
    assert list(FileRows(found, set())) == []
    assert found.nodes.largest == 0


def test_deep_tree(tmp_path: Path) -> None:
    """Depth costs no recursion."""
    path = "/".join(["d"] * 1500)
    above = (directory(path[:end]) for end in range(1, len(path), 2))
    explored = explored_layers(tmp_path, layer(*above, file(f"{path}/x", b"1"), file("d/y", b"1")))
    found = FileRows(listing(explored), set(explored.tree.walk()))
    assert {row.node.name for row in found} == {"d", "x", "y"}
    assert list(FileRows(listing(explored, View(0).toggled(Change.ADDED)), set())) == []
    assert listing(explored, View(0).toggled(Change.UNCHANGED)).nodes.size(node(explored.tree, "d")) == 2


def test_history_of_a_file(tmp_path: Path) -> None:
    """A file's history tells each layer that touched it, and what that one changed."""
    explored = explored_layers(
        tmp_path,
        layer(file("a", b"1")),
        layer(file("b", b"1")),
        layer(file("a", b"22")),
        layer(file("a", b"22", mode=0o600)),
        layer(whiteout("a")),
        layer(file("a", b"3")),
    )
    moments = list(history(Directories(explored.tree), directory_sizes(explored.tree), node(explored.tree, "a")))
    assert [moment[:4] for moment in moments] == [
        (0, Change.ADDED, 1, ()),
        (2, Change.MODIFIED, 2, ("bytes",)),
        (3, Change.MODIFIED, 2, ("mode",)),
        (4, Change.REMOVED, 0, ()),
        (5, Change.ADDED, 1, ()),
    ]
    assert [moment.before and moment.before.mode for moment in moments] == [None, 0o644, 0o644, None, None]
    assert [moment.after and moment.after.mode for moment in moments] == [None, 0o644, 0o600, None, None]


def test_history_of_the_same_again(tmp_path: Path) -> None:
    """A layer that ships the same file again is in its history, as no change."""
    explored = explored_layers(tmp_path, layer(file("a", b"1")), layer(file("a", b"1")))
    moments = list(history(Directories(explored.tree), directory_sizes(explored.tree), node(explored.tree, "a")))
    assert moments[1][:4] == (1, Change.UNCHANGED, 1, ())


def test_history_of_a_directory(tmp_path: Path) -> None:
    """A directory's history tells also the layers that touched what is below it, be it to no other size."""
    explored = explored_layers(
        tmp_path, layer(file("d/a", b"1")), layer(file("e")), layer(file("d/b", b"22")), layer(file("d/a", b"3"))
    )
    moments = list(history(Directories(explored.tree), directory_sizes(explored.tree), node(explored.tree, "d")))
    assert [moment[:4] for moment in moments] == [
        (0, Change.ADDED, 1, ()),
        (2, Change.UNCHANGED, 3, ()),
        (3, Change.UNCHANGED, 3, ()),
    ]


def test_row_above(explored: Exploration) -> None:
    """A row knows the row of the directory that it is in."""
    found = FileRows(listing(explored), set(explored.tree.walk()))
    names = [row.name for row in found]
    assert found[names.index("kept")].above == names.index("etc")
    assert found[names.index("file")].above == names.index("new/deep/er")
    assert found[names.index("etc")].above is None


def test_rows_are_found_again(tmp_path: Path) -> None:
    """Whatever is open, each row is found at its place by the node that it shows, and all rows are counted."""
    explored = explored_layers(
        tmp_path,
        layer(
            *(file(f"{a}/{b}/{c}", b"1" * (c + 1)) for a in "xyz" for b in "pqr" for c in range(4)), file("lone/a/b")
        ),
        layer(whiteout("x/q"), file("y/p/2/deep", b"1"), file("z/new")),
    )
    everything = list(explored.tree.walk())
    for number in range(0, len(everything), 3):
        for sort in Sort:
            found = FileRows(listing(explored, View(1, sort=sort)), {explored.tree.root, *everything[number:]})
            shown_rows = list(found)
            assert len(shown_rows) == len(found)
            assert [found.find(row.node) for row in shown_rows] == list(range(len(found)))
            with pytest.raises(IndexError):
                found[len(found)]


def test_no_more_listings_than_there_is_room_for(explored: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many views are looked at, few listings are kept where they cost much."""
    monkeypatch.setattr(view_cache, "_ROOM", 1)
    known = ViewCache(explored)
    first = known.of(View(0))
    assert known.of(View(0)) is first
    for base in range(-1, 30):
        known.of(View(1, base=min(base, 1), hidden=frozenset(ALL[: base % 4])))
    assert known.of(View(0)) is not first


def test_a_walk_over_the_layers_is_remembered(tmp_path: Path) -> None:
    """Whoever walks up and down a dozen layers of a small image sees what was worked out on the way up."""
    explored = explored_layers(tmp_path, *(layer(file(f"f{number}")) for number in range(12)))
    known = ViewCache(explored)
    seen = [known.of(View(number)) for number in range(12)]
    assert all(known.of(View(number)) is seen[number] for number in reversed(range(12)))


@pytest.mark.parametrize("hidden", [(), (Change.UNCHANGED,), (Change.UNCHANGED, Change.ADDED), (Change.REMOVED,)])
def test_counting_all_at_once(tmp_path: Path, hidden: tuple[Change, ...]) -> None:
    """What is counted for all directories at once is what each of them shows, between whichever layers."""
    explored = explored_layers(
        tmp_path,
        layer(file("a/b/c/x", b"1"), file("a/y", b"22"), file("k/z", b"3"), file("l")),
        layer(file("a/y", b"333"), whiteout("a/b"), directory("k", mode=0o700)),
        layer(whiteout("k"), file("a/b/c/x", b"1"), file("a/b/new")),
        layer(whiteout("a/b"), file("a/b/again"), file("l/m")),
        layer(file("a"), file("k/z/z")),
    )
    tree = explored.tree
    for number, base in itertools.product(range(-1, tree.top + 1), repeat=2):
        counted = listing(explored, View(number, base=base, hidden=frozenset(hidden)))
        counted.nodes.count_all()
        one_by_one = listing(explored, View(number, base=base, hidden=frozenset(hidden)))
        # What does not show itself is never counted.
        shows = [row.node for row in FileRows(one_by_one, set(tree.walk()))]
        for each in (tree.root, *shows):
            assert counted.nodes.child_count(each) == len(one_by_one.nodes.children(each)), (number, base, each)


def test_what_a_layer_shows_in_each_directory(explored: Exploration) -> None:
    """Directories know how many paths they hold at each layer, and nothing of those at the empty image."""
    found = Directories(explored.tree)
    assert [each.path for each in found.all] == ["", "etc", "opt", "new", "new/deep", "new/deep/er"]
    assert [found.counts(number)[node(explored.tree, "etc")] for number in (-1, 0, 1)] == [0, 3, 2]
    assert [found.counts(number)[explored.tree.root] for number in (-1, 0, 1)] == [0, 2, 3]


def test_many_open_directories(tmp_path: Path) -> None:
    """Where so many directories are open that all are counted at once, the rows are the same."""
    explored = explored_layers(
        tmp_path,
        layer(*(file(f"{a}/{b}/{c}", b"1") for a in range(9) for b in range(70) for c in range(2))),
        layer(whiteout("1"), whiteout("2/3"), file("3/3/3"), file("4/4/4/4")),
    )
    everything = set(explored.tree.walk())
    for view in (View(1), View(1).toggled(Change.UNCHANGED), View(0, base=1)):
        rows = FileRows(listing(explored, view), everything)
        seen = listing(explored, view)
        below = [seen.nodes.tree.root]
        for each in below:
            below += seen.nodes.children(each)
        joined = sum(row.joined for row in rows)
        assert len(rows) + joined == len(below) - 1
        assert [rows.find(row.node) for row in rows] == list(range(len(rows)))
