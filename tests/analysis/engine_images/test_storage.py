"""The bytes that images of an engine share, and that removing them frees."""

from __future__ import annotations

import pytest

from explorer.analysis.engine_images.storage import EngineStorage, StorageUsage
from explorer.model import EngineImage
from tests.analysis.engine_images.made_images import made


def usage(image: EngineImage, *others: EngineImage) -> StorageUsage:
    """Returns the figures of an image beside others."""
    return EngineStorage([*others, image]).usage(image)


def test_an_image_alone_shares_nothing_and_frees_all() -> None:
    """The bytes of the only image are unique, also if it has a layer twice."""
    assert usage(made("shop", "base", "lib", "lib")) == (0, 140, 140)


def test_layers_are_shared_if_those_below_are_the_same() -> None:
    """The same layer on another base is stored twice, so it is not shared."""
    shop, blog = made("shop", "base", "lib", "app"), made("blog", "base", "lib")
    assert usage(shop, blog) == (120, 3, 3)
    assert usage(blog, shop) == (120, 0, 0)
    assert usage(shop, made("odd", "other", "base", "lib", "app")) == (0, 123, 123)


def test_two_engines_share_nothing() -> None:
    """An image of Podman keeps no layer in the Docker Engine, even if the chain IDs are equal."""
    assert usage(made("shop", "base"), made("shop", "base", engine="podman")) == (0, 100, 100)


def test_untagged_parents_go_with_the_last_image_built_from_them() -> None:
    """Parents without a name are no others, unless a second image was built from them, or a container uses them."""
    step = made("step", "base", "lib", tags=(), parent="base")
    shop, base = made("shop", "base", "lib", "app", parent="step"), made("base", "base")
    assert usage(shop, step, base) == (100, 23, 23)
    blog = made("blog", "base", "lib", "other", parent="step")
    assert usage(shop, step, base, blog) == (120, 3, 3)
    used = made("step", "base", "lib", tags=(), parent="base", containers=("busy",))
    assert usage(shop, used, base) == (120, 3, 3)
    pulled = made("step", "base", "lib", tags=(), parent="base", digests=("step@sha256:1",))
    assert usage(shop, pulled, base) == (120, 3, 3)


def test_an_image_that_a_container_uses_frees_nothing() -> None:
    """Its unique bytes are stated, but nothing is freed, alone and with others."""
    shop, blog = made("shop", "base", "lib", containers=("web",)), made("blog", "base", "app")
    assert usage(shop, blog) == (100, 20, 0)
    removal = EngineStorage([shop, blog]).removal([shop, blog])
    assert (removal.freed_bytes, removal.removed, removal.in_use) == (3, (blog,), (shop,))


def test_images_together_free_what_they_share() -> None:
    """A set of images frees their shared layers, too, which is more than the sum."""
    shop, blog, rest = made("shop", "base", "lib", "app"), made("blog", "base", "lib"), made("rest", "other")
    storage = EngineStorage([shop, blog, rest])
    assert storage.removal([shop, blog]).freed_bytes == 123
    assert storage.removal([shop, blog, rest]).freed_bytes == 4123
    assert storage.removal([]).freed_bytes == 0


def test_an_image_loses_only_its_names_if_one_built_from_it_stays() -> None:
    """It frees nothing, and its untagged parents stay, too."""
    step = made("step", "base", tags=())
    lib = made("lib", "base", "lib", parent="step")
    shop = made("shop", "base", "lib", "app", parent="lib")
    storage = EngineStorage([step, lib, shop])
    assert storage.removal([lib]) == (0, (), ())
    assert set(storage.removal([lib, shop]).removed) == {step, lib, shop}


