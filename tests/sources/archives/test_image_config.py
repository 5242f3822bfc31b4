"""Histories and configurations, valid and odd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.model import Image
from tests.images import (
    docker_archive,
    explored,
    file,
    image,
    layer,
)


class TestHistory:
    """Valid and invalid histories."""

    layers = (layer(file("a", b"1")), layer(file("b", b"2")))

    def opened(self, written: Callable[[bytes], Path], **config: Any) -> Image:
        return explored(written(docker_archive(image(*self.layers, **config)))).image

    def test_empty_steps_make_no_layer(self, written: Callable[[bytes], Path]) -> None:
        """A step that is marked as empty is in the history without a layer."""
        steps = [{"created_by": "A"}, {"created_by": "ENV", "empty_layer": True}, {"created_by": "B"}]
        opened_image = self.opened(written, history=steps)
        assert [step.layer for step in opened_image.history] == [0, None, 1]
        assert [layer.step.created_by for layer in opened_image.layers if layer.step] == ["A", "B"]
        assert not opened_image.problems

    @pytest.mark.parametrize("history", [None, [], "odd", [None], [7], [{"created_by": 5, "created": []}]])
    def test_a_missing_or_odd_history_is_a_problem(self, written: Callable[[bytes], Path], history: Any) -> None:
        """Without a valid history all layers are shown, with a problem that gives the reason."""
        opened_image = self.opened(written, history=history)
        assert len(opened_image.layers) == 2
        assert opened_image.problems

    def test_a_short_history_leaves_layers_without_a_step(self, written: Callable[[bytes], Path]) -> None:
        """The layers above a history that is too short have no step."""
        opened_image = self.opened(written, history=[{"created_by": "A"}])
        assert [layer.step is not None for layer in opened_image.layers] == [True, False]
        assert "1 step with a layer, but there are 2" in opened_image.problems[0]

    def test_a_long_history_keeps_its_surplus_steps(self, written: Callable[[bytes], Path]) -> None:
        """Steps beyond the layers are shown without a layer."""
        opened_image = self.opened(written, history=[{"created_by": word} for word in "ABCD"])
        assert [step.layer for step in opened_image.history] == [0, 1, None, None]
        assert "2 more steps" in opened_image.problems[0]
        opened_image = self.opened(written, history=[{"created_by": word} for word in "ABC"])
        assert "1 more step with a layer" in opened_image.problems[0]

    @pytest.mark.parametrize("rootfs", [None, [], {"diff_ids": "x"}, {"diff_ids": [1]}, {"diff_ids": []}])
    def test_odd_diff_ids_are_a_problem(self, written: Callable[[bytes], Path], rootfs: Any) -> None:
        """Layers are read without diff IDs if those in the configuration are invalid."""
        opened_image = self.opened(written, rootfs=rootfs)
        assert [layer.diff_id for layer in opened_image.layers if layer.diff_id.startswith("sha256:")] == []
        assert opened_image.problems

    @pytest.mark.parametrize(
        "config", [None, [], {"Env": "A=1"}, {"Env": 5, "Labels": [], "ExposedPorts": [1], "Cmd": {}}]
    )
    def test_an_odd_configuration_never_crashes(self, written: Callable[[bytes], Path], config: Any) -> None:
        """A value of an unexpected type is ignored."""
        assert len(self.opened(written, config=config, created=5, author={}, os=3).layers) == 2

    def test_a_history_has_a_limit(self, written: Callable[[bytes], Path]) -> None:
        """Steps beyond the limit are not shown, and a problem gives their number."""
        opened_image = self.opened(written, history=[{"created_by": "A", "empty_layer": True}] * 10_001)
        assert len(opened_image.history) == 10_000
        assert "10,001 steps" in opened_image.problems[0]
