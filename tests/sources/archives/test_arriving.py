"""Layers that are read while the end of their archive still arrives."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.errors import ExplorerError
from explorer.layers.cache import Cache
from explorer.layers.read_budget import ReadBudget
from explorer.layers.tar_layer import TarLayer
from explorer.model import Image, Layer, LayerIndex, Watcher
from explorer.pipeline import Exploration, Stages, StageWatcher, explore
from explorer.sources import open_image
from explorer.sources.archives import arriving
from explorer.sources.archives.archive import image_in
from explorer.sources.archives.arriving import ArrivingLayers
from explorer.sources.request import Request
from tests.images import (
    digest,
    docker_archive,
    file,
    gzipped,
    image,
    layer,
    modern_docker_archive,
    oci_archive,
    oci_files,
    tar_of,
    whiteout,
    zstded,
)

MADE = image(layer(file("a", b"1")), layer(file("b", b"23")), layer(whiteout("a"), file("c", b"456")))
DIFF_IDS = [digest(data) for data in MADE.layers]
_DIGITS = [diff_id.removeprefix("sha256:") for diff_id in DIFF_IDS]
_LAST = bytes(64 << 10)
"""Padding at the end, as many writers add it: what follows an end mark does not count."""


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits for more bytes."""
    monkeypatch.setattr(arriving, "_POLL_SECONDS", 0.001)


class Arrivals(Watcher):
    """A watcher that records the image and the layers that arrive."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.images: list[Image] = []

    def image_opened(self, image: Image) -> None:
        self.images.append(image)

    def layer_arrived(self, layer: Layer, index: LayerIndex) -> None:
        assert layer.diff_id == DIFF_IDS[layer.number]
        self.numbers.append(layer.number)


def docker_19(order: str, *, has_config_first: bool = False) -> bytes:
    """Returns a save of older Docker: a folder with an ID for each layer, which names the one below it."""
    ids = [letter * 64 for letter in "abc"]
    config = {f"{digest(MADE.config_bytes).removeprefix('sha256:')}.json": MADE.config_bytes}
    files: dict[str, bytes] = dict(config) if has_config_first else {}
    for letter in order:
        position = "abc".index(letter)
        description = {"id": ids[position]} | ({"parent": ids[position - 1]} if position else {})
        files[f"{ids[position]}/VERSION"] = b"1.0"
        files[f"{ids[position]}/json"] = json.dumps(description).encode()
        files[f"{ids[position]}/layer.tar"] = MADE.layers[position]
    files |= config
    return tar_of(files | _manifest([f"{name}/layer.tar" for name in ids]))


def podman(layers: Sequence[bytes] = MADE.layers) -> bytes:
    """Returns a save of Podman, whose members have the layers' diff IDs as names."""
    names = [f"{digits}.tar" for digits in _DIGITS]
    config = {f"{digest(MADE.config_bytes).removeprefix('sha256:')}.json": MADE.config_bytes}
    return tar_of(dict(zip(names, layers, strict=True)) | config | _manifest(names))


def _manifest(layers: Sequence[str]) -> dict[str, bytes]:
    config = f"{digest(MADE.config_bytes).removeprefix('sha256:')}.json"
    return {"manifest.json": json.dumps([{"Config": config, "RepoTags": ["made:1"], "Layers": layers}]).encode()}


def _twice(name: str, data: bytes) -> bytes:
    """Returns an OCI archive that has one blob twice, the last time with other bytes."""
    items = [file(member, content) for member, content in oci_files(MADE, compress=gzipped).items()]
    return layer(*items, file(name, data))


def read_ahead(path: Path, archive: bytes, request: Request, diff_ids: Sequence[str] = ()) -> Image:
    """Returns the image in an archive that arrives in pieces, as sources read it; the thread reads all it can."""
    with ArrivingLayers(request, diff_ids) as layers, path.open("w+b", buffering=0) as growing:
        for start in range(0, len(archive), 4096):
            growing.write(archive[start : start + 4096])
            layers.look(growing)
        is_complete = archive.endswith(bytes(1024))
        if is_complete:
            growing.write(_LAST)
        layers.look(growing)
        assert layers._thread is not None
        # A thread that misses bytes waits for them until the end.
        layers._thread.join(30 if is_complete else 0.05)
        layers.look(growing)
        layers.end()
        growing.truncate(len(archive))
        return layers.used_in(image_in(growing, request))


