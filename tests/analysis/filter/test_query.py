"""The language of the filter, and what it finds in a tree, without a terminal."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.filter.path_filter import PathFilter
from explorer.analysis.filter.query import EVERYTHING, BadQuery, Term, parse
from explorer.analysis.filter.search import Search
from explorer.analysis.filter.terms import ChangeTest, LayerTest, SizeTest, TypeTest, WasteTest, WordTest
from explorer.config.settings import Sort
from explorer.model import Change, Kind
from explorer.text.words import hidden_by
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.filter_matches import highlighted, next_match
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from tests.images import (
    big,
    device,
    directory,
    explored_layers,
    fifo,
    file,
    hardlink,
    layer,
    opaque,
    symlink,
    whiteout,
)

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration


@pytest.fixture
def explored(tmp_path: Path) -> Exploration:
    """Three layers with one of everything."""
    return explored_layers(
        tmp_path,
        layer(
            file("usr/lib/libz.so", b"1" * 2000),
            file("usr/lib/deep/er/libz.a", b"1" * 300),
            file("usr/lib/a.a", b"1"),
            file("usr/bin/Tool", b"1" * 20),
            symlink("usr/bin/link", "Tool"),
            hardlink("usr/bin/hard", "usr/bin/Tool"),
            device("dev/null", 1, 3),
            fifo("run/pipe"),
            file("etc/gone.conf", b"123"),
            file("etc/kept.conf", b"4"),
        ),
        layer(whiteout("etc/gone.conf"), file("usr/lib/a.a", b"22")),
        layer(directory("opt/usr/lib"), file("opt/usr/lib/my file", b"5")),
    )


def listings(explored: Exploration) -> ViewCache:
    return ViewCache(explored)


def found(explored: Exploration, text: str, layer_number: int | None = None) -> list[str]:
    """The names of the rows that match at a layer, the top one unless said otherwise, with all above them open."""
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
        ("type:dir size>2k", ["lib", "usr"]),
        ("type:file .a", ["a.a", "libz.a"]),
        ("type:link", ["hard", "link"]),
        ("type:symlink", ["link"]),
        ("type:hardlink", ["hard"]),
        ("type:device", ["null"]),
        ("type:fifo", ["pipe"]),
        ("is:added -type:dir", ["my file"]),
        ("is:wasted", ["a.a"]),
        ("layer:1", ["a.a"]),
        ("layer:1-2 -type:dir", ["a.a", "my file"]),
        ("- ! \"", []),
    ],
)  # fmt: skip
def test_expressions(explored: Exploration, text: str, names: list[str]) -> None:
    """Each kind of term finds what it says at the top layer."""
    if parse(text):
        visible = [name for name in names if name != "gone.conf"]
        assert found(explored, text) == visible


def test_changes_follow_the_layer(explored: Exploration) -> None:
    """What became of a path is asked of the layer that is looked at."""
    assert found(explored, "is:removed", 1) == ["gone.conf"]
    assert found(explored, "is:modified", 1) == ["a.a"]
    assert found(explored, "is:unchanged .conf", 1) == ["kept.conf"]
    assert found(explored, "is:removed", 2) == []
    assert found(explored, ".conf", 0) == ["gone.conf", "kept.conf"]
    assert found(explored, "is:wasted", 1) == ["a.a", "gone.conf"]


def test_terms() -> None:
    """An expression becomes terms; what is repeated counts once, and what is unfinished not at all."""
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
    """Sizes are in decimal units, or in binary ones with an i."""
    assert parse(text).terms == (Term(size),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("size>", "size>10M"),
        ("size:3", "size>10M"),
        ("size>3x", "size>10M"),
        ("size<3i", "size>10M"),
        ("size>٣", "size>10M"),
        ("is:", "added, modified, removed, wasted or unchanged"),
        ("is:new", "added, modified, removed, wasted or unchanged"),
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
    """What means nothing is refused with what would mean something."""
    with pytest.raises(BadQuery, match=re.escape(words)):
        parse(text, 2)


def test_letters_typed_one_by_one(explored: Exploration) -> None:
    """A query that goes on from an earlier one finds what it finds alone."""
    for text in ("libz .so", "usr/lib -a", "Tool size>3", "*.a is:modified", "type:dir lib", '-"x" layer:0'):
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


def test_pattern_that_would_take_years(tmp_path: Path) -> None:
    """A pattern that backtracks without end is given up after a moment, with words."""
    explored = explored_layers(tmp_path, layer(file("a" * 60 + "!")))
    start = time.perf_counter()
    with pytest.raises(BadQuery, match="too long"):
        PathFilter(explored.tree).nodes(parse("re:(a+)+$"))
    assert time.perf_counter() - start < 3


def test_tree_stays_a_tree(explored: Exploration) -> None:
    """Only matches and what is above them show; directories that hold one way down share a line up to a match."""
    known = listings(explored)
    listing = known.of(View(2, sort=Sort.NAME, query=parse("libz")))
    rows = FileRows(listing, set(listing.nodes.match_parents))
    assert [("  " * row.depth) + row.name for row in rows] == ["usr/lib", "  deep/er", "    libz.a", "  libz.so"]
    assert (listing.nodes.match_count, listing.nodes.unfiltered_count) == (2, 21)
    listing = known.of(View(2, sort=Sort.NAME, query=parse("deep")))
    assert [row.name for row in FileRows(listing, set(listing.nodes.match_parents))] == ["usr/lib/deep"]


def test_matching_directory_opens(explored: Exploration) -> None:
    """A directory that matches, though nothing in it does, shows all it holds when it is opened."""
    listing = listings(explored).of(View(2, sort=Sort.NAME, query=parse("deep")))
    rows = FileRows(listing, set(explored.tree.walk()))
    assert [row.name for row in rows] == ["usr/lib/deep", "er", "libz.a"]
    assert [listing.nodes.is_match(row.node) for row in rows] == [True, False, False]


def test_hidden_kinds_do_not_match(explored: Exploration) -> None:
    """The filter finds nothing among what is hidden."""
    view = View(1, hidden=frozenset({Change.UNCHANGED}), query=parse("a"))
    listing = listings(explored).of(view)
    assert [row.name for row in FileRows(listing, set(listing.nodes.match_parents))] == ["usr/lib", "a.a"]


def test_sorted_while_filtered(explored: Exploration) -> None:
    """The order can change while filtered, and what shows stays."""
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
    """The next match is found in both directions, around the ends too, and not where there is none."""
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
    """The part of a name that made it match is known."""
    spans = parse(text).matched_spans(name)
    for start, end in reversed(spans):
        name = f"{name[:start]}[{name[start:end]}]{name[end:]}"
    assert name == parts


def test_highlight_in_a_cut_name(tmp_path: Path) -> None:
    """What is highlighted stays so where a name is escaped or cut, on lines of several names too."""
    explored = explored_layers(tmp_path, layer(file("one/two\n/x", b"1"), file("z")))
    listing = listings(explored).of(View(0, query=parse("tw")))
    row = FileRows(listing, set(listing.nodes.match_parents))[0]
    assert list(highlighted(row, listing, "one/two\\n")) == [("one/", False), ("tw", True), ("o\\n", False)]
    assert list(highlighted(row, listing, "one/t…\\n")) == [("one/", False), ("t", True), ("…\\n", False)]


def search(explored: Exploration) -> Search:
    return explored.search


def test_largest_anywhere(tmp_path: Path) -> None:
    """The largest files are those of all layers, whatever became of them, and an inode counts once."""
    explored = explored_layers(
        tmp_path,
        layer(big("a", 3), hardlink("b", "a"), big("c", 2), big("d", 1), big("d", 1.5), file("e")),
        layer(big("c", 4), whiteout("a"), directory("x"), opaque("x")),
    )
    found_hits = search(explored).largest(EVERYTHING)
    assert [
        (hit.node.name, hit.layer, hidden_by(hit.hidden_in, hit.cause, is_short=True)) for hit in found_hits.shown
    ] == [
        ("c", 1, "visible"),
        ("a", 0, "removed by 1"),
        ("c", 0, "overwritten by 1"),
        ("d", 0, "visible"),
        ("d", 0, "twice in 0"),
    ]
    assert found_hits.total == 5
    assert [hit.node.name for hit in search(explored).largest(parse("d")).shown] == ["d", "d"]
    assert [hit.node.name for hit in search(explored).largest(parse("is:wasted")).shown] == ["c", "d"]


def test_found_in_any_layer(explored: Exploration) -> None:
    """The search finds each version of a path, in whatever layer, and the names that begin with the word come first."""
    hits = search(explored).matches(parse("a.a"))
    assert [(hit.node.path, hit.layer, hit.mark, hit.size) for hit in hits.shown] == [
        ("usr/lib/a.a", 0, Change.MODIFIED, 1),
        ("usr/lib/a.a", 1, Change.UNCHANGED, 2),
    ]
    (gone,) = search(explored).matches(parse("gone")).shown
    assert (gone.layer, hidden_by(gone.hidden_in, gone.cause)) == (0, "removed by layer 1")
    assert [hit.node.path for hit in search(explored).matches(parse("lib")).shown][:2] == ["usr/lib", "opt/usr/lib"]
    assert search(explored).matches(parse("layer:1 is:modified")).total == 1
    assert search(explored).matches(EVERYTHING).total == 0


def test_found_without_a_word(explored: Exploration) -> None:
    """Where no word is asked for, what is largest comes first, directories by what is in them."""
    hits = search(explored).matches(parse("layer:0 size>0"))
    assert [hit.size for hit in hits.shown] == [2000, 300, 20, 20, 3, 1, 1]
    hits = search(explored).matches(parse("type:dir usr/**"))
    assert [hit.size for hit in hits.shown] == sorted((hit.size for hit in hits.shown), reverse=True)
    assert hits.shown[0].node.path == "usr/lib"


def test_found_directory_that_a_file_replaced(tmp_path: Path) -> None:
    """A directory that a later layer made a file is found as what it was, and as replaced."""
    tree = explored_layers(tmp_path, layer(file("d/a", b"123")), layer(file("d", b"4")))
    assert [
        (hit.layer, hit.size, hidden_by(hit.hidden_in, hit.cause, is_short=True))
        for hit in search(tree).matches(parse("d type:dir")).shown
    ] == [(0, 3, "overwritten by 1")]
