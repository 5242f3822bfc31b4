"""The term about kinds of files: the same meaning among files, versions and wasted files."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.file_kinds.kinds import FILE_KINDS, filter_word, kind_named
from explorer.analysis.filter.query import BadQuery, parse
from explorer.pipeline import Exploration
from explorer.report.listing import listing
from explorer.viewmodel.waste_files import WasteFiles
from tests.images import directory, explored_layers, file, hardlink, layer, symlink, whiteout


@pytest.fixture
def image(tmp_path: Path) -> Exploration:
    """Libraries, a program, and links to them; a layer removes one of each."""
    return explored_layers(
        tmp_path,
        layer(
            directory("usr/lib/d.so"),
            file("usr/lib/a.so", b"1"),
            file("usr/lib/b.so.1", b"22"),
            symlink("usr/lib/c.so", "a.so"),
            hardlink("usr/lib/e.so", "usr/lib/a.so"),
            file("usr/bin/tool", b"333", mode=0o755),
            file("usr/bin/gone", b"4444", mode=0o755),
        ),
        layer(whiteout("usr/lib/b.so.1"), whiteout("usr/bin/gone")),
    )


def test_visible_files(image: Exploration) -> None:
    """Files and hard links of the kind pass; directories and symbolic links do not."""
    libraries = [line.path for line in listing(image, 0, query=parse("kind:shared-libraries"))]
    assert libraries == ["usr/lib/a.so", "usr/lib/b.so.1", "usr/lib/e.so"]
    assert [line.path for line in listing(image, 0, query=parse("kind:executables -gone"))] == ["usr/bin/tool"]
    assert [line.path for line in listing(image, 0, query=parse("!kind:executables"))] == libraries


def test_versions_and_wasted_files(image: Exploration) -> None:
    """The search in all layers and the filter of the waste find the same files."""
    query = parse("kind:executables gone")
    assert [hit.node.path for hit in image.search.matches(query).shown] == ["usr/bin/gone"]
    files = WasteFiles.complete(image)
    assert [files.all[index].path for index in files.matcher.indexes(query)] == ["usr/bin/gone"]


@pytest.mark.parametrize("text", ["kind:shared-libraries", "kind:shared_libraries", 'KIND:"Shared Libraries"'])
def test_spellings(text: str) -> None:
    """The name or the key of a kind is the same with blanks, hyphens and underscores."""
    assert parse(text) == parse("kind:shared-libraries")


def test_each_kind_has_a_word() -> None:
    """Each kind is found by its key and by its name."""
    for key, kind in FILE_KINDS.items():
        assert kind_named(filter_word(key)) == key
        assert kind_named(kind.name) == key


def test_unknown_kinds() -> None:
    """A kind that does not exist gets the name that is most like it."""
    with pytest.raises(BadQuery, match=r"as in kind:executables$"):
        parse("kind:executabels")
    with pytest.raises(BadQuery, match=r"as in kind:shared-libraries$"):
        parse("kind:")
