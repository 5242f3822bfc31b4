"""The base as an image whose layers are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.base.base import Evidence, shares
from explorer.analysis.base.find_base import find_base
from explorer.analysis.waste import byte_usage
from explorer.model import HistoryStep, Image, KnownImage, KnownLayer, Layer
from tests.analysis.base.images import image_of, known, number
from tests.images import file, hardlink, layer, merged, whiteout

SHOP = image_of("RUN a", "RUN b", "RUN c")
"""No step looks like one of a base."""


def test_the_longest_prefix_with_a_name_wins() -> None:
    """A known image with most of the lowest layers is the base, exactly; images without a name do not count."""
    base = find_base(SHOP, lambda: [known("debian:12", 1), known("python:3", 2), known("", 2), known("ruby:3", ["x"])])
    assert base is not None
    assert (base.name, base.layers, base.evidence, base.exact) == ("python:3", 2, Evidence.KNOWN_IMAGE, True)
    assert base.reason == "the same layers here"


@pytest.mark.parametrize(
    "other",
    [
        known("whole:1", 3),
        known("longer:1", [number("a0"), number("a1"), number("a2"), number("a3")]),
        known("other:1", [number("a0"), number("b1")]),
        known("upper:1", [number("a1")]),
        known("none:1", []),
        known("unnamed", [""]),
    ],
    ids=lambda other: other.names[0],
)
def test_only_a_proper_prefix_counts(other: KnownImage) -> None:
    """Images with all layers, more layers, other layers or unknown ones are no base."""
    assert find_base(SHOP, lambda: [other]) is None


@pytest.mark.parametrize("name", ["shop:0", "docker.io/library/shop:0", "localhost/shop:0", "shop@sha256:1"])
def test_an_earlier_build_is_no_base(name: str) -> None:
    """An image of the same repository has fewer steps of the same Dockerfile."""
    assert find_base(SHOP, lambda: [known(name, 2)]) is None
    base = find_base(SHOP, lambda: [known(name, 2), known("debian:12", 1)])
    assert base is not None
    assert base.name == "debian:12"


def test_an_image_of_the_same_last_name_is_a_base() -> None:
    """People name an image after its base, in their own registry."""
    base = find_base(image_of("RUN a", "RUN b", tags=("ghcr.io/me/nginx:1",)), lambda: [known("nginx:1", 1)])
    assert base is not None


def test_of_several_tags_a_short_one_is_shown() -> None:
    """The shortest name that is not ``latest`` stands for all; the evidence has the others."""
    base = find_base(SHOP, lambda: [known("debian:latest debian:bookworm debian:12 d:latest x/debian:12", 1)])
    assert base is not None
    assert base.name == "debian:12"
    assert base.reason == "the same layers here, also debian:latest, debian:bookworm, d:latest and 1 more"


def test_the_first_image_gives_the_name() -> None:
    """Names of the image's own place come first, and those of archives that were opened before last."""
    base = find_base(
        SHOP, lambda: [known("debian:12", 1, place="in the engine"), known("evil", 1, place="in evil.tar")]
    )
    assert base is not None
    assert (base.name, base.reason) == ("debian:12", "the same layers in the engine, also evil")


def test_names_are_bounded() -> None:
    """A name that is longer than any real one is none."""
    assert find_base(SHOP, lambda: [known("x" * 2_000, 1)]) is None


def test_the_tag_that_the_manifest_names_is_shown() -> None:
    """The tag that the image itself names counts first, with its digest."""
    annotations = (
        ("org.opencontainers.image.base.name", "docker.io/library/debian:bookworm"),
        ("org.opencontainers.image.base.digest", number("d")),
    )
    base = find_base(
        image_of("RUN a", "RUN b", annotations=annotations), lambda: [known("debian:12 debian:bookworm", 1)]
    )
    assert base is not None
    assert (base.name, base.digest, base.exact) == ("debian:bookworm", number("d"), True)