@pytest.mark.parametrize(
    ("archive", "numbers"),
    [
        (podman(), [0, 1, 2]),
        (modern_docker_archive(MADE), [0, 1, 2]),
        (docker_19("abc"), [0, 1, 2]),
        (docker_19("cab"), [0, 1, 2]),
        (docker_archive(MADE), []),
    ],
    ids=["Podman", "Docker 25", "Docker 19", "Docker 19 in another order", "without names"],
)
@pytest.mark.parametrize("diff_ids", [DIFF_IDS, []], ids=["of an engine", "from standard input"])
def test_layers_are_read_as_they_arrive(
    tmp_path: Path, archive: bytes, numbers: list[int], diff_ids: list[str]
) -> None:
    """Each layer is read once, before the image is complete, and the image uses the result."""
    watcher = Arrivals()
    request = Request("made:1", watcher, platform="linux/amd64", is_local_file=True)
    used = read_ahead(tmp_path / "save.tar", archive, request, diff_ids)
    assert sorted(watcher.numbers) == numbers
    assert [each.id for each in watcher.images] == ([] if diff_ids else [used.id])
    with (tmp_path / "save.tar").open("rb") as saved:
        plain = image_in(saved, request)
    for before, after in zip(plain.layers, used.layers, strict=True):
        assert isinstance(after.contents, TarLayer) is not bool(numbers)
        assert after.contents.index(lambda _: None) == before.contents.index(lambda _: None)


def test_a_layer_is_shown_before_the_next_one_arrives(tmp_path: Path) -> None:
    """Once the configuration is there, the bottom layer is explored as soon as it has arrived."""
    shown: list[Exploration] = []

    class Screen(StageWatcher):
        """A watcher that keeps the stages."""

        def stage_ready(self, stage: Exploration) -> None:
            shown.append(stage)

    archive = docker_19("abc", has_config_first=True)
    cut = archive.index(b"b" * 64 + b"/VERSION")
    request = Request("-", Stages(Screen(), None), platform="linux/amd64")
    with ArrivingLayers(request) as layers, (tmp_path / "save.tar").open("w+b", buffering=0) as growing:
        growing.write(archive[:cut] + archive[cut : cut + (8 << 10)])
        while not shown:
            layers.look(growing)
    assert [node.path for node in shown[0].tree.walk()] == ["", "a"]
    assert [each.step is not None for each in shown[0].image.layers] == [True]


@pytest.mark.parametrize("level", [0, 6])
def test_a_layer_of_a_packed_archive_is_shown_before_the_next_one_arrives(tmp_path: Path, level: int) -> None:
    """An archive in a pipe is unpacked as it arrives, so that its first layer shows before its end is written."""
    bottom = layer(file("big", random.Random(1).randbytes(300_000)))
    made = image(bottom, layer(file("later", b"x")))
    shown = threading.Event()

    class Shows(Watcher):
        def layer_arrived(self, layer: Layer, index: LayerIndex) -> None:
            assert (layer.diff_id, [entry.path for entry in index.entries]) == (digest(bottom), ["big"])
            shown.set()

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    archive = modern_docker_archive(made)
    packer = zlib.compressobj(level, wbits=31)
    half = packer.compress(archive[:310_000]) + packer.flush(zlib.Z_SYNC_FLUSH)

    def write() -> None:
        with pipe.open("wb", buffering=0) as stream:
            stream.write(half)
            shown.wait(30)
            stream.write(packer.compress(archive[310_000:]) + packer.flush())

    writer = threading.Thread(target=write)
    writer.start()
    found = open_image(Request(str(pipe), Shows()))
    writer.join()
    assert shown.is_set()
    assert [each.diff_id for each in found.layers] == [digest(data) for data in made.layers]
    assert found.source.endswith(", gzip")


def _answer(path: Path, archive: bytes, cache: Cache, *, is_ahead: bool) -> object:
    """Returns everything about the image in an archive, or its error."""
    request = Request("-", Watcher(), platform="linux/amd64", is_local_file=True, budget=ReadBudget())
    try:
        if is_ahead:
            image = read_ahead(path, archive, request)
        else:
            path.write_bytes(archive)
            with path.open("rb") as file:
                image = image_in(file, request)
        exploration = explore(image, None, cache, request.budget)
    except ExplorerError as error:
        return type(error), error.message, error.hint
    layers = tuple(replace(each.layer, contents=None) for each in exploration.layers)  # type: ignore[arg-type]
    return (
        replace(exploration.image, layers=()),
        layers,
        [each.contents.verified for each in image.layers],
        exploration.tree.layers,
        exploration.usage,
        exploration.damage,
        [each.problems for each in exploration.layers],
        sorted(cache.entries()),
        request.budget._taken,
        request.budget._stored_bytes,
    )


