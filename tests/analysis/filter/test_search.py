"""The search in all layers, without a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer.analysis.filter import search as search_module
from explorer.analysis.filter.query import EVERYTHING, parse
from explorer.model import Change
from explorer.text.words import hidden_by
from tests.images import big, directory, explored_layers, file, hardlink, layer, opaque, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.analysis.filter.search import Search
    from explorer.pipeline import Exploration


def search(explored: Exploration) -> Search:
    return explored.search


def test_largest_anywhere(tmp_path: Path) -> None:
    """The largest files of all layers are found, also hidden ones; an inode counts once."""
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
        ("d", 0, "unseen in 0"),
    ]
    assert found_hits.total == 5
    assert [hit.node.name for hit in search(explored).largest(parse("d")).shown] == ["d", "d"]
    assert [hit.node.name for hit in search(explored).largest(parse("is:wasted")).shown] == ["c", "d"]


def test_found_in_any_layer(explored: Exploration) -> None:
    """The search finds each version of a path, in any layer."""
    hits = search(explored).matches(parse("a.a"))
    assert [(hit.node.path, hit.layer, hit.mark, hit.size) for hit in hits.shown] == [
        ("usr/lib/a.a", 0, Change.MODIFIED, 1),
        ("usr/lib/a.a", 1, Change.UNCHANGED, 2),
    ]
    (gone,) = search(explored).matches(parse("gone")).shown
    assert (gone.layer, hidden_by(gone.hidden_in, gone.cause)) == (0, "removed by layer 1")
    assert [hit.node.path for hit in search(explored).matches(parse("lib")).shown][:2] == ["usr/lib", "opt/usr/lib"]
    assert search(explored).matches(parse("layer:1 is:modified")).total == 1
    assert [(hit.node.path, hit.layer) for hit in search(explored).matches(parse("is:disposable")).shown] == [
        ("usr/lib/deep/er/libz.a", 0)
    ]
    assert search(explored).matches(EVERYTHING).total == 0


def test_found_without_a_word(explored: Exploration) -> None:
    """Without a word the largest matches come first; the size of a directory is that of its contents."""
    hits = search(explored).matches(parse("layer:0 size>0"))
    assert [hit.size for hit in hits.shown] == [2000, 300, 20, 20, 3, 1, 1]
    hits = search(explored).matches(parse("type:dir usr/**"))
    assert [hit.size for hit in hits.shown] == sorted((hit.size for hit in hits.shown), reverse=True)
    assert hits.shown[0].node.path == "usr/lib"


def test_found_directory_that_a_file_replaced(tmp_path: Path) -> None:
    """A directory that a later layer replaces by a file is found with its own size and as overwritten."""
    tree = explored_layers(tmp_path, layer(file("d/a", b"123")), layer(file("d", b"4")))
    assert [
        (hit.layer, hit.size, hidden_by(hit.hidden_in, hit.cause, is_short=True))
        for hit in search(tree).matches(parse("d type:dir")).shown
    ] == [(0, 3, "overwritten by 1")]


def test_order_of_names(tmp_path: Path) -> None:
    """Names equal to the word come first, then names that begin with it, then the others; short names first."""
    names = ["a-lib", "lib-long", "my-lib-c", "LIB", "libs"]
    tree = explored_layers(tmp_path, layer(*(file(f"d/{name}", b"1") for name in names)))
    hits = search(tree).matches(parse("lib")).shown
    assert [hit.node.name for hit in hits] == ["LIB", "libs", "lib-long", "a-lib", "my-lib-c"]
    tree = explored_layers(tmp_path, layer(file("x/tool", b"1"), file("tools/a", b"1"), file("y/tool-kit/b", b"1")))
    assert [hit.node.path for hit in search(tree).matches(parse("tool")).shown] == ["x/tool", "tools", "y/tool-kit"]


def test_equal_name_comes_before_a_shorter_one(tmp_path: Path) -> None:
    """The name decides before its length: an equal name of a path with a slash comes first."""
    tree = explored_layers(tmp_path, layer(file("d/ab", b"1"), file("d/abc", b"1"), file("d/a", b"1")))
    assert [hit.node.name for hit in search(tree).matches(parse("d/ab")).shown] == ["ab", "abc"]


def test_one_hit_for_all_versions_of_a_directory(tmp_path: Path) -> None:
    """A directory with an entry in several layers is one hit."""
    tree = explored_layers(
        tmp_path, layer(directory("dir", mode=0o755), file("dir/a")), layer(directory("dir", mode=0o700))
    )
    hits = search(tree).matches(parse("dir type:dir"))
    assert [(hit.node.name, hit.layer) for hit in hits.shown] == [("dir", 0)]
    assert hits.total == 1


def test_only_the_first_hits_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The result has at most the maximum of hits, the largest ones, and the number of all."""
    monkeypatch.setattr(search_module, "MAX_HITS", 2)
    tree = explored_layers(tmp_path, layer(*(file(f"f{size}", b"1" * size) for size in (2, 4, 1, 3))))
    hits = search(tree).largest(EVERYTHING)
    assert ([hit.size for hit in hits.shown], hits.total) == ([4, 3], 4)
    assert search(tree).matches(parse("f")).total == 4
    assert len(search(tree).matches(parse("f")).shown) == 2
