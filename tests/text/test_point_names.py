"""The names of layers, and of two images in the same places."""

from __future__ import annotations

from explorer.model import Cause
from explorer.text.point_names import IMAGES, LAYERS


def test_points_are_layers() -> None:
    """An exploration of one image names its points as layers."""
    assert (LAYERS.point(3), LAYERS.both(2, 3), LAYERS.seen_at(3, None)) == ("layer 3", "layers 2 and 3", "layer 3")
    assert LAYERS.hidden_at(5, Cause.REMOVED) == "removed by layer 5"


def test_points_are_images() -> None:
    """A comparison names its points as the old and the new image, and says what both have."""
    assert (IMAGES.point(0), IMAGES.point(1), IMAGES.both(0, 1)) == ("the old image", "the new image", "the two images")
    assert (IMAGES.seen_at(0, None), IMAGES.seen_at(0, 1)) == ("both images", "the old image")
    assert IMAGES.hidden_at(1, Cause.REMOVED) == "not in the new image"
    assert IMAGES.hidden_at(1, Cause.OVERWRITTEN) == "another one in the new image"
    assert IMAGES.unchanged(0) == "The same in both images."
    assert (bool(IMAGES.alone(0)), bool(IMAGES.alone(1))) == (False, True)
