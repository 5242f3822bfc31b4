"""The groups and rows of the waste, without a terminal."""

from __future__ import annotations

from collections.abc import Sequence, Set

import pytest

from explorer.analysis.advice.build_steps import build_steps
from explorer.analysis.filter.query import parse
from explorer.analysis.waste import ByteUsage
from explorer.model import Cause, HistoryStep, Layer, Waste
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_groups import Group, GroupKey
from explorer.viewmodel.waste_rows import Item, WasteRow, WasteRows
from explorer.viewmodel.waste_tree import WasteTree
from explorer.viewmodel.waste_view import Grouping, WasteOrder, WasteView

REMOVED, OVERWRITTEN, RECOPIED, DUPLICATE = Cause.REMOVED, Cause.OVERWRITTEN, Cause.RECOPIED, Cause.DUPLICATE
GROUPINGS = [grouping for grouping in Grouping if grouping not in (Grouping.FIX, Grouping.PACKAGE)]
MANY = 27_000
WASTED = [
    Waste("usr/lib/gcc/cc1", 50, REMOVED, 1, 3),
    Waste("usr/lib/gcc/lto", 40, REMOVED, 1, 3),
    Waste("var/lib/apt/lists/a", 30, REMOVED, 1, 3),
    Waste("app/bin", 20, RECOPIED, 2, 3),
    Waste("var/lib/apt/lists/b", 10, REMOVED, 1, 3),
    Waste("app/data", 9, OVERWRITTEN, 1, 2),
    Waste("top", 8, DUPLICATE, 2, 2),
]
STEPS = ("ADD rootfs.tar /", "RUN apt-get update", "COPY . /app", "RUN rm -rf /usr/lib/gcc")
LAYERS = [Layer(number, None, step=HistoryStep(made_by)) for number, made_by in enumerate(STEPS)]  # type: ignore[arg-type]


def tree(wasted: list[Waste] = WASTED, **shown: object) -> WasteTree:
    """Returns the tree of some waste in a view with these fields."""
    total = sum(waste.bytes for waste in wasted)
    usage = ByteUsage(1000, 1000 - total, (), tuple(wasted))
    return WasteTree(WasteFiles(usage, build_steps(LAYERS)), WasteView(**{"grouping": Grouping.CAUSE, **shown}))  # type: ignore[arg-type]


def rows_of(found: WasteTree, opened: Set[GroupKey] | None = None) -> Sequence[WasteRow]:
    """Returns the rows while these groups are open, by default all."""
    return WasteRows.of(found, {group.key for group in found.groups()} if opened is None else opened).rows


def everything(found: WasteTree) -> list[str]:
    """Returns all rows as bytes and name, indented by their depth."""
    rows = rows_of(found)
    return [f"{'  ' * row.depth}{row.item.bytes} {_name(row.item, row.prefix_chars)}" for row in rows]


def _name(item: Item, prefix_chars: int) -> str:
    if not isinstance(item, Group):
        return item.path[prefix_chars:]
    if item.reason is not None:
        return f"{item.reason.leftover}:{item.directory}"
    if item.cause is not None:
        return item.cause.value
    return item.name or f"{item.shipped_in}-{item.hidden_in}"


def test_by_cause() -> None:
    """Causes hold groups of one reason, and these hold files, the largest first; a file that is alone has no group."""
    assert everything(tree()) == [
        "130 removed",
        "  90 :usr/lib/gcc",
        "    50 usr/lib/gcc/cc1",
        "    40 usr/lib/gcc/lto",
        "  40 apt_lists:var/lib/apt/lists",
        "    30 var/lib/apt/lists/a",
        "    10 var/lib/apt/lists/b",
        "20 recopied",
        "  20 app/bin",
        "9 overwritten",
        "  9 app/data",
        "8 duplicate",
        "  8 top",
    ]


def test_by_layers() -> None:
    """Each pair of layers, the one that shipped and the one that hid, has a group."""
    assert everything(tree(grouping=Grouping.LAYERS)) == [
        "130 1-3",
        "  50 usr/lib/gcc/cc1",
        "  40 usr/lib/gcc/lto",
        "  30 var/lib/apt/lists/a",
        "  10 var/lib/apt/lists/b",
        "20 2-3",
        "  20 app/bin",
        "9 1-2",
        "  9 app/data",
        "8 2-2",
        "  8 top",
    ]


