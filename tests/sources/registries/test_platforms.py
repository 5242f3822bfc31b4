"""The choice among the platforms of an index."""

from __future__ import annotations

import json
from typing import Any

import pytest

from explorer.errors import (
    ChoiceNeeded,
    ImageNotFound,
)
from tests.fake_registry import FakeRegistry
from tests.images import (
    file,
    image,
    layer,
)
from tests.sources.registries.samples import (
    AMD,
    ARM,
    S390,
    failure,
    open_sample,
    shipped_bytes,
)


class TestPlatforms:
    """An index with several platforms."""

    def test_this_machines_platform_is_the_default(self, shop: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without --platform this machine's platform is chosen, and only its manifest is fetched."""
        shop.add("1", ARM, AMD, S390)
        assert shipped_bytes(shop.reference()) == 4
        assert len(shop.asked("/manifests/")) == 2
        monkeypatch.setattr("platform.machine", lambda: "aarch64")
        assert shipped_bytes(shop.reference()) == 3

    def test_a_platform_is_chosen(self, shop: FakeRegistry) -> None:
        """--platform chooses any existing platform; for another one, the error lists them."""
        shop.add("1", ARM, AMD, S390)
        assert shipped_bytes(shop.reference(), "linux/s390x") == 5
        assert shipped_bytes(shop.reference(), "linux/arm64") == 3
        assert shipped_bytes(shop.reference(), "arm64") == 3
        with pytest.raises(ImageNotFound, match="linux/riscv64") as caught:
            open_sample(shop.reference(), "linux/riscv64")
        assert "linux/arm64/v8" in caught.value.hint

    def test_a_platform_that_is_not_there_asks_for_a_choice(self, shop: FakeRegistry) -> None:
        """Without this machine's platform the error lists the others."""
        shop.add("1", ARM, S390)
        with pytest.raises(ChoiceNeeded, match="choose one with --platform") as caught:
            open_sample(shop.reference())
        assert "linux/s390x" in caught.value.hint
        assert len(shop.asked()) == 1

    def test_several_variants_ask_for_a_choice(self, shop: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """The best compatible variant is chosen; if only higher ones exist, the user must choose."""
        old, new = (image(layer(file("v", b"v" * n)), architecture="arm", variant=f"v{n}") for n in (8, 9))
        shop.add("1", old, new, AMD)
        monkeypatch.setattr("platform.machine", lambda: "arm")
        with pytest.raises(ChoiceNeeded) as caught:
            open_sample(shop.reference())
        assert "linux/arm/v8" in caught.value.hint
        assert "amd64" not in caught.value.hint
        monkeypatch.setattr("platform.machine", lambda: "armv8l")
        assert shipped_bytes(shop.reference()) == 8

    def test_an_exact_platform_wins(self, shop: FakeRegistry) -> None:
        """linux/amd64 is preferred to linux/amd64/v3, although both match."""
        shop.add("1", image(layer(file("v", b"v" * 9)), variant="v3"), AMD)
        assert shipped_bytes(shop.reference()) == 4
        assert shipped_bytes(shop.reference(), "linux/amd64") == 4
        assert shipped_bytes(shop.reference(), "linux/amd64/v3") == 9

    def test_images_of_one_platform_are_told_apart_by_digest(self, shop: FakeRegistry) -> None:
        """Images of one platform, such as several versions of Windows, are chosen by digest."""
        shop.add("1", AMD, image(layer(file("other", b"22222"))))
        with pytest.raises(ChoiceNeeded, match="@DIGEST") as caught:
            open_sample(shop.reference())
        digests = [descriptor["digest"] for descriptor in json.loads(shop.manifests["1"])["manifests"]]
        assert all(each in caught.value.hint for each in digests)
        assert shipped_bytes(f"{shop.reference()}@{digests[1][:15]}") == 5
        assert shipped_bytes(shop.reference(), caught.value.variants[1].platform) == 5
        assert open_sample(shop.reference(), caught.value.variants[1].platform).variant.startswith(digests[1][:9], 12)

    def test_attestations_are_skipped(self, shop: FakeRegistry) -> None:
        """Attestations of builders are neither offered nor fetched."""
        shop.add("1", ARM, AMD)

        def attest(index: dict[str, Any]) -> None:
            index["manifests"][0]["platform"] = {"os": "unknown", "architecture": "unknown"}

        shop.edit("1", attest)
        assert shipped_bytes(shop.reference()) == 4
        assert len(shop.asked("/manifests/")) == 2

    def test_a_single_image_of_an_unknown_platform(self, shop: FakeRegistry) -> None:
        """An index whose manifests are all of an unknown platform has images if their content says so."""
        shop.add("1", ARM, AMD)

        def hide(index: dict[str, Any]) -> None:
            del index["manifests"][1]
            index["manifests"][0]["platform"] = {"os": "unknown", "architecture": "unknown"}

        shop.edit("1", hide)
        assert shipped_bytes(shop.reference()) == 3

    def test_an_index_that_names_no_platforms(self, shop: FakeRegistry) -> None:
        """If an index names no platforms, they are read from the configurations."""
        shop.add("1", ARM, AMD)
        shop.edit("1", lambda index: [descriptor.pop("platform") for descriptor in index["manifests"]])
        assert shipped_bytes(shop.reference()) == 4
        assert shipped_bytes(shop.reference(), "linux/arm64") == 3

    def test_a_single_image_of_another_platform(self, shop: FakeRegistry) -> None:
        """A single image is opened without a choice; asking for another platform is an error."""
        shop.add("1", ARM)
        assert shipped_bytes(shop.reference()) == 3
        with pytest.raises(ImageNotFound, match="linux/amd64"):
            open_sample(shop.reference(), "linux/amd64")

    def test_a_manifest_that_an_index_names_and_nobody_has(self, shop: FakeRegistry) -> None:
        """The error about a missing manifest names it."""
        shop.add("1", ARM, AMD)
        index = json.loads(shop.manifests["1"])
        del shop.manifests[index["manifests"][1]["digest"]]
        failure(shop.reference(), "has no manifest sha256:", ImageNotFound)
