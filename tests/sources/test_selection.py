"""The choice among several images and platforms of an archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.errors import (
    ChoiceNeeded,
    ImageNotFound,
    UsageError,
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
    oci_files,
    opened,
    tar_of,
    write_layout,
)


class TestChoosing:
    """An archive with several images or platforms."""

    two = (image(layer(file("one", b"1")), tag="shop:1"), image(layer(file("two", b"22")), tag="shop:2"))
    arm = image(layer(file("arm", b"333")), tag="multi:1", architecture="arm64", variant="v8")
    amd = image(layer(file("amd", b"4444")), tag="multi:1")

    @pytest.mark.parametrize("form", [docker_archive, oci_archive])
    @pytest.mark.parametrize(("tag", "suggested"), [("shop:3", "shop:2"), ("shpo:2", "shop:2"), ("nothing", "")])
    def test_the_nearest_tag(
        self, written: Callable[[bytes], Path], form: Callable[..., bytes], tag: str, suggested: str
    ) -> None:
        """A tag that is not there gets the nearest one, before the list of all."""
        path = written(form(*self.two))
        with pytest.raises(ImageNotFound) as caught:
            explored(f"{path}:{tag}")
        assert caught.value.message == f"no image “{tag}” in {path}"
        first = caught.value.hint.splitlines()[0]
        assert first == (f"Did you mean {path}:{suggested}?" if suggested else "Available:")
        assert "Available:" in caught.value.hint

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
        for name in (image_id, digits, digits[:12], digits[:6], f"sha256:{digits[:5]}"):
            assert opened(f"{path}:{name}").id == image_id
        for name in (digits[:5], digits[1:9], "sha256:"):
            with pytest.raises(ImageNotFound):
                opened(f"{path}:{name}")

    def test_an_entry_for_each_name_is_one_image(self, written: Callable[[bytes], Path]) -> None:
        """An archive that lists an image once for each of its names holds one image with several tags."""
        made = self.two[0]
        path = written(docker_archive(made, replace(made, tag="shop:latest")))
        exploration = explored(path)
        assert exploration.image.tags == ("shop:1", "shop:latest")
        assert exploration.image.variants == ()
        for name in ("shop:latest", "1", digest(made.config_bytes)):
            assert opened(f"{path}:{name}").id == exploration.image.id

    def test_a_manifest_for_two_platforms_is_two_offers(self, tmp_path: Path) -> None:
        """A manifest that an index lists for two platforms can be opened for each of them."""
        files = oci_files(self.amd)
        index = json.loads(files["index.json"])
        entry = index["manifests"][0]
        index["manifests"] = [
            {**entry, "platform": {"os": "linux", "architecture": each}} for each in ("amd64", "riscv64")
        ]
        files["index.json"] = json.dumps(index).encode()
        layout = write_layout(tmp_path / "layout", files)
        assert [opened(layout, platform=each).variant for each in ("amd64", "riscv64")] == [
            "linux/amd64",
            "linux/riscv64",
        ]

    def test_versions_of_windows_are_chosen_by_version(self, tmp_path: Path) -> None:
        """Images of several versions of an OS are listed with the version, which --platform takes."""
        files = oci_files(*(replace(made, config={**made.config, "os": "windows"}) for made in (self.amd, self.two[0])))
        index = json.loads(files["index.json"])
        for entry, version in zip(index["manifests"], ("10.0.17763.1", "10.0.20348.2"), strict=True):
            entry["platform"]["os.version"] = version
        files["index.json"] = json.dumps(index).encode()
        layout = write_layout(tmp_path / "layout", files)
        with pytest.raises(ChoiceNeeded) as caught:
            opened(layout)
        names = ["windows(10.0.17763.1)/amd64", "windows(10.0.20348.2)/amd64"]
        assert [variant.platform for variant in caught.value.variants] == names
        assert explored(layout, names[0]).usage.shipped_bytes == 4
        assert explored(layout, "windows(10.0.20348)/amd64").usage.shipped_bytes == 1

    @pytest.mark.parametrize("form", [docker_archive, oci_archive])
    def test_only_digests_distinguish_images(
        self, written: Callable[[bytes], Path], form: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """If no tags distinguish images, the error has an example with a digest, which opens an image."""
        path = written(form(*(replace(made, tag="shop:1") for made in self.two)))
        for reference in (str(path), f"{path}:shop:1"):
            with pytest.raises(ChoiceNeeded, match=f"PATH@DIGEST, as in {path}@sha256:") as caught:
                explored(reference)
            assert explored(caught.value.message.rpartition(" ")[2]).usage.shipped_bytes == 1
        with path.open("rb") as pipe:
            monkeypatch.setattr("os.isatty", lambda _: False)
            with pytest.raises(ChoiceNeeded, match="choose one with --platform linux/amd64@sha256:") as caught:
                explored("-", standard_input=pipe.fileno())
        with path.open("rb") as pipe:
            platform = caught.value.message.rpartition(" ")[2]
            assert explored("-", platform, standard_input=pipe.fileno()).usage.shipped_bytes == 1

    def test_an_image_of_an_unknown_platform(self, written: Callable[[bytes], Path]) -> None:
        """Its content tells an image from an attestation; beside an image it opens by its digest alone."""
        files = oci_files(*self.two)
        index = json.loads(files["index.json"])
        entries = index["manifests"]
        entries[0]["platform"] = {"os": "unknown", "architecture": "unknown"}
        both = written(tar_of({**files, "index.json": json.dumps({"manifests": entries}).encode()}))
        assert explored(both, "linux/amd64").usage.shipped_bytes == 2
        assert explored(f"{both}@{entries[0]['digest']}").usage.shipped_bytes == 1
        image = opened(written(tar_of({**files, "index.json": json.dumps({"manifests": entries[:1]}).encode()})))
        assert image.tags == ("shop:1",)
        assert "unknown/unknown" in image.problems[0]

    def test_an_os_version_with_odd_characters(self, tmp_path: Path) -> None:
        """A slash or a control character in a version of the OS is an underscore, by which it is chosen."""
        files = oci_files(*self.two)
        index = json.loads(files["index.json"])
        for entry, version in zip(index["manifests"], ("10.0/1", "10.0\x1b2"), strict=True):
            entry["platform"] = {"os": "windows", "architecture": "amd64", "os.version": version}
        files["index.json"] = json.dumps(index).encode()
        layout = write_layout(tmp_path / "layout", files)
        with pytest.raises(ChoiceNeeded) as caught:
            explored(layout)
        assert [variant.platform for variant in caught.value.variants] == [
            "windows(10.0_1)/amd64",
            "windows(10.0_2)/amd64",
        ]
        assert explored(layout, "windows(10.0_2)/amd64").usage.shipped_bytes == 2
        assert opened(layout, platform="windows(10.0_1)/amd64").platform == "windows/amd64"

    def test_an_unknown_platform_is_a_usage_error(self, written: Callable[[bytes], Path]) -> None:
        """A text that is no platform is an error about the option."""
        with pytest.raises(UsageError, match="is not a platform"):
            opened(written(oci_archive(self.amd)), platform="linux/amd64/v1/x")
