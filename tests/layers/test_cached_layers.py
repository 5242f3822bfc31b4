"""The cache in the pipeline: which layers use it, and that false digests do not poison it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from explorer.analysis.changes import changes
from explorer.layers import file_key as file_keys
from explorer.layers.cache import Cache, CachedLayer, EntryKind, store_indexes, with_cache
from explorer.model import (
    Addressing,
    Entry,
    FileContents,
    Image,
    Layer,
    LayerContents,
    LayerIndex,
    OnProgress,
    Verified,
)
from explorer.pipeline import Exploration, explore
from tests.fake_engine import FakeEngine
from tests.images import (
    MadeImage,
    Watching,
    big,
    content_of,
    digest,
    directory,
    docker_archive,
    file,
    gzipped,
    image,
    indexed,
    layer,
    oci_archive,
    opened,
    whiteout,
)

DIFF_ID = digest(b"a layer")
OTHER = digest(b"another layer")
MADE = image(
    layer(directory("d"), big("d/a", 0.1), big("d/b", 0.1), file("keep", b"keep")),
    layer(whiteout("d/a"), big("d/b", 0.1), file("d/c")),
    layer(big("d/b", 0.1, edition=2), file("keep", b"keep", mode=0o600)),
)
"""Three layers of which the contents of two paths must be compared."""


# The pipeline


@dataclass
class Counting:
    """Contents that record each access. Satisfies LayerContents."""

    contents: LayerContents
    asked: list[str] = field(default_factory=list)
    stored_bytes: int = 0
    streams: bool = False
    verified: Verified = Verified.DIFF_ID
    addressing: Addressing = Addressing.TAR

    def index(self, on_progress: OnProgress) -> LayerIndex:
        self.asked.append("index")
        return self.contents.index(on_progress)

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        self.asked.extend(f"read {entry.path}" for entry in entries)
        return self.contents.read(index, entries, on_progress)


def archive(tmp_path: Path, made: MadeImage = MADE, compress: Callable[[bytes], bytes] = bytes) -> Path:
    """Writes a docker-archive of an image, with compressed layers if asked."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made, compress=compress))
    return path


def counting(path: Path, **how: Any) -> tuple[Image, list[str]]:
    """Returns the image of an archive, and the list that records accesses to its layers."""
    image = opened(path)
    asked: list[str] = []
    layers = tuple(replace(layer, contents=Counting(layer.contents, asked, **how)) for layer in image.layers)
    return replace(image, layers=layers), asked


def figures(exploration: Exploration) -> tuple[object, ...]:
    """Returns all figures of an image."""
    tree = exploration.tree
    changed = [
        {node.path: change for node, change in changes(tree, number - 1, number).by_node.items()}
        for number in range(len(tree.layers))
    ]
    numbers = [replace(layer, layer=replace(layer.layer, contents=Absent())) for layer in exploration.layers]
    entries = [(node.path, node.history) for node in tree.walk()]
    return exploration.usage, changed, numbers, entries, [list(layer.entries) for layer in tree.layers]