def test_by_directory() -> None:
    """The largest directories come first; directories that hold nothing but one another are one group."""
    more = [*WASTED, Waste("usr/lib/x/y", 1, REMOVED, 1, 3)]
    assert everything(tree(more, grouping=Grouping.DIRECTORY)) == [
        "91 usr/lib",
        "  90 gcc",
        "    50 cc1",
        "    40 lto",
        "  1 x/y",
        "40 var/lib/apt/lists",
        "  30 a",
        "  10 b",
        "29 app",
        "  20 bin",
        "  9 data",
        "8 top",
    ]


def test_directories_of_one_file_stand_by_size() -> None:
    """A file that is alone in its directory has no group, and stands among the other files by its size."""
    wasted = [Waste("a/x", 5, OVERWRITTEN, 0, 1), Waste("y", 4, REMOVED, 1, 2), Waste("b/z", 3, REMOVED, 1, 2)]
    assert everything(tree(wasted, grouping=Grouping.DIRECTORY)) == ["5 a/x", "4 y", "3 b/z"]


def test_directory_that_was_a_file() -> None:
    """A path may be a wasted file and a directory of wasted files, and names may have odd characters."""
    wasted = [Waste("p", 5, OVERWRITTEN, 0, 1), Waste("p/x", 4, REMOVED, 1, 2), Waste("p/\x1b", 3, REMOVED, 1, 2)]
    assert everything(tree(wasted, grouping=Grouping.DIRECTORY)) == ["7 p", "  4 x", "  3 \x1b", "5 p"]
    same = [Waste("a/b", 5, OVERWRITTEN, 0, 1), Waste("a/b", 4, REMOVED, 1, 2), Waste("/a", 1, REMOVED, 0, 1)]
    assert everything(tree(same, grouping=Grouping.DIRECTORY)) == ["9 a", "  5 b", "  4 b", "1 /a"]


def test_as_a_list() -> None:
    """Without groups, the files stand in order of size."""
    assert everything(tree(grouping=Grouping.FILE)) == [f"{waste.bytes} {waste.path}" for waste in WASTED]


def test_groupings_go_round() -> None:
    """After the last grouping comes the first."""
    seen = [Grouping.FIX]
    while seen[-1].following is not seen[0]:
        seen.append(seen[-1].following)
    assert seen == list(Grouping)


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("order", list(WasteOrder))
@pytest.mark.parametrize("layer", [None, 0, 1, 2, 3])
def test_nothing_is_lost(grouping: Grouping, order: WasteOrder, layer: int | None) -> None:
    """In every grouping each shown file has one row, and the bytes of the groups add up."""
    found = tree(grouping=grouping, order=order, layer=layer)
    shown = [waste for waste in WASTED if layer in (None, waste.shipped_in, waste.hidden_in)]
    rows = rows_of(found)
    assert sorted(row.item for row in rows if isinstance(row.item, Waste)) == sorted(
        shown, key=lambda waste: waste.path
    )
    assert sum(row.item.bytes for row in rows if row.depth == 0) == sum(waste.bytes for waste in shown)
    assert found.top.bytes == sum(waste.bytes for waste in shown)
    for group in found.groups():
        assert group.bytes == sum(WASTED[number].bytes for number in group.members)
        assert group.files == len(group.members)
        assert sum(advice.bytes for advice in found.advice(group)) == group.bytes


def test_by_path() -> None:
    """Sorted by path, causes stand in their own order, layers by number, and files by name."""
    assert everything(tree(order=WasteOrder.PATH, grouping=Grouping.FILE))[0] == "20 app/bin"
    assert [line for line in everything(tree(order=WasteOrder.PATH)) if line[0] != " "] == [
        "130 removed",
        "9 overwritten",
        "20 recopied",
        "8 duplicate",
    ]
    pairs = [line for line in everything(tree(order=WasteOrder.PATH, grouping=Grouping.LAYERS)) if line[0] != " "]
    assert pairs == ["9 1-2", "130 1-3", "8 2-2", "20 2-3"]
    assert everything(tree(order=WasteOrder.PATH, grouping=Grouping.DIRECTORY))[:3] == [
        "29 app",
        "  20 bin",
        "  9 data",
    ]


