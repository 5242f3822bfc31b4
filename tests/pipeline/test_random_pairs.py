"""Random pairs of images: their differences against those of the files that each of them shows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from explorer.analysis.changes import changes
from explorer.analysis.largest_directories import sizes_of_files
from explorer.analysis.visible_files import visible_files
from explorer.model import Change, Entry, Kind, Watcher
from explorer.pipeline import Exploration
from explorer.pipeline.image_diff import ImageDiff, compare
from explorer.pipeline.joined import joined
from tests.images import Item, docker_archive, explored, gzipped, image, layer, oci_archive
from tests.overlay import shared
from tests.random_pairs import random_pair

_Image = tuple[dict[str, "Seen"], set[frozenset[str]]]
"""The paths that a container sees, and the names of each inode."""
PAIRS = 60


class Seen(NamedTuple):
    """A path as a container sees it."""

    kind: Kind
    content: bytes
    link: str
    mode: int
    owner: tuple[int, int]
    mtime_ns: int
    xattrs: tuple[tuple[str, bytes], ...]


def _explored(path: Path, layers: Sequence[Sequence[Item]], *, is_compressed: bool) -> Exploration:
    made = image(*(layer(*items) for items in layers))
    path.write_bytes(oci_archive(made, compress=gzipped) if is_compressed else docker_archive(made))
    return explored(path)


def _content(exploration: Exploration, number: int, entry: Entry) -> bytes:
    files = exploration.image.layers[number].contents.read(exploration.tree.layers[number], [entry], lambda _: None)
    return b"".join(bytes(piece) for _, pieces in files for piece in pieces)


def _seen(exploration: Exploration, point: int) -> _Image:
    """Returns what a container of the layers up to a point sees, and the names of each inode."""
    seen, inodes = {}, {}
    for node in exploration.tree.walk():
        version = node.version_at(point)
        if node.parent is None or version is None or version.entry is None:
            continue
        entry, has_content = version.entry, version.entry.kind.has_content
        content = _content(exploration, version.layer, entry) if entry.size else b""
        kind = Kind.FILE if has_content else entry.kind
        mtime_ns = 0 if kind is Kind.DIRECTORY else entry.mtime_ns
        link = "" if has_content else entry.link
        seen[node.path] = Seen(kind, content, link, entry.mode, (entry.uid, entry.gid), mtime_ns, entry.xattrs)
        if entry.size:
            inodes[node.path] = version.layer, entry.inode
    return seen, shared(inodes)


def _check(diff: ImageDiff) -> None:
    """Compares a difference with what the two images show."""
    old, old_inodes = _seen(diff.old, diff.old.tree.top)
    new, new_inodes = _seen(diff.new, diff.new.tree.top)
    expected = {path: (old.get(path), new.get(path)) for path in {**old, **new} if old.get(path) != new.get(path)}
    found = {change.path: change for change in diff.file_changes if change.path}
    assert found.keys() == expected.keys()
    for path, (before, after) in expected.items():
        if before is None or after is None:
            assert found[path].change is (Change.ADDED if before is None else Change.REMOVED)
        else:
            # The times of a file and a directory say nothing about each other.
            ignored = {"time"} if before.kind is not after.kind else set()
            assert found[path].differs - ignored == _differing(before, after) - ignored
    totals = diff.change_totals
    assert totals.added_bytes == _bytes_only_in((new, new_inodes), old)
    assert totals.removed_bytes == _bytes_only_in((old, old_inodes), new)
    visible = [each.usage.visible_bytes for each in (diff.old, diff.new)]
    assert visible[0] + totals.added_bytes + totals.grown_bytes - totals.removed_bytes == visible[1]
    times = [before and after and _differing(before, after) == {"time"} for before, after in expected.values()]
    assert totals.time_only == times.count(True)
    _check_directories(diff)
    _check_joined(diff, (old, old_inodes), (new, new_inodes))


def _bytes_only_in(image: _Image, other: dict[str, Seen]) -> int:
    """Returns the bytes of the inodes of an image none of whose names the other image shows."""
    seen, inodes = image
    return sum(len(seen[min(names)].content) for names in inodes if not names & other.keys())


def _differing(before: Seen, after: Seen) -> set[str]:
    if before.kind is not after.kind:
        kinds = {"type"}
    else:
        kinds = {name for name, at in (("bytes", 1), ("link", 2)) if before[at] != after[at]}
    return kinds | {
        name for name, at in (("mode", 3), ("owner", 4), ("time", 5), ("attributes", 6)) if before[at] != after[at]
    }


def _check_directories(diff: ImageDiff) -> None:
    old, new = (
        sizes_of_files((entry.path, entry.size) for _, entry in visible_files(each.tree))
        for each in (diff.old, diff.new)
    )
    for change in diff.directory_changes:
        assert (change.old_bytes, change.new_bytes) == (old[change.path], new[change.path])
    assert [each.growth for each in diff.directory_changes] == sorted(
        (each.growth for each in diff.directory_changes), reverse=True
    )


def _check_joined(diff: ImageDiff, old: _Image, new: _Image) -> None:
    both = joined(diff)
    by_node = changes(both.tree, 0, 1).by_node
    assert {node.path: change for node, change in by_node.items()} == {
        change.path: change.change for change in diff.file_changes
    }
    assert _seen(both, 0) == old
    assert _seen(both, 1) == new
    assert both.sizes.at(both.tree.root, 0) == diff.old.usage.visible_bytes
    assert both.sizes.at(both.tree.root, 1) == diff.new.usage.visible_bytes
    without_times = {change.path for change in diff.file_changes if not change.is_time_only}
    timeless = joined(diff, with_times=False)
    assert {node.path for node in changes(timeless.tree, 0, 1).by_node} == without_times
    assert timeless.sizes.at(timeless.tree.root, 1) == diff.new.usage.visible_bytes


@pytest.mark.end_to_end
@pytest.mark.parametrize("is_compressed", [False, True])
def test_random_pairs_differ_where_their_files_differ(tmp_path: Path, *, is_compressed: bool) -> None:
    """The differences of two images are exactly those of the files that they show, also as one exploration."""
    for seed in range(PAIRS):
        old, new = random_pair(random.Random(seed))
        explorations = [
            _explored(tmp_path / f"{seed}.{name}", layers, is_compressed=is_compressed)
            for name, layers in (("old", old), ("new", new))
        ]
        try:
            _check(compare(explorations[0], explorations[1], Watcher()))
        except Exception as error:
            lines = [
                f"{name} {at}: {item}"
                for name, layers in (("old", old), ("new", new))
                for at, items in enumerate(layers)
                for item in items
            ]
            raise AssertionError("\n".join([f"pair {seed}", *lines])) from error
