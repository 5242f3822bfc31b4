"""Figures that are computed on first use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from explorer.pipeline.exploration import computed_once
from tests.images import explored_layers, file, layer


def test_threads_share_one_value() -> None:
    """One of several threads that ask for a figure computes it, and all get the same value."""
    together = Barrier(4)

    class Figures:
        computed = 0

        @computed_once
        def value(self) -> object:
            """A value that cannot be told from a copy except by its identity."""
            self.computed += 1
            return object()

    figures = Figures()

    def ask(_: int) -> object:
        together.wait(10)
        return figures.value

    with ThreadPoolExecutor(4) as threads:
        values = list(threads.map(ask, range(4)))
    assert figures.computed == 1
    assert {*map(id, values)} == {id(figures.value)}


def test_an_exploration_is_no_text_of_its_files(tmp_path: Path) -> None:
    """The text of an exploration, which Textual makes for each worker, does not grow with the image."""
    exploration = explored_layers(tmp_path, layer(file("a-name", b"x")))
    assert "a-name" not in repr(exploration)
    assert len(repr(exploration)) < 200