def test_the_images_that_share_most_come_first() -> None:
    """Other listed images of the engine with layers of an image; neither its own parents nor other engines."""
    step = made("step", "base", "lib", tags=(), parent="base")
    shop, base = made("shop", "base", "lib", "app", parent="step"), made("base", "base")
    blog, alone = made("blog", "base", "lib", "other"), made("alone", "other")
    storage = EngineStorage([shop, step, base, blog, alone, made("pod", "base", "lib", engine="podman")])
    assert storage.shared_layers(shop) == [(blog, 120), (base, 100)]
    assert storage.shared_layers(alone) == []
    assert EngineStorage([shop, EngineImage("docker", "u", ("u:1",))]).shared_layers(shop) == []


def test_totals_of_each_engine_and_of_all() -> None:
    """Each layer counts once; the images of one engine have one total."""
    shop, blog = made("shop", "base", "lib", "app", containers=("web",)), made("blog", "base", "lib", "lib")
    pod = made("pod", "base", engine="podman")
    storage = EngineStorage([shop, blog, pod])
    assert storage.totals([shop, blog]) == [("docker", 2, 143, 20)]
    docker, podman = ("docker", 2, 143, 20), ("podman", 1, 100, 100)
    assert storage.totals([shop, pod, blog]) == [docker, podman, ("", 3, 243, 120)]
    assert storage.totals([]) == []


def test_a_set_of_two_engines_frees_in_both() -> None:
    """The bytes of both engines add up."""
    images = [made("shop", "base"), made("shop", "base", engine="podman")]
    assert EngineStorage(images).removal(images).freed_bytes == 200


def test_images_in_storage_need_each_layer_once() -> None:
    """The bytes of images together count no layer twice."""
    shop, blog = made("shop", "base", "lib", "app", containers=("web",)), made("blog", "base", "lib")
    storage = EngineStorage([shop, blog, made("x", "base", engine="podman"), made("rest", "other")])
    assert storage.distinct_bytes([shop, blog]) == 123
    assert storage.distinct_bytes(storage.images) == 4223
    unknown = EngineImage("docker", "u", ("u:1",))
    assert EngineStorage([shop, unknown]).distinct_bytes([shop]) == 123
    assert EngineStorage([shop, unknown]).distinct_bytes([unknown]) is None


def test_what_is_not_known_is_none() -> None:
    """An image with unknown layers may share those of every other; unknown bytes matter only where images part."""
    shop, unknown = made("shop", "base", "lib"), EngineImage("docker", "x", ("x:1",))
    assert usage(shop, unknown) == usage(unknown, shop) == (None, None, None)
    gap = EngineImage("docker", "gap", ("gap:1",), bytes=103, diff_ids=("base", "app"), bytes_up_to=(None, 103))
    assert usage(gap) == (0, 103, 103)
    assert usage(gap, made("blog", "base", "lib")) == (100, 3, 3)
    other = EngineImage("docker", "o", ("o:1",), bytes=120, diff_ids=("base", "lib"), bytes_up_to=(None, 120))
    assert usage(gap, other) == (None, None, None)
    assert EngineStorage([gap, other]).removal([gap, other]).freed_bytes is None


def test_figures_of_an_engine_that_contradicts_itself_are_unknown() -> None:
    """An image on layers with more bytes than it has itself frees no negative bytes, and shares none."""
    base = made("base", "base")
    smaller = EngineImage("docker", "s", ("s:1",), bytes=60, diff_ids=("base", "lib"), bytes_up_to=(100, 60))
    assert usage(smaller, base) == (None, None, None)
    step = made("step", "other", tags=())
    assert usage(made("shop", "base", parent="step"), step) == (None, 4100, 4100)


def test_intermediate_images_are_not_listed() -> None:
    """An untagged image is listed unless another one was built from it."""
    step, shop = made("step", "base", tags=()), made("shop", "base", "app", parent="step")
    dangling = made("dangling", "other", tags=())
    assert EngineStorage([step, shop, dangling]).listed == (shop, dangling)


@pytest.mark.parametrize("parent", ["", "shop", "gone"])
def test_a_parent_may_be_the_image_itself_or_gone(parent: str) -> None:
    """An engine that names nonsense as the parent changes no figure."""
    assert usage(made("shop", "base", parent=parent)) == (0, 100, 100)
