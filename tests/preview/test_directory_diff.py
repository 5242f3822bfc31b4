"""The differences below a directory."""

from __future__ import annotations

from pathlib import Path

from explorer.model import Change
from explorer.preview.directory_diff import ChangedFile, Total, directory_diff
from tests.images import directory, explored_layers, file, hardlink, layer, whiteout
from tests.viewmodel.trees import node


def test_kinds_and_bytes(tmp_path: Path) -> None:
    """Each kind of change has its number and bytes, and the largest file comes first."""
    found = explored_layers(
        tmp_path,
        layer(file("d/grows", b"1" * 5), file("d/same", b"1" * 7), file("d/s/gone", b"1" * 30), file("other", b"1")),
        layer(
            directory("d/new"),
            file("d/grows", b"2" * 9),
            file("d/same", b"1" * 7),
            whiteout("d/s/gone"),
            file("d/new/a", b"1" * 20),
            hardlink("d/new/b", "d/new/a"),
            file("other", b"22"),
        ),
    )
    diff = directory_diff(found.tree, node(found.tree, "d"), 0, 1)
    assert diff.files == [
        ChangedFile("s/gone", Change.REMOVED, 30, -30),
        ChangedFile("new/a", Change.ADDED, 20, 20),
        ChangedFile("grows", Change.MODIFIED, 9, 4),
        ChangedFile("same", Change.UNCHANGED, 7, 0),
        ChangedFile("new/b", Change.ADDED, 0, 0),
    ]
    assert diff.totals == {
        Change.REMOVED: Total(1, 30, -30),
        Change.ADDED: Total(2, 20, 20),
        Change.MODIFIED: Total(1, 9, 4),
        Change.UNCHANGED: Total(1, 7, 0),
    }


def test_points_that_are_far_apart(tmp_path: Path) -> None:
    """Between layers that do not follow each other, unchanged files have no part; the root holds everything."""
    found = explored_layers(tmp_path, layer(file("a", b"1")), layer(file("a", b"1")), layer(file("b", b"1")))
    diff = directory_diff(found.tree, found.tree.root, 0, 2)
    assert [each.path for each in diff.files] == ["b"]


def test_directories_that_differ(tmp_path: Path) -> None:
    """Directories that differ themselves are apart from the files."""
    found = explored_layers(tmp_path, layer(directory("tmp/a")), layer(directory("tmp/b"), whiteout("tmp/a")))
    tmp = found.tree.find("tmp")
    assert tmp is not None
    diff = directory_diff(found.tree, tmp, 0, 1)
    assert not diff.files
    assert sorted((each.path, each.change) for each in diff.directories) == [
        ("a/", Change.REMOVED),
        ("b/", Change.ADDED),
    ]