def test_folded() -> None:
    """The content of a closed group does not show; at first causes are open, or all groups of few files."""
    found = tree(WASTED * 2)
    assert [row.depth for row in rows_of(found, frozenset())] == [0, 0, 0, 0]
    assert {row.depth for row in rows_of(found, found.initially_open())} == {0, 1}
    assert {row.depth for row in rows_of(tree(), tree().initially_open())} == {0, 1, 2}
    assert tree(WASTED * 2, grouping=Grouping.DIRECTORY).initially_open() == set()


def test_way_to_a_file() -> None:
    """The groups around a file come from the outermost inwards."""
    found = tree(grouping=Grouping.DIRECTORY)
    assert [group.directory for group in found.groups_around(0)] == ["usr/lib/gcc"]
    assert [group.key for group in tree().groups_around(2)] == [(REMOVED,), (REMOVED, 1, 3, "apt_lists")]
    assert list(tree(grouping=Grouping.FILE).groups_around(0)) == []


def test_one_layer() -> None:
    """The waste of one layer is the waste that it shipped and that it hid."""
    found = tree(grouping=Grouping.FILE, layer=2)
    assert everything(found) == ["20 app/bin", "9 app/data", "8 top"]
    assert rows_of(tree(layer=0), frozenset()) == []
    assert tree(layer=0).largest == 0


def test_one_fix_for_a_reason() -> None:
    """Files of one reason have one fix; a cause has as many fixes as reasons."""
    found = tree()
    removed = next(found.groups())
    assert removed.cause is REMOVED
    assert [advice.bytes for advice in found.advice(removed)] == [90, 40]
    for group in found.groups():
        assert group.reason is None or len(found.advice(group)) == 1
    assert found.advice(WASTED[3])[0].bytes == 20
    gcc = next(group for group in found.groups() if group.directory == "usr/lib/gcc")
    assert found.advice(gcc)[0].hidden_by == "rm -rf /usr/lib/gcc"


def test_no_waste() -> None:
    """Without waste there are no rows."""
    for grouping in Grouping:
        assert rows_of(tree([], grouping=grouping), tree([], grouping=grouping).initially_open()) == []


@pytest.mark.parametrize(("text", "most"), [("", 12), ("f", 500)])
def test_few_files_are_open_at_first(text: str, most: int) -> None:
    """Groups are open at first if they hold at most 12 files, or at most 500 matches of a query."""
    for count in (most, most + 1):
        wasted = [Waste(f"d{n % 2}/f{n}", count - n, REMOVED, 0, 1) for n in range(count)]
        shown = tree(wasted, grouping=Grouping.DIRECTORY, query=parse(text))
        assert shown.initially_open() == ({("d0",), ("d1",)} if count == most else set())


def test_next_file_opens_groups() -> None:
    """The next and the previous file are found in closed groups, which are then open."""
    found = tree(WASTED * 2, grouping=Grouping.LAYERS)
    rows, seen = WasteRows.of(found, frozenset()), []
    match: tuple[WasteRows, int] | None = (rows, 0)
    while match := match and match[0].next_file(match[1], 1):
        seen.append(match[0].item(match[1]))
    assert seen == [row.item for row in rows_of(found) if isinstance(row.item, Waste)]
    match, backwards = (rows, len(rows)), []
    while match := match and match[0].next_file(match[1], -1):
        backwards.append(match[0].item(match[1]))
    assert backwards == seen[::-1]


def test_closed_groups_cost_nothing() -> None:
    """The files of closed groups are not split into groups."""
    many = [Waste(f"d{n % 9}/e{n % 90}/f{n}", MANY - n, REMOVED, 0, 1) for n in range(MANY)]
    found = tree(many, grouping=Grouping.DIRECTORY)
    assert len(rows_of(found, found.initially_open())) == 9
    assert len(found._children) == 1
    assert len(rows_of(found)) == MANY + 9 + 90