class Absent(Counting):
    """Contents that exist only in the cache."""

    def __init__(self) -> None:
        super().__init__(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Absent)

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_the_second_look_is_the_first(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """An image whose layers are all cached gives the same figures, and no layer or file is read."""
    path, cache = archive(tmp_path, compress=compress), Cache(tmp_path / "cache")
    without, first, second = (counting(path) for _ in range(3))
    expected = figures(explore(without[0]))
    assert figures(explore(first[0], cache=cache)) == expected
    watcher = Watching()
    assert figures(explore(second[0], watcher, cache)) == expected
    assert first[1].count("index") == 3
    assert second[1] == []
    assert watcher.read == [0, 1, 2]


def test_missing_fingerprints_are_taken_and_kept(tmp_path: Path) -> None:
    """Missing fingerprints of a cached layer are computed once, and are stored."""
    path, cache = archive(tmp_path), Cache(tmp_path / "cache")
    bottom, _ = counting(path)
    explore(replace(bottom, layers=bottom.layers[:1]), cache=cache)
    index = cache.load(bottom.layers[0].diff_id, Addressing.TAR)
    assert index is not None
    assert index.fingerprints == {}
    whole, asked = counting(path)
    first = figures(explore(whole, cache=cache))
    assert asked.count("index") == 2
    assert asked.count("read d/b") == 3
    index = cache.load(bottom.layers[0].diff_id, Addressing.TAR)
    assert index is not None
    assert len(index.fingerprints) == 2
    again, asked = counting(path)
    assert figures(explore(again, cache=cache)) == first
    assert asked == []


def test_a_damaged_entry_is_read_again(tmp_path: Path) -> None:
    """A layer with a damaged entry is read and stored again."""
    path, cache = archive(tmp_path), Cache(tmp_path / "cache")
    expected = figures(explore(counting(path)[0], cache=cache))
    for entry in [path for path in cache.directory.rglob("*") if path.is_file()]:
        entry.write_bytes(b"damaged")
    second, asked = counting(path)
    assert figures(explore(second, cache=cache)) == expected
    assert asked.count("index") == 3
    third, asked = counting(path)
    assert figures(explore(third, cache=cache)) == expected
    assert asked == []


def test_files_of_a_known_layer_can_be_opened(tmp_path: Path) -> None:
    """The index of a cached layer leads to the bytes of its files."""
    path, cache = archive(tmp_path, compress=gzipped), Cache(tmp_path / "cache")
    explore(opened(path), cache=cache)
    exploration = explore(opened(path), cache=cache)
    index = exploration.tree.layers[2]
    entry = next(entry for entry in index.entries if entry.path == "keep")
    contents = exploration.image.layers[2].contents
    assert isinstance(contents, CachedLayer)
    assert not contents.streams
    assert content_of(contents, index, entry) == b"keep"


def test_a_directory_does_not_answer_for_a_tar(tmp_path: Path) -> None:
    """An index of a layer directory is not used for the tar of the same layer."""
    path, cache = archive(tmp_path), Cache(tmp_path / "cache")
    explore(counting(path, addressing=Addressing.DIRECTORY)[0], cache=cache)
    second, asked = counting(path)
    explore(second, cache=cache)
    assert asked.count("index") == 3


# Layers in local files


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes files that were just written for old ones."""
    monkeypatch.setattr(file_keys, "_SETTLED_NS", 0)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("form", [docker_archive, oci_archive])
def test_a_plain_layer_is_known_by_its_file(form: Callable[..., bytes], tmp_path: Path) -> None:
    """The second look at a plain archive reads no layer, and sees the same."""
    cache, path = Cache(tmp_path / "cache"), tmp_path / "image.tar"
    path.write_bytes(form(MADE))
    first = explore(opened(path), cache=cache)
    assert {entry.kind for entry in cache.entries()} == {EntryKind.FILE}
    second = opened(path)
    assert all(layer.contents.stored_bytes == 0 for layer in with_cache(second.layers, cache))
    assert figures(explore(second, cache=cache)) == figures(first)
    assert cache.clear() > 0
    assert cache.entries() == []


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("change", ["content", "times", "replaced"])
def test_a_changed_file_is_read_again(change: str, tmp_path: Path) -> None:
    """A file that was written, replaced, or written with its old times put back is read again."""
    cache, path = Cache(tmp_path / "cache"), tmp_path / "image.tar"
    one, two = image(layer(file("a", b"one"))), image(layer(file("b", b"two")))
    path.write_bytes(docker_archive(one))
    before = path.stat()
    explore(opened(path), cache=cache)
    if change == "replaced":
        path.unlink()
    path.write_bytes(docker_archive(two))
    if change == "times":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    seen = explore(opened(path), cache=cache)
    assert [entry.path for entry in seen.tree.layers[0].entries] == ["b"]


@pytest.mark.usefixtures("settled")
def test_a_file_system_without_times_of_change_does_not_mix_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another image in a file of the same number, size and times is read: its diff IDs are others."""
    cache, path = Cache(tmp_path / "cache"), tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a", b"one")))))
    status = path.stat()
    monkeypatch.setattr(file_keys, "os", SimpleNamespace(fstat=lambda _: status))
    explore(opened(path), cache=cache)
    assert cache.entries()
    path.write_bytes(docker_archive(image(layer(file("b", b"two")))))
    seen = explore(opened(path), cache=cache)
    assert [entry.path for entry in seen.tree.layers[0].entries] == ["b"]


@pytest.mark.usefixtures("settled")
def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path: Path) -> None:
    """A layer of a file that was written after it was opened is not stored."""
    cache, path = Cache(tmp_path / "cache"), tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a", b"one")))))
    layers = with_cache(opened(path).layers, cache)
    indexes = [each.contents.index(lambda _: None) for each in layers]
    with path.open("ab") as archive_file:
        archive_file.write(b"more")
    store_indexes(layers, indexes)
    assert cache.entries() == []