def test_a_wrong_digest_is_not_that_of_a_known_image() -> None:
    """A digest that the manifest names counts only if the known image has no other."""
    annotations = (
        ("org.opencontainers.image.base.name", "debian:12"),
        ("org.opencontainers.image.base.digest", number("d")),
    )
    stating = image_of("RUN a", "RUN b", annotations=annotations)
    base = find_base(stating, lambda: [known("debian:12", 1, [number("e")])])
    assert base is not None
    assert base.digest == number("e")


def test_an_archive_that_names_itself_proves_nothing() -> None:
    """A hostile archive can have the layers of any image and any name: its base is not exact, and hides no other."""
    hostile = known("debian:12", 2)._replace(is_self_named=True)
    base = find_base(SHOP, lambda: [hostile])
    assert base is not None
    assert (base.name, base.layers, base.exact) == ("debian:12", 2, False)
    assert base.reason == "the same layers here, which can give itself any name"
    better = find_base(SHOP, lambda: [hostile, known("alpine:3", 1)])
    assert better is not None
    assert (better.name, better.layers, better.exact) == ("alpine:3", 1, True)
    built = image_of(
        "RUN a", HistoryStep("RUN b", comment="FROM ubuntu:24.04"), HistoryStep("RUN c", comment="FROM 0123456789ab")
    )
    by_history = find_base(built, lambda: [hostile])
    assert by_history is not None
    assert (by_history.name, by_history.layers, by_history.exact) == ("ubuntu:24.04", 1, True)


def test_a_digest_gives_a_known_image_the_name() -> None:
    """The layers of an image without a name give the boundary if its digest is the one that the manifest names."""
    annotations = (
        ("org.opencontainers.image.base.name", "debian:12"),
        ("org.opencontainers.image.base.digest", number("d")),
    )
    stating = image_of("RUN a", "RUN b", annotations=annotations)
    base = find_base(stating, lambda: [known("", 1, [number("d")])])
    assert base is not None
    assert (base.name, base.layers, base.exact) == ("debian:12", 1, True)
    other = find_base(stating, lambda: [known("", 1, [number("e")])])
    assert other is not None
    assert (other.name, other.layers, other.exact) == ("debian:12", None, False)


def test_layers_are_known_by_the_digest_of_the_manifest_too() -> None:
    """A layer whose diff ID is not certain is compared by its compressed digest."""
    step = HistoryStep("RUN a")
    layers = tuple(Layer(index, None, "", number(f"c{index}"), step=step) for index in range(2))  # type: ignore[arg-type]
    certain, uncertain = KnownLayer("", number("c0")), KnownLayer("", "")
    base = find_base(Image("shop", "", layers), lambda: [KnownImage(("debian",), (certain,), (), "")])
    assert base is not None
    assert base.layers == 1
    assert find_base(Image("shop", "", layers), lambda: [KnownImage(("debian",), (uncertain,), (), "")]) is None


_PATHS = st.sampled_from(["a", "d/b", "d/c"])
_ITEMS = st.one_of(
    st.builds(lambda path, size: file(path, b"x" * size), _PATHS, st.integers(0, 9)),
    st.builds(hardlink, _PATHS, _PATHS),
    st.builds(whiteout, _PATHS),
)


@given(st.lists(st.lists(_ITEMS, max_size=5).map(lambda items: layer(*items)), max_size=4))
def test_base_and_yours_are_the_image(layers: list[bytes]) -> None:
    """Shipped and wasted bytes of the base and of the layers above it add up to those of the image, for any base."""
    usage = byte_usage(merged(*layers))
    for base_layers in range(len(layers) + 1):
        base, own, hidden_base_bytes = shares(usage, base_layers)
        assert 0 <= hidden_base_bytes <= min(own.wasted_bytes, base.shipped_bytes - base.wasted_bytes)
        assert base.shipped_bytes + own.shipped_bytes == usage.shipped_bytes
        assert base.wasted_bytes + own.wasted_bytes == usage.wasted_bytes
        assert base.layers + own.layers == len(layers)
        assert 0 <= base.wasted_bytes <= base.shipped_bytes
        assert own.wasted_bytes >= 0
