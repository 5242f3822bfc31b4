"""Visible files of the same content: an unpacked image has the same ones."""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.analysis.duplicates import read_contents
from explorer.analysis.duplicates.image_duplicates import ImageDuplicates, known_duplicates, read_duplicates
from explorer.errors import Cancelled
from explorer.layers import file_key
from explorer.layers.cache import Cache
from explorer.model import Progress, Watcher
from explorer.pipeline import Exploration, explore
from tests.extract.saving import saved
from tests.images import (
    Item,
    Watching,
    big,
    docker_archive,
    explored,
    explored_layers,
    file,
    gzipped,
    hardlink,
    image,
    layer,
    oci_archive,
    opened,
    symlink,
    whiteout,
)

_PATHS = ("a", "b", "d/a", "d/b", "e/a", "e/b", "d/e/a")

paths = st.sampled_from(_PATHS)
members = st.one_of(
    st.builds(file, paths, st.sampled_from((b"", b"1", b"2", b"11", b"12"))),
    st.builds(hardlink, paths, paths),
    st.builds(symlink, paths, paths),
    st.builds(whiteout, st.sampled_from((*_PATHS, "d", "e"))),
)
images = st.lists(st.lists(members, max_size=7), min_size=1, max_size=4)


def found(image: Exploration, min_bytes: int = 1) -> ImageDuplicates:
    """Returns the duplicates of an image, after reading what is not known."""
    return image.read_duplicates(min_bytes, Watcher())


def contents_of(duplicates: ImageDuplicates) -> set[tuple[int, int]]:
    """Returns the size and the number of copies of each content."""
    return {(each.bytes, len(each.copies)) for group in duplicates.groups for each in group.duplicates}


def unpacked_copies(top: Path) -> dict[str, set[tuple[int, ...]]]:
    """Returns the digest and the inodes of each content that several files of a directory have."""
    by_content: defaultdict[str, set[int]] = defaultdict(set)
    for path in top.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size:
            by_content[hashlib.sha256(path.read_bytes()).hexdigest()].add(path.stat().st_ino)
    return {digest: {tuple(sorted(inodes))} for digest, inodes in by_content.items() if len(inodes) > 1}


@pytest.mark.end_to_end
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(images, st.booleans())
def test_an_unpacked_image_has_the_same_copies(layers: list[list[Item]], is_compressed: bool) -> None:
    """Each content with several inodes in the unpacked image is found with each of them, and no other one."""
    with tempfile.TemporaryDirectory() as folder:
        made = image(*(layer(*items) for items in [*layers, [file("x")]]))
        archive = Path(folder, "image.tar")
        archive.write_bytes(
            oci_archive(made, compress=gzipped, suffix="+gzip") if is_compressed else docker_archive(made)
        )
        shop = explored(archive)
        duplicates = found(shop)
        saved(shop, "", Path(folder))
        top = Path(folder, "it")
        copies = {
            hashlib.sha256((top / each.copies[0].path).read_bytes()).hexdigest(): {
                tuple(sorted((top / copy.path).stat().st_ino for copy in each.copies))
            }
            for group in duplicates.groups
            for each in group.duplicates
        }
        assert copies == unpacked_copies(top)
        assert duplicates.unknown == 0
        assert all(
            group.saved_base_bytes(layers_) <= group.saved_bytes for group in duplicates.groups for layers_ in range(5)
        )
        assert all(group.saved_base_bytes(len(layers) + 1) == group.saved_bytes for group in duplicates.groups)


def test_hard_links_are_one_file(tmp_path: Path) -> None:
    """The names of an inode are no copies, and count once beside a real copy."""
    shop = explored_layers(tmp_path, layer(file("a", b"1"), hardlink("b", "a")), layer(file("c", b"1")))
    assert contents_of(found(shop)) == {(1, 2)}


def test_small_and_empty_files_are_left_out(tmp_path: Path) -> None:
    """Only files of the asked size count, and never empty ones."""
    shop = explored_layers(
        tmp_path, layer(*(file(f"{size}{name}", b"1" * size) for size in (0, 3, 4) for name in "ab"))
    )
    assert contents_of(found(shop, 4)) == {(4, 2)}
    assert contents_of(found(shop, 0)) == {(3, 2), (4, 2)}


def test_base_and_own_copies(tmp_path: Path) -> None:
    """The base's own copies are its part; a copy above it can link to the base."""
    shop = explored_layers(tmp_path, layer(file("a", b"1"), file("b", b"1")), layer(file("c", b"1")))
    (group,) = found(shop).groups
    assert [group.saved_base_bytes(count) for count in (0, 1, 2)] == [0, 1, 2]
    assert group.saved_bytes == 2