@pytest.mark.usefixtures("settled")
def test_a_temporary_copy_is_not_kept(tmp_path: Path) -> None:
    """A plain layer of a compressed archive is in a temporary file, so it is not stored."""
    cache, path = Cache(tmp_path / "cache"), tmp_path / "image.tar.gz"
    path.write_bytes(gzipped(docker_archive(MADE)))
    explore(opened(path), cache=cache)
    assert cache.entries() == []


@pytest.mark.usefixtures("settled")
def test_a_digest_is_never_the_key_of_a_file(tmp_path: Path) -> None:
    """An image that names the key of a file as its digest gets nothing from the cache."""
    cache, path = Cache(tmp_path / "cache"), tmp_path / "image.tar"
    path.write_bytes(docker_archive(MADE))
    explore(opened(path), cache=cache)
    assert cache.entries()
    for entry in cache.entries():
        assert cache.load(entry.key, Addressing.TAR) is None
        assert not cache.has(entry.key, Addressing.TAR)


# False digests


LIE = image(MADE.layers[0], layer(file("evil", b"evil")), rootfs={"type": "layers", "diff_ids": [OTHER, DIFF_ID]})


def test_a_plain_layer_in_a_new_file_is_not_kept(tmp_path: Path) -> None:
    """A plain layer in an archive that changed just now is not stored: no digest or time vouches for it."""
    cache = Cache(tmp_path / "cache")
    for made in (MADE, LIE):
        explore(opened(archive(tmp_path, made)), cache=cache)
    assert cache.entries() == []


def test_a_plain_layer_in_a_file_is_never_taken_for_a_known_one(tmp_path: Path) -> None:
    """A plain layer with the diff ID of another layer is read, and not taken from the cache."""
    cache = Cache(tmp_path / "cache")
    explore(opened(archive(tmp_path, compress=gzipped)), cache=cache)
    assert len(cache.entries()) == 3
    lie = image(layer(file("evil", b"evil")), rootfs={"type": "layers", "diff_ids": [digest(MADE.layers[0])]})
    seen = explore(opened(archive(tmp_path, lie)), cache=cache)
    assert [entry.path for entry in seen.tree.layers[0].entries] == ["evil"]


def test_a_compressed_layer_that_lies_is_damaged(tmp_path: Path) -> None:
    """A compressed layer with a wrong diff ID is damaged, and is not stored."""
    cache = Cache(tmp_path / "cache")
    damaged = explore(opened(archive(tmp_path, LIE, gzipped)), cache=cache)
    assert all("diff_id" in text for text in damaged.damage)
    assert damaged.damage
    assert cache.entries() == []


