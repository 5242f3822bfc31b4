"""The image that an engine describes: the step of each layer."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.layers.tar_layer import AbsentLayer
from explorer.model import Layer
from explorer.sources.engines.inspect import history_is_certain, image_from_inspect


def described(layers: int, *steps: tuple[str, int]) -> tuple[list[int | None], bool]:
    """Returns the layer of each step, bottom first, and whether the steps of the layers are certain."""
    inspected = {"Id": "sha256:1", "RootFS": {"Layers": [f"sha256:{number}" for number in range(layers)]}}
    history: list[dict[str, Any]] = [{"CreatedBy": command, "Size": size} for command, size in reversed(steps)]
    stored = [Layer(number, AbsentLayer(f"layer {number}", "")) for number in range(layers)]
    image = image_from_inspect(inspected, history, "made:1", stored)
    return [step.layer for step in image.history], history_is_certain(inspected, history)


@pytest.mark.parametrize(
    ("layers", "steps", "expected", "certain"),
    [
        (1, [("ADD file:0 in /", 5), ("CMD sh", 0)], [0, None], True),
        (2, [("ADD file:0 in /", 5), ("RUN true", 0), ("CMD sh", 0)], [0, 1, None], True),
        (2, [("ADD file:0 in /", 5), ("WORKDIR /a", 0), ("RUN true", 0)], [0, None, 1], True),
        (2, [("ADD file:0 in /", 5), ("ENV A=b", 0), ("WORKDIR /a", 0)], [0, None, 1], False),
        (3, [("ADD file:0 in /", 5), ("WORKDIR /a", 0), ("RUN true", 0)], [0, 1, 2], False),
        (1, [("ADD file:0 in /", 5), ("RUN true", 0)], [0, None], False),
    ],
)
def test_layers_without_bytes_go_to_the_likeliest_steps(
    layers: int, steps: list[tuple[str, int]], expected: list[int | None], certain: bool
) -> None:
    """An empty layer goes to a step that works on files, then to WORKDIR, and last to metadata."""
    assert described(layers, *steps) == (expected, certain)
