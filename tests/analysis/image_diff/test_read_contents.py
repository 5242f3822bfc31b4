"""Reading the contents of two images: as little as their comparison needs, and never a guess."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from explorer.analysis.image_diff.file_changes import UNKNOWN
from explorer.analysis.image_diff.layer_pair import PairStatus
from explorer.errors import Cancelled, UnreadableLayer
from explorer.layers import file_key as file_keys
from explorer.layers.cache import Cache
from explorer.layers.layer_wrapper import LayerWrapper
from explorer.layers.read_budget import ReadBudget
from explorer.layers.tables import table_layer
from explorer.layers.tar_layer import TarLayer
from explorer.model import Addressing, Entry, FileContents, LayerContents, LayerIndex, OnProgress, Progress, Watcher
from explorer.pipeline import Exploration, explore
from explorer.pipeline.image_diff import ImageDiff, compare
from explorer.sources import open_image
from explorer.sources.request import Request
from tests.fake_registry import FakeRegistry
from tests.image_pairs import compared_archives
from tests.images import (
    MadeImage,
    digest,
    docker_archive,
    explored,
    file,
    gzipped,
    image,
    layer,
    oci_archive,
    opened,
)
from tests.tables import ZSTD_CHUNKED, packed, table_files

NOISE = file("noise", random.Random(3).randbytes(9_000))
LOW = layer(file("same", b"same"), file("other", b"old"), NOISE)
TOP = layer(file("same", b"same"), file("other", b"new"), NOISE)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are read from tars."""
    paths: list[str] = []
    original = TarLayer.read

    def recorded(self: TarLayer, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        wanted = list(entries)
        paths.extend(entry.path for entry in wanted)
        return original(self, index, wanted, on_progress)

    monkeypatch.setattr(TarLayer, "read", recorded)
    monkeypatch.setattr(file_keys, "_SETTLED_NS", -1)
    return paths


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRegistry]:
    """A running registry with an image whose layer has a table of contents."""
    monkeypatch.setattr(table_layer, "_TAIL_BYTES", 64)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    with FakeRegistry().running() as registry:
        registry.add_files("1", table_files([packed(LOW, ZSTD_CHUNKED)]))
        yield registry


def _explored(path: Path, made: MadeImage, write: Callable[[MadeImage], bytes] = docker_archive) -> Exploration:
    path.write_bytes(write(made))
    return explored(path)


def _pair(tmp_path: Path, old: MadeImage, new: MadeImage) -> tuple[Exploration, Exploration]:
    return _explored(tmp_path / "old.tar", old), _explored(tmp_path / "new.tar", new)


def _differs(diff: ImageDiff) -> Mapping[str, set[str]]:
    return {change.path: set(change.differs) for change in diff.file_changes}


def _compressed(made: MadeImage) -> bytes:
    return oci_archive(made, compress=gzipped, suffix="+gzip")


def test_only_files_of_the_same_size_are_read(tmp_path: Path, read: list[str]) -> None:
    """Other sizes, empty files and files that only one image has need no contents."""
    old = layer(file("same", b"same"), file("size", b"1"), file("empty"), file("old", b"old"))
    new = layer(file("same", b"same"), file("size", b"22"), file("empty"), file("new", b"new"))
    assert _differs(compare(*_pair(tmp_path, image(old), image(new)), Watcher())).keys() == {"size", "old", "new"}
    assert read == ["same", "same"]


@pytest.mark.parametrize("write", [docker_archive, _compressed])
def test_a_layer_that_is_certainly_shared_is_not_read(
    tmp_path: Path, read: list[str], write: Callable[[MadeImage], bytes]
) -> None:
    """The same part of the same file and a verified digest are the same layer, wherever it is."""
    old = _explored(tmp_path / "image.tar", image(LOW), write)
    new = explored(tmp_path / "image.tar")
    diff = compare(old, new, Watcher())
    assert diff.file_changes == []
    assert diff.path_pairs == []
    assert read == []


def test_a_root_filesystem_against_itself_is_not_read(tmp_path: Path, read: list[str]) -> None:
    """A layer without any digest is the same if it is the same file."""
    (tmp_path / "root.tar").write_bytes(LOW)
    old, new = (explored(f"rootfs://{tmp_path / 'root.tar'}") for _ in range(2))
    diff = compare(old, new, Watcher())
    assert read == []
    assert [pair.status for pair in diff.layer_pairs] == [PairStatus.SAME]


def test_a_digest_that_is_only_claimed_proves_nothing(tmp_path: Path) -> None:
    """Two layers with one diff ID that nothing has verified are compared by their bytes."""
    claimed = {"type": "layers", "diff_ids": [digest(LOW)]}
    pair = _pair(tmp_path, image(LOW), image(TOP, rootfs=claimed))
    assert [each.image.layers[0].diff_id for each in pair] == [digest(LOW)] * 2
    assert _differs(compare(*pair, Watcher())) == {"other": {"bytes"}}