def test_a_layer_verified_by_its_digest_is_kept_under_that(tmp_path: Path) -> None:
    """A layer verified by its digest is stored under its digest, so a wrong diff ID does no harm."""
    cache, path = Cache(tmp_path / "cache"), tmp_path / "image.tar"
    path.write_bytes(oci_archive(LIE, compress=gzipped))
    explore(opened(path), cache=cache)
    assert {name for name, *_ in cache.entries()} == {digest(gzipped(data)) for data in LIE.layers}
    for form in (oci_archive, docker_archive):
        path.write_bytes(form(MADE, compress=gzipped))
        assert figures(explore(opened(path), cache=cache)) == figures(explore(opened(path)))


def test_layers_without_a_diff_id_are_not_kept(tmp_path: Path) -> None:
    """A layer without a diff ID is read every time."""
    cache = Cache(tmp_path / "cache")
    nameless = image(*MADE.layers, rootfs={"type": "layers", "diff_ids": []})
    for _ in range(2):
        explore(opened(archive(tmp_path, nameless, gzipped)), cache=cache)
    assert cache.entries() == []
    assert with_cache((Layer(0, Counting(Absent())),), cache)[0].diff_id == ""


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("local", [True, False])
def test_an_engine_elsewhere_does_not_vouch(local: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers of a local engine are stored, and it is not asked to save again; a remote engine is."""
    cache = Cache(tmp_path / "cache")

    def known(diff_id: str) -> bool:
        return cache.has(diff_id, Addressing.TAR)

    with FakeEngine.of(MADE).on(tmp_path / "engine.sock" if local else None) as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        first, second = (explore(opened("made:1", is_cached=known), cache=cache) for _ in range(2))
    assert figures(first)[:2] == figures(second)[:2]
    assert len(cache.entries()) == (3 if local else 0)
    assert sum(path.endswith("/get") for path in fake.asked) == (1 if local else 2)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_an_engine_elsewhere_is_not_answered_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The layers of a remote engine are always read from it, even if the cache has them."""
    cache = Cache(tmp_path / "cache")
    expected = figures(explore(opened(archive(tmp_path, compress=gzipped)), cache=cache))
    lie = image(*LIE.layers, layer(), rootfs=MADE.config["rootfs"])
    for made in (MADE, lie):
        with FakeEngine.of(made).on() as fake:
            monkeypatch.setenv("DOCKER_HOST", fake.url)
            exploration = explore(
                opened("made:1", is_cached=lambda diff_id: cache.has(diff_id, Addressing.TAR)), cache=cache
            )
        assert (figures(exploration)[0] == expected[0]) is (made is MADE)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_known_layers_are_saved_when_a_file_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image with only cached layers is saved once, when its first file is read."""
    cache = Cache(tmp_path / "cache")
    with FakeEngine.of(MADE).on(tmp_path / "engine.sock") as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        explore(opened("made:1"), cache=cache)
        fake.asked.clear()
        exploration = explore(
            opened("made:1", is_cached=lambda diff_id: cache.has(diff_id, Addressing.TAR)), cache=cache
        )
        assert "cached" in exploration.image.source
        assert not any(path.endswith("/get") for path in fake.asked)
        for number, wanted in ((0, "keep"), (2, "keep")):
            index = exploration.tree.layers[number]
            entry = next(entry for entry in index.entries if entry.path == wanted)
            assert content_of(exploration.image.layers[number].contents, index, entry) == b"keep"
        assert sum(path.endswith("/get") for path in fake.asked) == 1


def test_a_file_in_the_place_of_the_cache_is_no_error(tmp_path: Path) -> None:
    """A cache that cannot be written raises no error."""
    (tmp_path / "cache").write_text("not a directory")
    cache = Cache(tmp_path / "cache")
    cache.store(DIFF_ID, Addressing.TAR, indexed(layer(file("a"))))
    assert not cache.has(DIFF_ID, Addressing.TAR)
    assert cache.load(DIFF_ID, Addressing.TAR) is None
    assert (cache.entries(), cache.clear()) == ([], 0)
    assert figures(explore(opened(archive(tmp_path)), cache=cache)) == figures(explore(opened(archive(tmp_path))))
