"""Reading the layers of an image: their order, and the end of all threads after an error."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from explorer.errors import Cancelled, Exhausted, UnreadableImage, UnreadableLayer
from explorer.layers.read_budget import ENTRIES, ReadBudget
from explorer.layers.read_layers import read_layers, with_shared_contents
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import TarLayer
from explorer.model import Layer, LayerContents, LayerIndex, Watcher
from tests.images import Watching, file, layer, ranged


class StreamedContents:
    """Contents that are read in a thread; ``read_all`` takes the place of reading."""

    streams = True

    def __init__(self, stored_bytes: int, read_all: Callable[[Callable[[int], None]], None]) -> None:
        self.stored_bytes = stored_bytes
        self.read_all = read_all

    def index(self, on_progress: Callable[[int], None]) -> LayerIndex:
        """See LayerContents."""
        self.read_all(on_progress)
        return LayerIndex([])


def made_layer(number: int, stored_bytes: int, read_all: Callable[[Callable[[int], None]], None]) -> Layer:
    """Returns a layer that is read in a thread."""
    return Layer(number, cast("LayerContents", StreamedContents(stored_bytes, read_all)))


def test_bottom_layer_is_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compressed layers are read from the largest to the smallest, but the bottom one is first."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    watcher = Watching()
    read_layers(
        [made_layer(number, size, lambda _: None) for number, size in enumerate((5, 7, 9))], watcher, ReadBudget()
    )
    assert watcher.read == [0, 2, 1]


def test_one_core_is_left_for_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the screen starts, one thread less than usual reads layers."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    first_two, go_on = threading.Barrier(2), threading.Event()
    names: list[str] = []

    class Starting(Watching):
        """A watcher of a screen that starts until the second layer is read."""

        def wait_for_cores(self) -> None:
            assert go_on.wait(10)

    def note(_: Callable[[int], None]) -> None:
        names.append(threading.current_thread().name)
        if len(names) == 2:
            go_on.set()
        if len(names) > 2:
            first_two.wait(10)

    read_layers([made_layer(number, 1, note) for number in range(4)], Starting(), ReadBudget())
    assert len(names) == 4


@pytest.mark.parametrize(("wanted", "expected"), [(None, [0, 1, 4, 3, 2]), (3, [0, 3, 1, 2, 4])])
def test_small_layers_of_a_registry_are_shown_first(
    monkeypatch: pytest.MonkeyPatch, wanted: int | None, expected: list[int]
) -> None:
    """While layers of a registry are shown, small ones come first; before them a wanted one with those below it."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    started: list[int] = []

    class Shown(Watcher):
        shows_layers = True

        def wanted_layer(self) -> int | None:
            return wanted if started else None

    def start(number: int) -> Callable[[object], None]:
        return lambda _: started.append(number)

    layers = [
        replace(made_layer(number, size, start(number)), is_remote=True) for number, size in enumerate((5, 1, 9, 3, 2))
    ]
    read_layers(layers, Shown(), ReadBudget())
    assert started == expected


def test_error_stops_the_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """If one layer cannot be read, the threads of the others stop at their next progress."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    started, stopped = threading.Event(), threading.Event()

    def fail(_: Callable[[int], None]) -> None:
        started.wait(10)
        raise UnreadableLayer("layer 0 cannot be read")

    def read_until_stopped(on_progress: Callable[[int], None]) -> None:
        started.set()
        try:
            while True:
                on_progress(1)
        except Cancelled:
            stopped.set()

    with pytest.raises(UnreadableLayer, match="layer 0"):
        read_layers([made_layer(0, 2, fail), made_layer(1, 1, read_until_stopped)], Watching(), ReadBudget())
    assert stopped.wait(10)


def test_repeated_layers_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers with the same contents are read once, and each of their entries counts for the bound."""
    contents = Layer(0, TarLayer("layer 0", ranged(layer(*(file(str(number)) for number in range(10))))))
    layers = [replace(contents, number=number) for number in range(30)]
    watcher = Watching()
    indexes = read_layers(layers, watcher, ReadBudget())
    assert watcher.read == list(range(30))
    assert all(index is indexes[0] for index in indexes)
    monkeypatch.setattr("explorer.layers.read_layers.ENTRIES", ENTRIES._replace(sum=100, ratio=0))
    with pytest.raises(UnreadableImage, match="the image has more than 100 entries"):
        read_layers(layers, Watching(), ReadBudget())


def test_equal_layers_are_known_at_once() -> None:
    """A layer with the same contents as one that was read counts as read before any further layer is read."""
    first, other = (TarLayer(f"layer {n}", ranged(layer(file(str(n))))) for n in (0, 1))
    known: list[list[int]] = []
    layers = [Layer(0, first), Layer(1, other), Layer(2, first)]
    read_layers(layers, Watcher(), ReadBudget(), lambda indexes: known.append(sorted(indexes)))
    assert known == [[0, 2], [0, 1, 2]]


def test_equal_contents_become_one_object(tmp_path: Path) -> None:
    """Layers with the same digests and bytes share their contents, also if their file was opened twice."""
    (tmp_path / "blob").write_bytes(layer(file("a")))
    layers = []
    for number, (diff_id, size) in enumerate(
        (("sha256:1", 512), ("sha256:1", 512), ("sha256:2", 512), ("sha256:1", 9))
    ):
        with (tmp_path / "blob").open("rb") as opened:
            part = replace(FileRange.whole(opened), size=size)
        contents = TarLayer(f"layer {number}", part, diff_id=diff_id)
        layers.append(Layer(number, contents, diff_id=diff_id))
    first, repeated, *others = (shared.contents for shared in with_shared_contents(layers))
    assert first is repeated
    assert first is layers[0].contents
    assert others == [other.contents for other in layers[2:]]


def test_stored_bytes_of_a_layer_count_once() -> None:
    """The budget has the stored bytes of each layer once, although its size is known before and during reading."""
    budget = ReadBudget()
    parts = [ranged(layer(*(file(str(number)) for number in range(count)))) for count in (3, 4)]
    layers = [Layer(number, TarLayer(f"layer {number}", part, budget=budget)) for number, part in enumerate(parts)]
    read_layers(layers, Watching(), budget)
    bound = ENTRIES._replace(sum=0, ratio=1 / 1_024)
    stored = sum(part.size for part in parts)
    with pytest.raises(UnreadableImage, match=f"more than {stored // 1_024} entries: .* in {stored:,} stored bytes"):
        budget.take(bound, 1 + stored // 1_024)


def test_bytes_that_arrive_late_count() -> None:
    """The stored bytes of a layer whose size is unknown at first count when they are read."""
    budget = ReadBudget()
    for count in (0, 4_096):
        budget.add_stored("layer 0", count)
    with pytest.raises(UnreadableImage, match="in 4,096 stored bytes"):
        budget.take(ENTRIES._replace(sum=0), 1_025)


def test_layers_are_read_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system starts no more threads, the caller's thread reads the layers."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    layers = [made_layer(number, 5, lambda on_progress: on_progress(5)) for number in range(3)]
    assert len(read_layers(layers, Watcher(), ReadBudget())) == 3


def test_missing_memory_in_a_thread_is_an_error() -> None:
    """A layer that finds no memory ends the reading with an error that makes room first."""

    def fail(_: Callable[[int], None]) -> None:
        raise MemoryError

    with pytest.raises(Exhausted):
        read_layers([made_layer(0, 5, fail)], Watcher(), ReadBudget())