_OCI = oci_archive(MADE, compress=gzipped)
_GZIPPED = f"blobs/sha256/{digest(gzipped(MADE.layers[1])).removeprefix('sha256:')}"
_OTHER = gzip.compress(MADE.layers[1], 1)
_ARCHIVES: Mapping[str, bytes] = {
    "Podman": podman(),
    "Docker 25": modern_docker_archive(MADE),
    "Docker 19": docker_19("cab"),
    "OCI": oci_archive(MADE),
    "OCI with gzip layers": _OCI,
    "OCI with zstd layers": oci_archive(MADE, compress=zstded),
    "docker-archive with gzip layers": docker_archive(MADE, compress=gzipped),
    "two images": oci_archive(MADE, image(*MADE.layers[1:], tag="other:1"), compress=gzipped),
    "two platforms": oci_archive(MADE, image(*MADE.layers[1:], architecture="arm64"), compress=gzipped),
    "a layer three times": oci_archive(image(*[MADE.layers[0]] * 3), compress=gzipped),
    "layers of a root filesystem's size": tar_of({f"etc/{number}": b"x" for number in range(1100)} | {"usr/a": b""}),
    "a blob twice": _twice(_GZIPPED, gzipped(MADE.layers[1])),
    "a blob twice, the last with other bytes": _twice(_GZIPPED, gzipped(MADE.layers[0])),
    "a blob with other bytes": tar_of({**oci_files(MADE, compress=gzipped), _GZIPPED: _OTHER}),
    "layers that are not those of their names": podman(MADE.layers[::-1]),
    "damaged gzip": _OCI.replace(gzipped(MADE.layers[1])[20:60], bytes(40)),
    "damaged tar": podman([*MADE.layers[:2], MADE.layers[2][:600].ljust(2048, b"x")]),
    "invalid documents": tar_of({f"{'a' * 64}/json": b"[1]", f"{'b' * 64}/json": b"{", f"{'c' * 64}.tar": b"no" * 99}),
    "no archive": b"x" * 2000,
    "nothing": b"",
} | {f"cut at {length}": _OCI[:length] for length in (700, 2048, 3000, len(_OCI) // 2, len(_OCI) - 2000)}


@pytest.mark.parametrize("archive", _ARCHIVES.values(), ids=_ARCHIVES)
def test_the_result_is_the_same(tmp_path: Path, archive: bytes) -> None:
    """The image, its damage, its errors and the cache are the same as after reading it once it is complete."""
    answers = []
    for is_ahead in (False, True):
        cache = Cache(tmp_path / f"cache{is_ahead}")
        answers += [_answer(tmp_path / "image.tar", archive, cache, is_ahead=is_ahead) for _ in range(2)]
    assert answers[2:] == answers[:2]


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_a_layer_may_be_half_read_at_the_end(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """A layer that is being read when the last bytes arrive is read to its end, and not once more."""
    made = image(layer(*(file(f"f{number}", hashlib.sha512(b"%d" % number).digest()) for number in range(300))))
    archive = oci_archive(made, compress=compress)
    request = Request("-", Watcher(), platform="linux/amd64")
    with ArrivingLayers(request) as layers, (tmp_path / "image.tar").open("w+b", buffering=0) as growing:
        growing.write(archive[: len(archive) // 2])
        layers.look(growing)
        while not layers._readings:
            pass
        growing.write(archive[len(archive) // 2 :])
        layers.end()
        image_used = layers.used_in(image_in(growing, request))
        assert len(image_used.layers[0].contents.index(lambda _: None).entries) == 300
        (reading,) = layers._readings.values()
        assert reading.index is image_used.layers[0].contents.index(lambda _: None)


def test_several_images_are_not_shown_before_the_end(tmp_path: Path) -> None:
    """If two configurations fit, only the end tells which image it is."""
    watcher = Arrivals()
    config = file(f"{digest(MADE.config_bytes).removeprefix('sha256:')}.json", MADE.config_bytes)
    other = file("other.json", image(layer(file("z")), *MADE.layers).config_bytes)
    archive = layer(config, other).rstrip(b"\0")
    archive = archive.ljust(-(-len(archive) // 512) * 512, b"\0") + podman()
    read_ahead(tmp_path / "image.tar", archive, Request("-", watcher, platform="linux/amd64"))
    assert watcher.numbers == []


@pytest.mark.parametrize("below", [{"": "x", "x": ""}, {"x": "x"}, {"x": "y", "y": "x"}, {"x": "", "y": ""}], ids=str)
def test_layers_that_stand_on_each_other(tmp_path: Path, below: Mapping[str, str]) -> None:
    """An archive whose layers name each other as the one below does not hold up."""
    descriptions = {f"{name}/json".lstrip("/"): json.dumps({"parent": lower}).encode() for name, lower in below.items()}
    watcher = Arrivals()
    with pytest.raises(ExplorerError, match="not of an image"):
        read_ahead(tmp_path / "save.tar", tar_of(descriptions), Request("made:1", watcher), DIFF_IDS)
    assert not watcher.numbers


def test_cached_layers_are_not_read(tmp_path: Path) -> None:
    """A compressed layer that is in the cache is not read while it arrives."""
    request = Request("-", Watcher(), platform="linux/amd64", is_cached=lambda digest: True)
    with ArrivingLayers(request) as layers, (tmp_path / "image.tar").open("w+b", buffering=0) as growing:
        growing.write(_OCI + _LAST)
        layers.look(growing)
        assert layers._thread is not None
        layers._thread.join(30)
        assert not layers._readings