def test_a_second_comparison_reads_nothing(tmp_path: Path, read: list[str]) -> None:
    """The cache keeps the fingerprints of both images beside their layers."""
    cache = Cache(tmp_path / "cache")
    differences = []
    for _ in range(2):
        for name, content in (("old.tar", LOW), ("new.tar", TOP)):
            if not (tmp_path / name).exists():
                (tmp_path / name).write_bytes(docker_archive(image(content)))
        old, new = (explore(opened(tmp_path / name), cache=cache) for name in ("old.tar", "new.tar"))
        read.clear()
        differences.append(_differs(compare(old, new, Watcher())))
    assert read == []
    assert differences == [{"other": {"bytes"}}] * 2


def test_an_image_with_the_same_layer_twice(tmp_path: Path) -> None:
    """Layers with the same bytes in one image are no obstacle."""
    old, new = image(LOW, layer(file("same", b"SAME")), LOW), image(TOP, TOP)
    assert _differs(compare(*_pair(tmp_path, old, new), Watcher())) == {"other": {"bytes"}}


def test_tables_of_contents_are_compared_without_a_download(
    tmp_path: Path, shop: FakeRegistry, read: list[str]
) -> None:
    """The SHA-256 of a local file is compared with that of the table."""
    old, new = explored(shop.reference()), _explored(tmp_path / "new.tar", image(TOP))
    assert old.tree.layers[0].is_from_table
    shop.heard.clear()
    assert _differs(compare(old, new, Watcher())) == {"other": {"bytes"}}
    assert shop.heard == []
    assert sorted(read) == ["noise", "other", "same"]


def test_digests_of_a_false_layer_are_not_cached(tmp_path: Path, shop: FakeRegistry, read: list[str]) -> None:
    """A layer whose index came from the cache may be another, so nothing that was read of it is kept."""
    cache = Cache(tmp_path / "cache")
    (tmp_path / "true.tar").write_bytes(_compressed(image(LOW)))
    explore(opened(tmp_path / "true.tar"), cache=cache)
    false = _compressed(image(LOW)).replace(gzipped(LOW), gzipped(TOP).ljust(len(gzipped(LOW)), b"\0"))
    (tmp_path / "false.tar").write_bytes(false)
    new = explore(opened(tmp_path / "false.tar"), cache=cache)
    compare(explored(shop.reference()), new, Watcher())
    assert read
    kept = cache.load(digest(gzipped(LOW)), Addressing.TAR)
    assert kept is not None
    assert not kept.digests


def test_a_damaged_layer_is_not_the_one_of_its_digest(tmp_path: Path) -> None:
    """A layer whose bytes differ from its digest is compared by its files."""
    true = _compressed(image(LOW))
    false = true.replace(gzipped(LOW), gzipped(TOP).ljust(len(gzipped(LOW)), b"\0"))
    diff = compared_archives(tmp_path, true, false)
    assert diff.new.damage
    assert _differs(diff) == {"other": {"bytes"}}
    assert [pair.status for pair in diff.layer_pairs] == [PairStatus.CHANGED]


def test_contents_that_may_not_be_fetched_are_unknown(tmp_path: Path, shop: FakeRegistry) -> None:
    """A file that is only in a registry stays unknown if --within does not allow it, with the reason."""
    shop.add("2", image(TOP), compress=gzipped, suffix="+gzip")
    budget = ReadBudget(max_fetched_bytes=2)
    old = explore(open_image(Request(shop.reference(), Watcher(), budget=budget)), budget=budget)
    diff = compare(old, explored(shop.reference(":2")), Watcher())
    assert _differs(diff) == {key: {UNKNOWN} for key in ("noise", "other", "same")}
    assert diff.problems == [
        "layer 0 of the old image: 3 files not compared, because --within allows too few bytes",
    ]
    assert diff.change_totals.unknown == 3


@dataclass(frozen=True)
class _Unreadable(LayerWrapper):
    """Contents whose files cannot be read."""

    contents: LayerContents

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        raise UnreadableLayer("layer 0 cannot be read: it is gone", "Save it again.")


def test_contents_that_cannot_be_read_are_unknown(tmp_path: Path) -> None:
    """Damage does not end the comparison, and never makes files equal."""
    old, new = _pair(tmp_path, image(LOW), image(TOP))
    broken = replace(old.image.layers[0], contents=_Unreadable(old.image.layers[0].contents))
    old = replace(old, image=replace(old.image, layers=(broken,)))
    diff = compare(old, new, Watcher())
    assert _differs(diff) == {key: {UNKNOWN} for key in ("noise", "other", "same")}
    assert diff.problems == ["layer 0 of the old image: 3 files not compared: layer 0 cannot be read: it is gone"]


def test_a_comparison_can_be_stopped(tmp_path: Path) -> None:
    """A watcher that stops the work ends it, whichever image is read."""

    class Stopping(Watcher):
        def progress(self, progress: Progress) -> None:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        compare(*_pair(tmp_path, image(LOW), image(TOP)), Stopping())
