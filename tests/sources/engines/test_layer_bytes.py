"""The bytes of each layer of an engine's images."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from explorer.layers.digests import chain_ids
from explorer.sources.engines.layer_bytes import LayeredImage, branches, known_bytes

_EMPTY = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
_BYTES = {"a": 100, "b": 20, "c": 3, "zero": 0, "nil": 0, _EMPTY: 0}
IMAGES = st.lists(st.lists(st.sampled_from(list(_BYTES)), max_size=6), min_size=1, max_size=6)


def made(*layers: str, asked: bool = True, total: int | None = None) -> LayeredImage:
    """Returns an image with these layers, and its history if it was asked for."""
    sizes = [_BYTES[layer] for layer in layers]
    steps = [size for size in sizes if size] if asked else []
    return LayeredImage(layers, chain_ids(layers), sum(sizes) if total is None else total, steps)


def known(*images: LayeredImage) -> list[int | None]:
    """Returns the bytes up to each layer of the first image."""
    found = known_bytes(images)
    return [found.get(chain_id) for chain_id in images[0].chain]


def test_a_history_tells_the_bytes_of_each_layer() -> None:
    """If each layer has bytes, each step with bytes is one layer."""
    assert known(made("a", "b", "c")) == [100, 120, 123]
    assert known(made("a", "b", "c", asked=False)) == [None, None, 123]
    assert known(made("a", "b", asked=False), made("a", asked=False)) == [100, 120]


def test_an_empty_layer_may_be_anywhere() -> None:
    """A layer without bytes is recognized by its digest, by other images, or not at all."""
    assert known(made("a", _EMPTY, "b")) == [100, 100, 120]
    assert known(made("a", "zero", "b")) == [None, None, 120]
    assert known(made("a", "zero", "b"), made("a", "zero", asked=False)) == [None, 100, 120]
    assert known(made("a", "zero", "b"), made("a", "zero", "c")) == [None, 100, 120]


def test_an_engine_that_contradicts_itself_tells_nothing() -> None:
    """If the steps and the image have different bytes, only those of the image count."""
    assert known(made("a", "b", total=7)) == [None, 7]


def test_branches_are_where_different_layers_stand() -> None:
    """The top of an image is none, and neither is a layer that all images have."""
    low, high = made("a", "b"), made("a", "b", "c")
    assert branches([low, high]) == set()
    assert branches([low, made("a", "c"), high]) == {low.chain[0]}


@given(IMAGES)
def test_only_what_is_certain_is_stated(layers: list[list[str]]) -> None:
    """No stated figure is wrong, and the sums of images are always stated."""
    images = [made(*each) for each in layers]
    found = known_bytes(images)
    for image in images:
        truth = dict(zip(image.chain, accumulate(_BYTES[layer] for layer in image.diff_ids), strict=True))
        assert all(found[chain_id] == truth[chain_id] for chain_id in found.keys() & truth.keys())
        assert not image.chain or image.chain[-1] in found
