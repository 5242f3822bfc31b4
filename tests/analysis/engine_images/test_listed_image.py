"""The order and the filter of a list of images."""

from __future__ import annotations

from datetime import timedelta

import pytest

from explorer.analysis.engine_images.listed_image import ImageOrder, ListedImage, image_test, ordered
from explorer.model import EngineImage
from explorer.text.filter_words import BadWord
from tests.analysis.engine_images.made_images import listed, made
from tests.images import NOW

SHOP = made("shop", "base", "lib", "app", created=NOW, containers=("web",))
BLOG = made("blog", "base", "lib", created=NOW - timedelta(days=1), tags=("localhost/blog:dev", "blog:latest"))
LOST = made("sha256:0123456789abcdef", "other", tags=(), created=NOW - timedelta(days=9))
UNKNOWN = EngineImage("podman", "odd", ("odd:1",))
IMAGES = [*listed(SHOP, BLOG, LOST), *listed(UNKNOWN)]


def ids(images: list[ListedImage]) -> list[str]:
    """Returns the first names of images without their tags."""
    return [each.names[0].partition(":")[0] for each in images]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ImageOrder.CREATED, "shop blog <none> odd"),
        (ImageOrder.NAME, "blog odd shop <none>"),
        (ImageOrder.SIZE, "<none> shop blog odd"),
        (ImageOrder.SHARED, "blog shop <none> odd"),
        (ImageOrder.UNIQUE, "<none> shop blog odd"),
        (ImageOrder.FREED, "<none> blog shop odd"),
        (ImageOrder.WASTED, "blog odd shop <none>"),
    ],
)
def test_orders(order: ImageOrder, expected: str) -> None:
    """The largest or the newest comes first, then by name; what is not known comes last."""
    names = [each.partition(" ")[0] for each in ids(ordered(IMAGES, order))]
    assert names == expected.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "shop blog <none> odd"),
        ("SHO", "shop"),
        ("blog:*", "blog"),
        ("localhost/", "blog"),
        ("89ab", "<none>"),
        ("!og", "shop <none> odd"),
        ("size>110 size<=123", "shop blog"),
        ("unique=3", "shop"),
        ("freed>1k", "<none>"),
        ("!shared>0", "<none> odd"),
        ("is:untagged", "<none>"),
        ("is:used", "shop"),
        ("engine:podman", "odd"),
    ],
)
def test_filters(words: str, expected: str) -> None:
    """Words choose images by name, ID, figures, state and engine."""
    names = [each.partition(" ")[0] for each in ids(list(filter(image_test(words.split()), IMAGES)))]
    assert names == expected.split()


@pytest.mark.parametrize("word", ["size>x", "is:big", "engine:lxc", "freed<"])
def test_wrong_words(word: str) -> None:
    """A word that can mean nothing is an error, which names what is expected."""
    with pytest.raises(BadWord):
        image_test([word])


def test_names_are_as_people_know_them() -> None:
    """The default registry and Podman's prefix are left out."""
    names = [listed(made("x", "base", tags=(tag,)))[0].names[0] for tag in ("docker.io/library/a:1", "localhost/b:1")]
    assert names == ["a:1", "b:1"]
    assert IMAGES[2].names == ["<none> 0123456789ab"]
