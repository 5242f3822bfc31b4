"""Explorations of the layers read so far."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from explorer import gc_control
from explorer.analysis.filter.query import parse
from explorer.layers.tree import Node
from explorer.model import Progress
from explorer.pipeline import Exploration, StageWatcher, explore
from tests.images import docker_archive, file, gzipped, hardlink, image, layer, opaque, opened, whiteout

_LAYERS = (
    layer(file("etc/passwd", b"root"), file("a/b", b"1234"), file("a/c", b"5"), hardlink("a/d", "a/c")),
    layer(file("etc/passwd", b"user"), whiteout("a/b"), file("new", b"6")),
    layer(file("etc/passwd", b"user"), file("a/e", b"78"), opaque("a")),
    layer(file("new", b"9"), whiteout("etc")),
)


class Stages(StageWatcher):
    """A watcher that keeps all stages."""

    def __init__(self) -> None:
        self.all: list[Exploration] = []
        self.steps: list[Progress] = []

    def stage_ready(self, stage: Exploration) -> None:
        self.all.append(stage)


def figures(exploration: Exploration) -> object:
    """Returns the tree and the figures of an exploration."""
    nodes = list(exploration.tree.walk())
    return (
        exploration.usage,
        [replace(stats, layer=None) for stats in exploration.layers],  # type: ignore[arg-type]
        [(node.path, node.history) for node in nodes],
        [[exploration.sizes.at(node, number) for number in range(len(exploration.layers))] for node in nodes],
        [index.fingerprints for index in exploration.tree.layers],
    )


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_a_stage_is_exact_for_its_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes]
) -> None:
    """Each stage has the figures of an image of its layers, and later ones leave them as they are."""
    monkeypatch.setattr("explorer.pipeline.stages._STAGE_PAUSE", 0)
    monkeypatch.setattr("explorer.pipeline.stages._SOON_SECONDS", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 1)

    def exploration_of(count: int, watcher: StageWatcher | None = None) -> Exploration:
        path = tmp_path / f"{count}.tar"
        path.write_bytes(docker_archive(image(*_LAYERS[:count]), compress=compress))
        return explore(opened(path), watcher)

    stages = Stages()
    whole = exploration_of(len(_LAYERS), stages)
    # Compressed layers are read from the largest to the smallest.
    assert [len(stage.layers) for stage in stages.all] in ([1, 2, 3], [1, 3], [1, 2])
    for stage in stages.all:
        assert figures(stage) == figures(exploration_of(len(stage.layers)))
        assert len(stage.image.layers) == len(stage.layers)
    plain = exploration_of(len(_LAYERS))
    assert figures(whole) == figures(plain)
    assert [(fix.title, fix.wasted) for fix in whole.fixes] == [(fix.title, fix.wasted) for fix in plain.fixes]


def test_stages_are_freed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes of a stage that nobody keeps are freed without a garbage collection, also after a filter."""
    monkeypatch.setattr("explorer.pipeline.stages._STAGE_PAUSE", 0)
    monkeypatch.setattr("explorer.pipeline.stages._SOON_SECONDS", 0)
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*_LAYERS)))
    image_read = opened(path)

    class Filtering(StageWatcher):
        def stage_ready(self, stage: Exploration) -> None:
            assert stage.path_filter.nodes(parse("passwd", 3))
            assert stage.search is not None

    def node_count() -> int:
        return sum(isinstance(each, Node) for each in gc.get_objects())

    gc.collect()
    before = node_count()
    with gc_control.paused():
        exploration = explore(image_read, Filtering())
        for thread in threading.enumerate():
            if thread.name == "free":
                thread.join(20)
        assert node_count() - before == len(list(exploration.tree.walk()))


def test_stages_cost_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage waits for eight times the processor time that it needs; one of most of the image waits for seconds."""
    now = seconds = 0.0
    monkeypatch.setattr("explorer.pipeline.stages.time.process_time", lambda: now)
    monkeypatch.setattr("explorer.pipeline.stages.time.thread_time", lambda: now)
    monkeypatch.setattr("explorer.pipeline.stages.time.monotonic", lambda: seconds)

    class Slow(Stages):
        """Each stage takes as many seconds as it has entries, and each layer ten."""

        def stage_ready(self, stage: Exploration) -> None:
            nonlocal now
            now += sum(len(index.entries) for index in stage.tree.layers)
            super().stage_ready(stage)

        def layer_read(self, *_: object) -> None:
            nonlocal now
            now += 10

    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*(layer(file(str(number))) for number in range(30)))))
    stages = Slow()
    explore(opened(path), stages)
    assert [len(stage.layers) for stage in stages.all] == [1, 5]
    seconds, stages = 10.0, Slow()
    monkeypatch.setattr("explorer.pipeline.stages._SOON_SECONDS", 0)
    explore(opened(path), stages)
    assert [len(stage.layers) for stage in stages.all] == [1, 5, 25]
