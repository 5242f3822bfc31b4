"""Layers that are read while the end of their image's save still arrives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from explorer.model import Image, Layer, LayerIndex, Watcher
from explorer.pipeline import Exploration, Stages, StageWatcher, explore
from explorer.sources.engines.arriving import ArrivingLayers
from explorer.sources.request import Request
from tests.images import docker_archive, file, image, layer, modern_docker_archive, opened, tar_of, whiteout

MADE = image(layer(file("a", b"1")), layer(file("b", b"23")), layer(whiteout("a"), file("c", b"456")))
DIFF_IDS = [f"sha256:{hashlib.sha256(data).hexdigest()}" for data in MADE.layers]


class Arrivals(Watcher):
    """A watcher that records the layers that arrive."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def layer_arrived(self, layer: Layer, index: LayerIndex) -> None:
        assert layer.diff_id == DIFF_IDS[layer.number]
        assert index.entries
        self.numbers.append(layer.number)


def docker_19(made_layers: Mapping[str, bytes], order: str) -> bytes:
    """Returns a save of older Docker: a folder with an ID for each layer, which names the one below it."""
    ids = sorted(made_layers)
    files: dict[str, bytes] = {}
    for name in order:
        position = ids.index(name)
        description = {"id": name} | ({"parent": ids[position - 1]} if position else {})
        files[f"{name}/VERSION"] = b"1.0"
        files[f"{name}/json"] = json.dumps(description).encode()
        files[f"{name}/layer.tar"] = made_layers[name]
    files["config.json"] = MADE.config_bytes
    names = [f"{name}/layer.tar" for name in ids]
    files["manifest.json"] = json.dumps([{"Config": "config.json", "RepoTags": ["made:1"], "Layers": names}]).encode()
    return tar_of(files)


def podman() -> bytes:
    """Returns a save of Podman, whose members have the layers' diff IDs as names."""
    names = [f"{diff_id.removeprefix('sha256:')}.tar" for diff_id in DIFF_IDS]
    files = dict(zip(names, MADE.layers, strict=True)) | {"config.json": MADE.config_bytes}
    manifest = [{"Config": "config.json", "RepoTags": ["made:1"], "Layers": names}]
    return tar_of(files | {"manifest.json": json.dumps(manifest).encode()})


_LAYERS = dict(zip("xyz", MADE.layers, strict=True))


@pytest.mark.parametrize(
    ("archive", "numbers"),
    [
        (podman(), [0, 1, 2]),
        (modern_docker_archive(MADE), [0, 1, 2]),
        (docker_19(_LAYERS, "xyz"), [0, 1, 2]),
        # Layer 2 cannot be told from others before the layer below it is there.
        (docker_19(_LAYERS, "zxy"), [0, 2, 1]),
        (docker_archive(MADE), []),
    ],
    ids=["Podman", "Docker 25", "Docker 19", "Docker 19 in another order", "without names"],
)
def test_layers_are_read_as_they_arrive(tmp_path: Path, archive: bytes, numbers: list[int]) -> None:
    """Each layer is read once, as soon as all its bytes are there, and the saved image uses the result."""
    watcher, path = Arrivals(), tmp_path / "save.tar"
    arriving = ArrivingLayers(DIFF_IDS, Request("made:1", watcher), is_trusted=True)
    known: list[list[int]] = []
    with path.open("w+b", buffering=0) as growing:
        for start in range(0, len(archive), 512):
            growing.write(archive[start : start + 512])
            arriving.look(growing)
            if watcher.numbers not in known:
                known.append([*watcher.numbers])
    assert watcher.numbers == numbers
    assert len(known) >= len(numbers)
    saved = opened(path)
    used = arriving.used_in(saved)
    for before, after in zip(saved.layers, used.layers, strict=True):
        assert after.contents.index(lambda _: None) == before.contents.index(lambda _: None)
        assert (after.contents is before.contents) is (before.number not in numbers)
    assert explore(used).usage == explore(saved).usage


@pytest.mark.parametrize("below", [{"": "x", "x": ""}, {"x": "x"}, {"x": "y", "y": "x"}, {"x": "", "y": ""}], ids=str)
def test_layers_that_stand_on_each_other(tmp_path: Path, below: Mapping[str, str]) -> None:
    """A save whose layers name each other as the one below is left to the end, and does not hold up."""
    descriptions = {f"{name}/json".lstrip("/"): json.dumps({"parent": lower}).encode() for name, lower in below.items()}
    path = tmp_path / "save.tar"
    path.write_bytes(tar_of(descriptions))
    watcher = Arrivals()
    with path.open("rb") as saved:
        ArrivingLayers(DIFF_IDS, Request("made:1", watcher), is_trusted=True).look(saved)
    assert not watcher.numbers


def test_a_broken_save_is_left_to_the_end(tmp_path: Path) -> None:
    """Oddities of an incomplete save raise no errors."""
    oddities = {"a/json": b"[1]", "b/json": b"{", f"{DIFF_IDS[0].removeprefix('sha256:')}.tar": b"no tar" * 100}
    watcher, path = Arrivals(), tmp_path / "save.tar"
    for content in (tar_of(oddities), tar_of(oddities)[:700], b"x" * 2000, b""):
        path.write_bytes(content)
        arriving = ArrivingLayers(DIFF_IDS, Request("made:1", watcher), is_trusted=True)
        with path.open("rb") as growing:
            arriving.look(growing)
    assert watcher.numbers == []


def test_layers_that_arrive_become_stages(tmp_path: Path) -> None:
    """The bottom layer is explored as soon as it arrives, and its files can be read from the save."""
    shown: list[Exploration] = []

    class Screen(StageWatcher):
        """A watcher that keeps the stages."""

        def stage_ready(self, stage: Exploration) -> None:
            shown.append(stage)

    path = tmp_path / "save.tar"
    path.write_bytes(podman())
    saved = opened(path)
    stages = Stages(Screen(), None)
    stages.image_opened(
        Image("made:1", saved.id, tuple(Layer(number, saved.layers[0].contents) for number in range(3)))
    )
    with path.open("rb") as growing:
        ArrivingLayers(DIFF_IDS, Request("made:1", stages), is_trusted=True).look(growing)
    assert [node.path for node in shown[0].tree.walk()] == ["", "a"]
