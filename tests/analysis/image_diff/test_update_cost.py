"""The bytes that somebody who has the old image must download for the new one."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from explorer.analysis.image_diff import sampled_size
from explorer.analysis.image_diff.update_cost import Basis, UpdateCost
from explorer.errors import NoContents
from explorer.layers.tar_layer import TarLayer
from explorer.model import FileContents
from tests.image_pairs import compared_archives
from tests.images import docker_archive, file, gzipped, image, layer, oci_archive, symlink, zstded

A, B, C = (layer(file(name, name.encode() * 1_000)) for name in "abc")


def cost(
    tmp_path: Path, old: Sequence[bytes], new: Sequence[bytes], compress: Callable[[bytes], bytes] = gzipped
) -> UpdateCost:
    """Returns the cost between two OCI archives; ``compress`` is for the layers of the new one."""
    before, after = (
        oci_archive(image(*layers), compress=pack, suffix="+gzip") for layers, pack in ((old, gzipped), (new, compress))
    )
    return compared_archives(tmp_path, before, after).update


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


def docker_cost(tmp_path: Path, old: bytes, new: bytes) -> UpdateCost:
    """Returns the cost between two archives of ``docker save``, which name no blobs."""
    return compared_archives(tmp_path, old, new).update


def test_without_digests_the_cost_is_estimated(tmp_path: Path) -> None:
    """Archives of ``docker save`` have no digests of blobs, so diff IDs decide and a sample tells the size."""
    update = docker_cost(tmp_path, docker_archive(image(A, B)), docker_archive(image(A, C, C)))
    assert (update.is_estimated, update.disk_bytes, update.layers) == (True, 2_000, [1])
    assert update.basis is Basis.SAMPLE
    assert 0 < update.download_bytes <= len(gzipped(C))


def test_random_bytes_do_not_compress(tmp_path: Path) -> None:
    """Random bytes cost as much as they are, those of one letter almost nothing."""
    noise = random.Random(1).randbytes(300_000)
    new = docker_archive(image(A, layer(file("noise", noise)), layer(file("letter", b"x" * 4_000_000))))
    update = docker_cost(tmp_path, docker_archive(image(A)), new)
    assert update.layer_bytes[0] == pytest.approx(len(noise), rel=0.01)
    assert update.layer_bytes[1] < 10_000
    assert update.basis_words == "estimated from a compressed sample of the files"


def test_a_large_layer_is_sampled_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of a layer counts by its bytes, if the sample is smaller than the layer."""
    monkeypatch.setattr(sampled_size, "_MAX_SAMPLED_BYTES", 400_000)
    noise = random.Random(1)
    mixed = layer(
        *(file(f"{number}", noise.randbytes(9_000) if number % 2 else b"x" * 9_000) for number in range(200)),
        file("large", noise.randbytes(1_000_000)),
    )
    update = docker_cost(tmp_path, docker_archive(image(A)), docker_archive(image(A, mixed)))
    assert update.download_bytes == pytest.approx(len(zlib.compress(mixed, 6)), rel=0.1)


def test_many_entries_without_contents_count(tmp_path: Path) -> None:
    """Directories and links cost their headers."""
    links = layer(*(symlink(f"usr/lib/link-{number}", f"target-{number}") for number in range(2_000)))
    update = docker_cost(tmp_path, docker_archive(image(A)), docker_archive(image(A, links)))
    assert update.download_bytes == pytest.approx(len(zlib.compress(links, 6)), rel=0.3)


def test_without_contents_other_layers_tell_the_compression(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compression of layers whose sizes are known is expected of layers that cannot be read."""
    monkeypatch.setattr(TarLayer, "read", _unreadable)
    old = oci_archive(image(A, B), compress=gzipped, suffix="+gzip")
    update = docker_cost(tmp_path, old, docker_archive(image(A, C)))
    assert update.basis is Basis.OTHER_LAYERS
    assert update.download_bytes == round((len(gzipped(A)) + len(gzipped(B))) / 2)


def test_without_contents_and_known_sizes_the_cost_is_a_rough_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the unpacked bytes is left, and the words say so."""
    monkeypatch.setattr(TarLayer, "read", _unreadable)
    update = docker_cost(tmp_path, docker_archive(image(A)), docker_archive(image(A, C)))
    assert (update.download_bytes, update.basis, update.is_rough) == (400, Basis.TYPICAL, True)
    assert update.basis_words == "a rough estimate, 40 % of the unpacked bytes: the files cannot be read"


def _unreadable(*_: object) -> FileContents:
    raise NoContents("no contents")
