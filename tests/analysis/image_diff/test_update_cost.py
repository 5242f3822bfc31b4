"""The bytes that somebody who has the old image must download for the new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from explorer.analysis.image_diff.update_cost import UpdateCost
from explorer.model import Watcher
from explorer.pipeline.image_diff import compare
from tests.images import docker_archive, explored, file, gzipped, image, layer, oci_archive, zstded

A, B, C = (layer(file(name, name.encode() * 1_000)) for name in "abc")


def cost(
    tmp_path: Path, old: Sequence[bytes], new: Sequence[bytes], compress: Callable[[bytes], bytes] = gzipped
) -> UpdateCost:
    """Returns the cost between two OCI archives; ``compress`` is for the layers of the new one."""
    for name, layers, pack in (("old", old, gzipped), ("new", new, compress)):
        (tmp_path / name).write_bytes(oci_archive(image(*layers), compress=pack, suffix="+gzip"))
    return compare(explored(tmp_path / "old"), explored(tmp_path / "new"), Watcher()).update


def test_only_new_blobs_are_downloaded(tmp_path: Path) -> None:
    """Blobs that both images know by digest cost nothing."""
    assert cost(tmp_path, [A, B], [A, C]) == UpdateCost(len(gzipped(C)), False, 1_000, [1], [len(gzipped(C))])


def test_a_moved_layer_is_no_download(tmp_path: Path) -> None:
    """A moved layer is not downloaded, but unpacked again, because other layers are below it."""
    assert cost(tmp_path, [A, B, C], [A, C, B]) == UpdateCost(0, False, 2_000, [], [])


def test_a_blob_that_appears_twice_counts_once(tmp_path: Path) -> None:
    """The same layer twice is downloaded once, and unpacked twice."""
    assert cost(tmp_path, [A], [A, B, B]) == UpdateCost(len(gzipped(B)), False, 2_000, [1], [len(gzipped(B))])


def test_the_same_image_costs_nothing(tmp_path: Path) -> None:
    """An image that is the old one costs nothing."""
    assert cost(tmp_path, [A, B], [A, B]) == UpdateCost(0, False, 0, [], [])


def test_another_compression_is_a_download(tmp_path: Path) -> None:
    """A layer that is compressed in another way has another digest, but is not unpacked again."""
    assert cost(tmp_path, [A], [A], zstded) == UpdateCost(len(zstded(A)), False, 0, [0], [len(zstded(A))])


def test_without_digests_the_cost_is_estimated(tmp_path: Path) -> None:
    """Archives of ``docker save`` have no digests of blobs, so diff IDs decide and the size is a guess."""
    for name, layers in (("old", [A, B]), ("new", [A, C, C])):
        (tmp_path / name).write_bytes(docker_archive(image(*layers)))
    update = compare(explored(tmp_path / "old"), explored(tmp_path / "new"), Watcher()).update
    assert update == UpdateCost(400, True, 2_000, [1], [400])


def test_known_ratios_make_a_better_estimate(tmp_path: Path) -> None:
    """The compression of layers whose sizes are known is expected of the others."""
    (tmp_path / "old").write_bytes(oci_archive(image(A, B), compress=gzipped, suffix="+gzip"))
    (tmp_path / "new").write_bytes(docker_archive(image(A, C)))
    update = compare(explored(tmp_path / "old"), explored(tmp_path / "new"), Watcher()).update
    assert update.is_estimated
    assert update.download_bytes == round((len(gzipped(A)) + len(gzipped(B))) / 2)
