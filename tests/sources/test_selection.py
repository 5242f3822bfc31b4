"""The choice among several images and platforms of an archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import (
    ChoiceNeeded,
    ImageNotFound,
)
from tests.images import (
    digest,
    docker_archive,
    explored,
    file,
    image,
    layer,
    modern_docker_archive,
    oci_archive,
    opened,
)


class TestChoosing:
    """An archive with several images or platforms."""

    two = (image(layer(file("one", b"1")), tag="shop:1"), image(layer(file("two", b"22")), tag="shop:2"))
    arm = image(layer(file("arm", b"333")), tag="multi:1", architecture="arm64", variant="v8")
    amd = image(layer(file("amd", b"4444")), tag="multi:1")

    @pytest.mark.parametrize("form", [docker_archive, modern_docker_archive, oci_archive])
    def test_several_images_ask_for_a_tag_and_say_what_there_is(
        self, written: Callable[[bytes], Path], form: Callable[..., bytes]
    ) -> None:
        """Without a choice the error lists the tags; PATH:TAG opens an image."""
        path = written(form(*self.two))
        with pytest.raises(ChoiceNeeded) as caught:
            explored(path)
        assert "shop:1" in caught.value.hint
        assert "shop:2" in caught.value.hint
        assert explored(f"{path}:shop:2").usage.shipped_bytes == 2
        assert explored(f"archive://{path}:1").usage.shipped_bytes == 1
        with pytest.raises(ImageNotFound, match="shop:3"):
            explored(f"{path}:shop:3")

    def test_several_platforms_ask_for_one(
        self, written: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without the host's platform the error lists the others; with a choice the image is opened."""
        path = written(oci_archive(self.arm, self.amd))
        monkeypatch.setattr("platform.machine", lambda: "s390x")
        with pytest.raises(ChoiceNeeded, match="--platform") as caught:
            explored(path)
        assert "linux/arm64/v8" in caught.value.hint
        assert [variant.platform for variant in caught.value.variants] == ["linux/arm64/v8", "linux/amd64"]
        assert explored(path, "linux/arm64").usage.shipped_bytes == 3
        assert explored(path, "linux/arm64/v8").usage.shipped_bytes == 3
        assert explored(path, "linux/x86_64").usage.shipped_bytes == 4
        assert explored(path, "arm64").usage.shipped_bytes == 3
        with pytest.raises(ImageNotFound, match="s390x"):
            explored(path, "linux/s390x")

    @pytest.mark.parametrize(("machine", "shipped"), [("x86_64", 4), ("aarch64", 3)])
    def test_the_hosts_own_platform_is_the_default(
        self, written: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch, machine: str, shipped: int
    ) -> None:
        """The platform of this machine is opened, and the others are listed with their sizes."""
        monkeypatch.setattr("platform.machine", lambda: machine)
        exploration = explored(written(oci_archive(self.arm, self.amd)))
        assert exploration.usage.shipped_bytes == shipped
        assert {variant.platform for variant in exploration.image.variants} == {"linux/arm64/v8", "linux/amd64"}
        assert all(variant.download_bytes for variant in exploration.image.variants)

    def test_a_platform_that_is_not_there_is_an_error(self, written: Callable[[bytes], Path]) -> None:
        """A single image of another platform is not opened in its place."""
        with pytest.raises(ImageNotFound, match="linux/arm64"):
            explored(written(docker_archive(self.amd)), "linux/arm64")

    @pytest.mark.parametrize("form", [docker_archive, oci_archive])
    def test_an_id_names_an_image_by_six_digits_or_more(
        self, written: Callable[[bytes], Path], form: Callable[..., bytes]
    ) -> None:
        """The beginning of an ID is enough, but fewer than six digits are taken for a tag."""
        path = written(form(*self.two))
        image_id = digest(self.two[1].config_bytes)
        digits = image_id.removeprefix("sha256:")
        for name in (image_id, digits, digits[:12], digits[:6]):
            assert opened(f"{path}:{name}").id == image_id
        for name in (digits[:5], digits[1:9], f"sha256:{digits[:5]}"):
            with pytest.raises(ImageNotFound):
                opened(f"{path}:{name}")