def test_places_with_the_same_files_are_a_group(tmp_path: Path) -> None:
    """Copies whose paths end alike are one group of directories; others are groups of files."""
    shop = explored_layers(
        tmp_path,
        layer(big("v/one/lib/a.py", 0.2), big("v/one/lib/b.py", 0.3, 2), big("v/other", 0.1, 3)),
        layer(big("w/two/lib/a.py", 0.2), big("w/two/lib/b.py", 0.3, 2), big("w/others", 0.1, 3)),
        layer(big("a.py", 0.1, 4), big("top/a.py", 0.1, 4)),
    )
    groups = [
        ([(place.path, list(place.layers)) for place in group.places], group.saved_bytes)
        for group in found(shop).groups
    ]
    assert groups == [
        ([("v/one", [0]), ("w/two", [1])], 500_000),
        ([("", [2]), ("top", [2])], 100_000),
        ([("v/other", [0]), ("w/others", [1])], 100_000),
    ]


def test_what_is_read_is_known_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only files of equal size are read, once: the cache keeps their fingerprints."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(big("a", 1), big("b", 1), big("c", 1, 2), big("single", 3)))))
    monkeypatch.setattr(file_key, "_SETTLED_NS", 0)
    cache = Cache(tmp_path / "cache")
    shop = explore(opened(path), cache=cache)
    assert contents_of(known_duplicates(shop.tree, 1)) == set()
    assert known_duplicates(shop.tree, 1).unknown == 3
    watching = Watching()
    first = shop.read_duplicates(1, watching)
    assert {step.total for step in watching.steps} == {3_000_000}
    again = explore(opened(path), cache=cache)
    assert contents_of(known_duplicates(again.tree, 1)) == contents_of(first) == {(1_000_000, 2)}
    watching = Watching()
    again.read_duplicates(1, watching)
    assert watching.steps == []


def test_figures_of_the_image_stay(tmp_path: Path) -> None:
    """Copies at other paths are no waste, before and after they are read."""
    shop = explored_layers(tmp_path, layer(big("a", 1)), layer(big("b", 1)))
    before = shop.usage
    found(shop)
    assert shop.usage is before
    assert shop.usage.wasted_bytes == 0


def test_too_much_to_read_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a limit, the files that could save least are not read, and the list says so."""
    monkeypatch.setattr(read_contents, "_MAX_READ_BYTES", 2_500_000)
    shop = explored_layers(tmp_path, layer(big("a", 1), big("b", 1), *(big(f"c{number}", 0.4) for number in range(2))))
    duplicates = found(shop)
    assert contents_of(duplicates) == {(1_000_000, 2)}
    assert duplicates.unknown == 2
    assert duplicates.problems == ["2 files not compared: more than 2.5 MB to read"]


def test_many_files_of_equal_size(tmp_path: Path) -> None:
    """Different contents of one size are each read once."""
    shop = explored_layers(tmp_path, layer(*(file(f"f{number}", b"%08d" % number) for number in range(3_000))))
    watching = Watching()
    duplicates = shop.read_duplicates(1, watching)
    assert (duplicates.groups, duplicates.unknown) == ([], 0)
    assert watching.steps[-1].total == 3_000 * 8


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    """Cancelled from the watcher ends the reading, and the next call reads all."""

    class Impatient(Watcher):
        def progress(self, progress: Progress) -> None:
            raise Cancelled(progress.step)

    shop = explored_layers(tmp_path, layer(big("a", 1), big("b", 1)))
    with pytest.raises(Cancelled):
        shop.read_duplicates(1, Impatient())
    assert contents_of(found(shop)) == {(1_000_000, 2)}


def test_nothing_is_fetched_from_a_registry(tmp_path: Path) -> None:
    """Files of a layer that only a registry has stay uncompared, and the list says what to do."""
    shop = explored_layers(tmp_path, layer(big("a", 1), big("b", 1)))
    layers = [replace(each, is_remote=True) for each in shop.image.layers]
    duplicates = read_duplicates(shop.tree, layers, 1, Watcher())
    assert (duplicates.groups, duplicates.unknown) == ([], 2)
    assert duplicates.problems == [
        "layer 0: 2 files not compared, because they are only in the registry; --full reads all layers"
    ]


def test_a_layer_that_cannot_be_read(tmp_path: Path) -> None:
    """Its files stay uncompared, and the list says why."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(big("a", 1), big("b", 1)))))
    shop = explored(path)
    path.write_bytes(path.read_bytes()[:700_000])
    duplicates = found(shop)
    assert (duplicates.groups, duplicates.unknown) == ([], 2)
    (problem,) = duplicates.problems
    assert problem.startswith("layer 0: 2 files not compared: layer 0 cannot be read")
