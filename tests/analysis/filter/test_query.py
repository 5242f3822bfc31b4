"""The language of the filter, and its matches in a tree, without a terminal."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.filter.name_terms import WordTest
from explorer.analysis.filter.path_filter import PathFilter
from explorer.analysis.filter.query import EVERYTHING, BadQuery, Term, parse
from explorer.analysis.filter.terms import ChangeTest, LayerTest, SizeTest, TypeTest, WasteTest
from explorer.config.settings import Sort
from explorer.model import Change, Kind
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.filter_matches import highlighted, next_match
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from tests.images import (
    explored_layers,
    file,
    hardlink,
    layer,
)

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.layers.tree import Node
    from explorer.pipeline import Exploration


def listings(explored: Exploration) -> ViewCache:
    return ViewCache(explored)


def found(explored: Exploration, text: str, layer_number: int | None = None) -> list[str]:
    """Returns the names of the rows that match at a layer (by default the top one), all directories open."""
    top = explored.tree.top
    view = View(top if layer_number is None else layer_number, sort=Sort.NAME, query=parse(text, top))
    listing = listings(explored).of(view)
    rows = [row for row in FileRows(listing, set(listing.nodes.match_parents)) if listing.nodes.is_match(row.node)]
    assert len(rows) == listing.nodes.match_count
    return sorted(row.node.name for row in rows)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("libz", ["libz.a", "libz.so"]),
        ("LIBZ", []),
        ("tool", ["Tool"]),
        ("Tool", ["Tool"]),
        ("libz .so", ["libz.so"]),
        ("libz -.so", ["libz.a"]),
        ("libz !.so", ["libz.a"]),
        ("lib/libz", ["libz.so"]),
        ("/usr/lib/a", ["a.a"]),
        ("etc/", ["gone.conf", "kept.conf"]),
        ("/usr/lib/deep/", ["er", "libz.a"]),
        ("/usr/li/", []),
        ("/usr.lib.*deep/", []),
        ('"my file"', ["my file"]),
        ('-"my file" my', []),
        ("*.a", ["a.a", "libz.a"]),
        ("?.a", ["a.a"]),
        ("usr/lib/**/*.a", ["a.a", "libz.a"]),
        ("usr/lib/*.a", ["a.a"]),
        ("lib/*.a", []),
        ("**/lib/*", ["a.a", "deep", "libz.so", "my file"]),
        ("/*", ["dev", "etc", "opt", "run", "usr"]),
        ("usr/lib/deep/**", ["er", "libz.a"]),
        ("/^lib.*[ao]$/", ["libz.a", "libz.so"]),
        ("re:^T", ["Tool"]),
        (r"re:lib/\w+\.a", ["a.a"]),
        (r"re:^\S\.a$", ["a.a"]),
        ("size>1kB", ["libz.so"]),
        ("size>=2kB size<2KiB", ["libz.so"]),
        ("size=0 type:link", ["link"]),
        ("size<=3 .conf", ["kept.conf"]),
        ("size<=1 .conf", ["kept.conf"]),
        ("size<1 .conf", []),
        ("size>=1 .conf", ["kept.conf"]),
        ("type:dir size>2k", ["lib", "usr"]),
        ("type:file .a", ["a.a", "libz.a"]),
        ("type:link", ["hard", "link"]),
        ("type:symlink", ["link"]),
        ("type:hardlink", ["hard"]),
        ("type:device", ["null"]),
        ("type:fifo", ["pipe"]),
        ("is:added -type:dir", ["my file"]),
        ("is:wasted", ["a.a"]),
        ("is:disposable", ["libz.a"]),
        ("lib -is:disposable -type:dir", ["libz.so"]),
        ("layer:1", ["a.a"]),
        ("layer:1-2 -type:dir", ["a.a", "my file"]),
        ("- ! \"", []),
    ],
)  # fmt: skip
def test_expressions(explored: Exploration, text: str, names: list[str]) -> None:
    """Each kind of term finds its paths at the top layer."""
    if parse(text):
        visible = [name for name in names if name != "gone.conf"]
        assert found(explored, text) == visible


def test_changes_follow_the_layer(explored: Exploration) -> None:
    """Terms about changes depend on the layer of the view."""
    assert found(explored, "is:removed", 1) == ["gone.conf"]
    assert found(explored, "is:modified", 1) == ["a.a"]
    assert found(explored, "is:unchanged .conf", 1) == ["kept.conf"]
    assert found(explored, "is:removed", 2) == []
    assert found(explored, ".conf", 0) == ["gone.conf", "kept.conf"]
    assert found(explored, "is:wasted", 1) == ["a.a", "gone.conf"]


def test_disposable_files_are_found_only_when_asked_for(explored: Exploration) -> None:
    """Queries without ``is:disposable`` do not look for disposable files, which takes a while."""
    assert found(explored, "a.a is:wasted") == ["a.a"]
    assert "disposables" not in vars(explored)
    assert found(explored, "libz is:disposable", 0) == ["libz.a"]
    assert "disposables" in vars(explored)


def test_finding_disposable_files_is_no_time_of_a_pattern(explored: Exploration) -> None:
    """The time limit of patterns does not run while disposable files are looked for."""
    timers = []

    def find() -> frozenset[Node]:
        timers.append(signal.getitimer(signal.ITIMER_REAL)[0])
        return frozenset()

    PathFilter(explored.tree, (), find).nodes(parse("re:x is:disposable"))
    assert timers == [0.0]


def test_each_name_of_a_disposable_inode_matches(tmp_path: Path) -> None:
    """Each visible name of a disposable file matches; none does if one name is needed."""
    explored = explored_layers(
        tmp_path,
        layer(
            file("var/cache/apt/pkgcache.bin", b"1"),
            hardlink("var/cache/apt/archives/one.deb", "var/cache/apt/pkgcache.bin"),
            file("var/cache/apt/srcpkgcache.bin", b"1"),
            hardlink("usr/bin/tool", "var/cache/apt/srcpkgcache.bin"),
        ),
    )
    assert found(explored, "is:disposable") == ["one.deb", "pkgcache.bin"]


def test_terms() -> None:
    """An expression becomes terms; repeated terms count once, and unfinished terms do not count."""
    assert parse("Ab -cd ab/c - ab/c").terms == (
        Term(WordTest("Ab", exact=True)),
        Term(WordTest("cd", exact=False), negated=True),
        Term(WordTest("ab/c", exact=False)),
    )
    assert parse("is:wasted layer:5-3 type:symlink is:removed").terms == (
        Term(WasteTest()),
        Term(LayerTest(3, 5)),
        Term(TypeTest(frozenset({Kind.SYMLINK}))),
        Term(ChangeTest(Change.REMOVED)),
    )
    assert parse("  ") == EVERYTHING
    assert not parse("")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("size>10", SizeTest(">", 10)),
        ("size>=1.5kB", SizeTest(">=", 1500)),
        ("SIZE<4KiB", SizeTest("<", 4096)),
        ("size<=2Gi", SizeTest("<=", 2 << 30)),
        ("size=0B", SizeTest("=", 0)),
        ("size>1T", SizeTest(">", 10**12)),
        ("size>.5k", SizeTest(">", 500)),
    ],
)
def test_sizes(text: str, size: SizeTest) -> None:
    """Sizes have decimal units, or binary units with an i."""
    assert parse(text).terms == (Term(size),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("size>", "size>10M"),
        ("size:3", "size>10M"),
        ("size>3x", "size>10M"),
        ("size<3i", "size>10M"),
        ("size>٣", "size>10M"),
        ("is:", "added, modified, removed, unchanged, wasted, disposable or unowned"),
        ("is:new", "added, modified, removed, unchanged, wasted, disposable or unowned"),
        ("type:door", "file, dir, link, symlink, hardlink, device or fifo"),
        ("layer:x", "layer:3-5"),
        ("layer:3", "from 0 to 2"),
        ("owner:root", '"quotes"'),
        ("re:(", "unterminated subpattern at 1"),
        ("/[/", "regular expression"),
        ("re:(?u)(?a)", "regular expression"),
        ("a" * 1001, "1,000 characters"),
    ],
)
def test_wrong_expressions(text: str, words: str) -> None:
    """An expression without a meaning raises an error that shows a valid one."""
    with pytest.raises(BadQuery, match=re.escape(words)):
        parse(text, 2)


def test_letters_typed_one_by_one(explored: Exploration) -> None:
    """A query that continues an earlier one has the same matches as without it."""
    for text in (
        "tool Tool",
        "libz .so",
        "usr/lib -a",
        "Tool size>3",
        "*.a is:modified",
        "type:dir lib",
        '-"x" layer:0',
    ):
        known = listings(explored)
        for end in range(1, len(text) + 1):
            try:
                query = parse(text[:end])
            except BadQuery:
                continue
            for number in (2, 1):
                view = View(number, query=query)
                listing, fresh = known.of(view), listings(explored).of(view)
                assert list(FileRows(listing, set(listing.nodes.match_parents))) == list(
                    FileRows(fresh, set(fresh.nodes.match_parents))
                )
                assert listing.nodes.match_count == fresh.nodes.match_count


@pytest.mark.end_to_end
def test_pattern_that_would_take_years(tmp_path: Path) -> None:
    """A pattern that backtracks without end is stopped with an error."""
    explored = explored_layers(tmp_path, layer(file("a" * 60 + "!")))
    with pytest.raises(BadQuery, match="too long"):
        PathFilter(explored.tree).nodes(parse("re:(a+)+$"))


def test_tree_stays_a_tree(explored: Exploration) -> None:
    """Only matches and the directories above them show; directories with a single child share its line."""
    known = listings(explored)
    listing = known.of(View(2, sort=Sort.NAME, query=parse("libz")))
    rows = FileRows(listing, set(listing.nodes.match_parents))
    assert [("  " * row.depth) + row.name for row in rows] == ["usr/lib", "  deep/er", "    libz.a", "  libz.so"]
    assert listing.nodes.match_count == 2
    sizes = {row.name: listing.nodes.size(row.node) for row in rows}
    assert sizes["usr/lib"] == sizes["libz.so"] + sizes["libz.a"] == listing.nodes.total
    assert sizes["deep/er"] == sizes["libz.a"]
    listing = known.of(View(2, sort=Sort.NAME, query=parse("deep")))
    assert [row.name for row in FileRows(listing, set(listing.nodes.match_parents))] == ["usr/lib/deep"]


def test_matching_directory_opens(explored: Exploration) -> None:
    """A matching directory without matches in it shows all its contents when it is opened."""
    listing = listings(explored).of(View(2, sort=Sort.NAME, query=parse("deep")))
    rows = FileRows(listing, set(explored.tree.walk()))
    assert [row.name for row in rows] == ["usr/lib/deep", "er", "libz.a"]
    assert [listing.nodes.is_match(row.node) for row in rows] == [True, False, False]


def test_hidden_kinds_do_not_match(explored: Exploration) -> None:
    """The filter finds no paths that the view hides."""
    view = View(1, hidden=frozenset({Change.UNCHANGED}), query=parse("a"))
    listing = listings(explored).of(view)
    assert [row.name for row in FileRows(listing, set(listing.nodes.match_parents))] == ["usr/lib", "a.a"]


def test_sorted_while_filtered(explored: Exploration) -> None:
    """A new order keeps the matches of the filter."""
    known = listings(explored)
    by_size = known.of(View(2, query=parse("usr/lib -deep")))
    by_name = known.of(View(2, sort=Sort.NAME, query=parse("usr/lib -deep")))
    assert [row.name for row in FileRows(by_size, set(by_size.nodes.match_parents))] == [
        "usr/lib", "libz.so", "deep/er", "libz.a", "a.a", "opt/usr/lib", "my file",
    ]  # fmt: skip
    assert {row.node for row in FileRows(by_size, set(by_size.nodes.match_parents))} == {
        row.node for row in FileRows(by_name, set(by_name.nodes.match_parents))
    }
    assert by_name.nodes.match_count == by_size.nodes.match_count == 7


def test_next_match_wraps(explored: Exploration) -> None:
    """The next match is found in both directions and around the ends; None if there are no matches."""
    listing = listings(explored).of(View(2, sort=Sort.NAME, query=parse("libz")))
    rows = FileRows(listing, set(listing.nodes.match_parents))
    assert [next_match(rows, start, 1) for start in range(4)] == [2, 2, 3, 2]
    assert [next_match(rows, start, -1) for start in range(4)] == [3, 3, 3, 2]
    assert next_match(FileRows(listing, set()), 0, 1) is None


@pytest.mark.parametrize(
    ("text", "name", "parts"),
    [
        ("ib", "libz.so", "l[ib]z.so"),
        ("LIB", "libz.so", "libz.so"),
        ("z lib", "libz.so", "[libz].so"),
        ("*.so", "libz.so", "libz[.so]"),
        ("re:b.", "libz.so", "li[bz].so"),
        ("lib/lib", "libz.so", "[lib]z.so"),
        ("-ib l", "libz.so", "[l]ibz.so"),
        ("x", "a\x1bxb", "a\x1b[x]b"),
        ("size>3", "libz.so", "libz.so"),
    ],
)
def test_spans(text: str, name: str, parts: str) -> None:
    """The matched parts of a name are known."""
    spans = parse(text).matched_spans(name)
    for start, end in reversed(spans):
        name = f"{name[:start]}[{name[start:end]}]{name[end:]}"
    assert name == parts


def test_highlight_in_a_cut_name(tmp_path: Path) -> None:
    """Highlights stay on their characters if a name is escaped or cut, also on lines of several names."""
    explored = explored_layers(tmp_path, layer(file("one/two\n/x", b"1"), file("z")))
    listing = listings(explored).of(View(0, query=parse("tw")))
    row = FileRows(listing, set(listing.nodes.match_parents))[0]
    assert list(highlighted(row, listing, "one/two\\n")) == [("one/", False), ("tw", True), ("o\\n", False)]
    assert list(highlighted(row, listing, "one/t…\\n")) == [("one/", False), ("t", True), ("…\\n", False)]
