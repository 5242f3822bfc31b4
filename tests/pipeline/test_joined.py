from pathlib import Path

import pytest

from explorer.analysis.changes import changes
from explorer.layers.tar_layer import whole_files
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.pipeline.image_diff import ImageDiff
from explorer.pipeline.joined import joined
from tests.image_pairs import compared_layers
from tests.images import directory, file, hardlink, layer, symlink, visible_paths, whiteout


@pytest.fixture
def diff(tmp_path: Path) -> ImageDiff:
    before = [
        layer(directory("etc"), file("etc/hosts", b"old"), file("etc/gone", b"gone"), file("same", b"same")),
        layer(directory("d"), file("d/below", b"below"), file("touched", b"touched", mtime=1)),
    ]
    after = [
        layer(file("same", b"same"), file("etc/hosts", b"new content"), file("d", b"no directory")),
        layer(file("added/deep/file", b"added"), file("touched", b"touched", mtime=2)),
    ]
    return compared_layers(tmp_path, before, after)


def _changed(exploration: Exploration) -> dict[str, Change]:
    by_node = changes(exploration.tree, 0, 1).by_node
    return {node.path: change for node, change in by_node.items()}


def test_the_changes_are_those_of_the_images(diff: ImageDiff) -> None:
    """The second layer of a joined exploration changes the paths that differ, and no others."""
    assert _changed(joined(diff)) == {change.path: change.change for change in diff.file_changes}
    assert _changed(joined(diff))["d/below"] is Change.REMOVED


def test_each_layer_shows_one_image(diff: ImageDiff) -> None:
    """The two points of a joined exploration show the files and the bytes of the two images."""
    both = joined(diff)
    for number, image in enumerate((diff.old, diff.new)):
        assert visible_paths(both.tree, number) == visible_paths(image.tree, image.tree.top)
        assert both.sizes.at(both.tree.root, number) == image.usage.visible_bytes


def test_contents_are_read_from_both_images(diff: ImageDiff) -> None:
    """A file of a joined layer has the bytes of the image that the layer stands for."""
    both = joined(diff)
    for number, content in enumerate((b"old", b"new content")):
        entry = both.tree.find("etc/hosts").entry_at(number)  # type: ignore[union-attr]
        assert entry is not None
        layer_, index = both.image.layers[number], both.tree.layers[number]
        for _, pieces in whole_files(layer_.contents, index, [entry], lambda _: None):
            assert b"".join(map(bytes, pieces)) == content


def test_times_alone_can_be_left_out(diff: ImageDiff) -> None:
    """A path that differs only in its time is no change without times."""
    assert "touched" in _changed(joined(diff))
    assert "touched" not in _changed(joined(diff, with_times=False))


def test_links_that_the_new_image_makes_or_breaks_count_once(tmp_path: Path) -> None:
    """Each inode counts once at both points, even if only its names differ."""
    linked, apart = file("a", b"12345"), file("b", b"12345")
    old = [layer(linked, hardlink("b", "a"), file("c", b"12345"), symlink("l", "a"))]
    both = joined(compared_layers(tmp_path, old, [layer(linked, apart, hardlink("c", "b")), layer(whiteout("l"))]))
    assert [both.sizes.at(both.tree.root, number) for number in (0, 1)] == [10, 10]
    assert _changed(both) == {"l": Change.REMOVED}


def test_links_that_differ_in_time_only(tmp_path: Path) -> None:
    """A broken link counts without times, too, and shows no change of the time."""
    old = [layer(file("a", b"12345", mtime=1), hardlink("b", "a", mtime=1))]
    new = [layer(file("a", b"12345", mtime=2), file("b", b"12345", mtime=2))]
    both = joined(compared_layers(tmp_path, old, new), with_times=False)
    assert [both.sizes.at(both.tree.root, number) for number in (0, 1)] == [5, 10]
    assert _changed(both) == {}
