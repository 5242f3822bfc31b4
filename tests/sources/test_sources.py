"""One image has one answer in every format, and a clear error for what is no image."""

from __future__ import annotations

import bz2
import json
import lzma
import os
import stat
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.errors import (
    ChoiceNeeded,
    ExplorerError,
    ImageError,
    ImageNotFound,
    UnreadableImage,
    UnreadableLayer,
    UsageError,
)
from explorer.model import Image
from explorer.pipeline import Exploration
from tests.images import (
    MadeImage,
    Watching,
    big,
    digest,
    docker_archive,
    explored,
    file,
    gzipped,
    hardlink,
    image,
    layer,
    modern_docker_archive,
    oci_archive,
    oci_files,
    opaque,
    opened,
    symlink,
    tar_of,
    whiteout,
    write_layout,
    zstded,
)

MADE = image(
    layer(big("d/a", 0.1), file("x", b"x" * 100), hardlink("y", "x"), file("same", b"same")),
    layer(whiteout("d"), file("same", b"same", mode=0o600), symlink("s", "x")),
    layer(file("n/m", b"m"), opaque("n"), file("x", b"z" * 100)),
)


def _plain(made: MadeImage) -> bytes:
    return docker_archive(made)


FORMATS: dict[str, Callable[[MadeImage], bytes]] = {
    "docker-archive": _plain,
    "docker-archive with gzip layers": lambda made: docker_archive(made, compress=gzipped),
    "docker-archive of Docker 25": modern_docker_archive,
    "OCI tar": oci_archive,
    "OCI tar with gzip layers": lambda made: oci_archive(made, compress=gzipped, suffix="+gzip"),
    "OCI tar with zstd layers": lambda made: oci_archive(made, compress=zstded, suffix="+zstd"),
    "OCI tar whose media types lie": lambda made: oci_archive(made, compress=zstded, suffix="+gzip"),
    "docker-archive, gzip": lambda made: gzipped(docker_archive(made)),
    "docker-archive, zstd": lambda made: zstded(docker_archive(made)),
    "OCI tar, gzip": lambda made: gzipped(oci_archive(made)),
}


def _answer(found: Exploration) -> tuple[Any, ...]:
    """What must not depend on where an image was read from."""
    return (
        found.image.id,
        found.image.platform,
        found.image.config,
        found.image.history,
        found.usage,
        [
            figures.__class__ and (figures.bytes, figures.files, figures.added, figures.modified, figures.removed)
            for figures in found.layers
        ],
    )


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes an archive to a file."""

    def write(data: bytes) -> Path:
        path = tmp_path / "image.tar"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("form", FORMATS)
def test_one_image_has_one_answer(written: Callable[[bytes], Path], tmp_path: Path, form: str) -> None:
    """Identity, configuration, history and every figure are the same in every format."""
    (tmp_path / "reference.tar").write_bytes(docker_archive(MADE))
    expected = explored(tmp_path / "reference.tar")
    found = explored(written(FORMATS[form](MADE)))
    assert _answer(found) == _answer(expected)
    assert found.image.tags == ("made:1",)
    assert found.usage.wasted_bytes == 100_000 + 4


@pytest.mark.parametrize(("compress", "suffix"), [(bytes, ""), (gzipped, "+gzip"), (zstded, "+zstd")])
def test_a_layout_directory_gives_the_same_answer(
    tmp_path: Path, compress: Callable[[bytes], bytes], suffix: str
) -> None:
    """An OCI layout directory, as a bare path or by ``oci://``, is the image that its archive is."""
    (tmp_path / "reference.tar").write_bytes(docker_archive(MADE))
    layout = write_layout(tmp_path / "layout", oci_files(MADE, compress=compress, suffix=suffix))
    for reference in (f"{layout}", f"oci://{layout}", f"oci://{layout}:made:1"):
        assert _answer(explored(reference)) == _answer(explored(tmp_path / "reference.tar"))


def test_download_bytes_are_known_where_layers_are_compressed(written: Callable[[bytes], Path]) -> None:
    """The compressed sizes add up to the download; plain layers say nothing about it."""
    packed = sum(len(gzipped(data)) for data in MADE.layers)
    assert explored(written(oci_archive(MADE, compress=gzipped))).download_bytes == packed
    assert explored(written(docker_archive(MADE))).download_bytes is None


def test_other_programs_spellings(written: Callable[[bytes], Path], tmp_path: Path) -> None:
    """Archives and layouts may be called as skopeo and dive call them."""
    archive, oci = written(docker_archive(MADE)), tmp_path / "oci.tar"
    oci.write_bytes(oci_archive(MADE))
    layout = write_layout(tmp_path / "layout", oci_files(MADE))
    for spelled in (
        f"docker-archive:{archive}",
        f"docker-archive://{archive}",
        f"oci-archive:{oci}",
        f"oci-archive://{oci}",
        f"oci:{layout}",
    ):
        assert opened(spelled).id == opened(archive).id


def test_layer_order_is_the_manifests(written: Callable[[bytes], Path]) -> None:
    """Layers come in the manifest's order, whatever their names and wherever they lie in the archive."""
    first, second = layer(file("a", b"1")), layer(file("a", b"22"))
    config = image(first, second).config_bytes
    name = digest(config).partition(":")[2]
    manifest = [{"Config": f"{name}.json", "RepoTags": None, "Layers": ["z.tar", "a.tar"]}]
    data = tar_of(
        {"a.tar": second, "manifest.json": json.dumps(manifest).encode(), f"{name}.json": config, "z.tar": first}
    )
    found = explored(written(data))
    assert [figures.bytes for figures in found.layers] == [1, 2]


def test_a_layer_stored_as_a_link_is_read_through_it(written: Callable[[bytes], Path]) -> None:
    """Older engines store the second copy of a layer as a symbolic link to the first."""
    data = layer(file("a", b"1"))
    config = image(data, data).config_bytes
    manifest = [{"Config": "c.json", "RepoTags": [], "Layers": ["one/layer.tar", "two/layer.tar"]}]
    files = {"c.json": config, "manifest.json": json.dumps(manifest).encode(), "one/layer.tar": data}
    found = explored(written(tar_of(files, {"two/layer.tar": "../one/layer.tar"})))
    assert [figures.bytes for figures in found.layers] == [1, 1]


def test_unreferenced_blobs_are_ignored(written: Callable[[bytes], Path]) -> None:
    """Blobs that no manifest names, broken ones too, do not matter."""
    files = {**oci_files(MADE), "blobs/sha256/" + "0" * 64: b"garbage", "stray.tar": b"garbage"}
    assert explored(written(tar_of(files))).usage.wasted_bytes == 100_004


def test_attestations_are_no_images(written: Callable[[bytes], Path]) -> None:
    """The manifests that builders add for provenance are left out of the choice."""
    files = oci_files(MADE, image(layer(), tag="attestation"))
    index = json.loads(files["index.json"])
    index["manifests"][1]["platform"] = {"os": "unknown", "architecture": "unknown"}
    files["index.json"] = json.dumps(index).encode()
    assert explored(written(tar_of(files))).image.tags == ("made:1",)


def test_nested_indexes_lead_to_the_image(tmp_path: Path) -> None:
    """An index within an index is followed, and its tags are the image's."""
    files = oci_files(MADE)
    inner = files["index.json"]
    descriptor = {
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "digest": digest(inner),
        "size": len(inner),
        "annotations": {"io.containerd.image.name": "docker.io/library/nested:2"},
    }
    files[f"blobs/sha256/{digest(inner).partition(':')[2]}"] = inner
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [descriptor]}).encode()
    assert explored(write_layout(tmp_path / "l", files)).image.tags == ("nested:2", "made:1")


def test_an_index_counts_once(tmp_path: Path) -> None:
    """Indexes that name one another many times over take no longer than each once."""
    files = oci_files(MADE)
    for _ in range(6):
        inner = files["index.json"]
        descriptor = {
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": digest(inner),
            "size": len(inner),
        }
        files[f"blobs/sha256/{digest(inner).partition(':')[2]}"] = inner
        files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [descriptor] * 40}).encode()
    assert opened(write_layout(tmp_path / "l", files)).tags == ("made:1",)


class TestChoosing:
    """An archive with several images or platforms."""

    two = (image(layer(file("one", b"1")), tag="shop:1"), image(layer(file("two", b"22")), tag="shop:2"))
    arm = image(layer(file("arm", b"333")), tag="multi:1", architecture="arm64", variant="v8")
    amd = image(layer(file("amd", b"4444")), tag="multi:1")

    @pytest.mark.parametrize("form", [docker_archive, modern_docker_archive, oci_archive])
    def test_several_images_ask_for_a_tag_and_say_what_there_is(
        self, written: Callable[[bytes], Path], form: Callable[..., bytes]
    ) -> None:
        """Without a choice the error lists the tags; with PATH:TAG the image is opened."""
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
        """Without the host's own platform the error lists what there is; with a choice the image is opened."""
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
        """Of several platforms that of this machine is opened, and the others are told with their sizes."""
        monkeypatch.setattr("platform.machine", lambda: machine)
        found = explored(written(oci_archive(self.arm, self.amd)))
        assert found.usage.shipped_bytes == shipped
        assert {variant.platform for variant in found.image.variants} == {"linux/arm64/v8", "linux/amd64"}
        assert all(variant.download_bytes for variant in found.image.variants)

    def test_a_platform_that_is_not_there_is_an_error(self, written: Callable[[bytes], Path]) -> None:
        """A single image of another platform is not opened in its place."""
        with pytest.raises(ImageNotFound, match="linux/arm64"):
            explored(written(docker_archive(self.amd)), "linux/arm64")


class TestHistory:
    """The history as it is, whatever it is."""

    layers = (layer(file("a", b"1")), layer(file("b", b"2")))

    def opened(self, written: Callable[[bytes], Path], **config: Any) -> Image:
        return explored(written(docker_archive(image(*self.layers, **config)))).image

    def test_empty_steps_make_no_layer(self, written: Callable[[bytes], Path]) -> None:
        """A step that is marked as empty stands in the history without a layer."""
        steps = [{"created_by": "A"}, {"created_by": "ENV", "empty_layer": True}, {"created_by": "B"}]
        found = self.opened(written, history=steps)
        assert [step.layer for step in found.history] == [0, None, 1]
        assert [layer.step.created_by for layer in found.layers if layer.step] == ["A", "B"]
        assert not found.problems

    @pytest.mark.parametrize("history", [None, [], "odd", [None], [7], [{"created_by": 5, "created": []}]])
    def test_a_missing_or_odd_history_is_a_problem(self, written: Callable[[bytes], Path], history: Any) -> None:
        """Without a history the layers are all there, and a problem says what is missing."""
        found = self.opened(written, history=history)
        assert len(found.layers) == 2
        assert found.problems

    def test_a_short_history_leaves_layers_without_a_step(self, written: Callable[[bytes], Path]) -> None:
        """The layers above a history that is too short have no step."""
        found = self.opened(written, history=[{"created_by": "A"}])
        assert [layer.step is not None for layer in found.layers] == [True, False]
        assert "1 step with a layer, but there are 2" in found.problems[0]

    def test_a_long_history_keeps_its_surplus_steps(self, written: Callable[[bytes], Path]) -> None:
        """Steps beyond the layers are shown and belong to none."""
        found = self.opened(written, history=[{"created_by": word} for word in "ABCD"])
        assert [step.layer for step in found.history] == [0, 1, None, None]
        assert "2 more steps" in found.problems[0]
        found = self.opened(written, history=[{"created_by": word} for word in "ABC"])
        assert "1 more step with a layer" in found.problems[0]

    @pytest.mark.parametrize("rootfs", [None, [], {"diff_ids": "x"}, {"diff_ids": [1]}, {"diff_ids": []}])
    def test_odd_diff_ids_are_a_problem(self, written: Callable[[bytes], Path], rootfs: Any) -> None:
        """Layers are read without diff_ids when the configuration does not name them well."""
        found = self.opened(written, rootfs=rootfs)
        assert [layer.diff_id for layer in found.layers if layer.diff_id.startswith("sha256:")] == []
        assert found.problems

    @pytest.mark.parametrize(
        "config", [None, [], {"Env": "A=1"}, {"Env": 5, "Labels": [], "ExposedPorts": [1], "Cmd": {}}]
    )
    def test_an_odd_configuration_never_crashes(self, written: Callable[[bytes], Path], config: Any) -> None:
        """Whatever has an unexpected shape is left out."""
        assert len(self.opened(written, config=config, created=5, author={}, os=3).layers) == 2


def _without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {key: value for key, value in files.items() if key != name}


def _blob(made: MadeImage, number: int = 0) -> str:
    return f"blobs/sha256/{digest(made.layers[number]).partition(':')[2]}"


def _make_socket(path: Path) -> None:
    os.mknod(path, stat.S_IFSOCK | 0o600)


def _make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


OTHERS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "socket": _make_socket,
    "device": _make_device,
    "directory": Path.mkdir,
}


class TestDamage:
    """What is damaged gives one clear error."""

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "empty"),
            (b"hello, this is no tar at all" * 40, "image.tar is not a tar: "),
            (tar_of({"readme": b"x"}), "not of an image"),
            (tar_of({"repositories": b"{}"}), "Docker 1.9"),
            (tar_of({"manifest.json": b"{"}), "not a JSON document"),
            (tar_of({"manifest.json": b"[" * 100_000}), "not a JSON document"),
            (tar_of({"manifest.json": b"[]"}), "names no image"),
            (tar_of({"manifest.json": b"[5]"}), "lacks Config"),
            (tar_of({"manifest.json": b'[{"Config": "c", "Layers": [5]}]'}), "lacks Config"),
            (tar_of({"manifest.json": b'[{"Config": "c", "Layers": []}]'}), "does not hold c"),
            (tar_of({"manifest.json": b'[{"Config": "c", "Layers": ["l"]}]', "c": b"{}"}), "does not hold l"),
            (tar_of({"oci-layout": b"", "index.json": b"{}"}), "no list of manifests"),
            (tar_of({"oci-layout": b"", "index.json": b'{"manifests": []}'}), "names no image"),
            (b"BZh91AY" + bytes(600), "bzip2"),
            (b"\xfd7zXZ\x00" + bytes(600), "xz"),
            (gzipped(docker_archive(MADE))[:-200], "cut off"),
            (zstded(docker_archive(MADE))[:-20], "cut off"),
            (docker_archive(MADE)[:3000], "runs to offset"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_no_image_says_so(self, written: Callable[[bytes], Path], data: bytes, words: str) -> None:
        """The error says what was found or missing, and has exit code 3."""
        with pytest.raises(UnreadableImage, match=words) as caught:
            explored(written(data))
        assert caught.value.exit_code == 3

    @pytest.mark.parametrize("form", [docker_archive, oci_archive])
    @pytest.mark.parametrize(("compress", "kind"), [(bz2.compress, "bzip2"), (lzma.compress, "xz")])
    def test_a_layer_of_another_compression_is_named(
        self,
        written: Callable[[bytes], Path],
        form: Callable[..., bytes],
        compress: Callable[[bytes], bytes],
        kind: str,
    ) -> None:
        """A layer that is compressed in a way that cannot be read is named, and so is the way; an archive likewise."""
        with pytest.raises(UnreadableLayer, match=f"layer 0 cannot be read: the data is compressed with {kind}, exp"):
            opened(written(form(MADE, compress=compress)))
        with pytest.raises(UnreadableImage, match=f"image.tar cannot be read: the data is compressed with {kind}, ex"):
            opened(written(compress(form(MADE))))

    def test_a_missing_layer_names_its_blob(self, written: Callable[[bytes], Path]) -> None:
        """The error names the layer, the blob and its media type."""
        with pytest.raises(
            UnreadableImage, match=r"layer 1 is missing: blob sha256:[0-9a-f]{64}, application/vnd"
        ) as caught:
            explored(written(tar_of(_without(oci_files(MADE), _blob(MADE, 1)))))
        assert caught.value.hint

    def test_a_blob_of_another_size_is_damaged(self, written: Callable[[bytes], Path]) -> None:
        """A layer whose size is not the manifest's is not read."""
        with pytest.raises(UnreadableImage, match=r"layer 0 is damaged: .* has 3 bytes, expected"):
            explored(written(tar_of({**oci_files(MADE), _blob(MADE): b"abc"})))

    def test_a_compressed_blob_is_checked_against_its_digest(self, written: Callable[[bytes], Path]) -> None:
        """A layer of the right size and other bytes is an error that names both digests."""
        files = oci_files(MADE, compress=gzipped)
        name = f"blobs/sha256/{digest(gzipped(MADE.layers[2])).partition(':')[2]}"
        forged = gzipped(layer(file("n/m", b"m"), opaque("n"), file("x", b"y" * 100)))
        with pytest.raises((UnreadableLayer, UnreadableImage), match="layer 2"):
            explored(written(tar_of({**files, name: forged.ljust(len(files[name]), b"\0")[: len(files[name])]})))

    def test_a_diff_id_that_lies_is_found_in_a_compressed_layer(self, written: Callable[[bytes], Path]) -> None:
        """A compressed layer that nothing else names is checked against its diff_id as it streams past."""
        made = image(*MADE.layers, rootfs={"diff_ids": [digest(b"other")] * 3})
        with pytest.raises(
            UnreadableLayer, match=r"layer . cannot be read: its uncompressed digest .* expected sha256"
        ):
            explored(written(docker_archive(made, compress=gzipped)))

    def test_a_forged_configuration_is_found(self, written: Callable[[bytes], Path]) -> None:
        """A configuration is checked against its digest."""
        name = f"blobs/sha256/{digest(MADE.config_bytes).partition(':')[2]}"
        with pytest.raises(UnreadableImage, match="digest"):
            explored(written(tar_of({**oci_files(MADE), name: MADE.config_bytes + b" "})))

    def test_a_damaged_layer_is_named_with_the_offset(self, written: Callable[[bytes], Path]) -> None:
        """A bad header within a layer is an error that names the layer and the offset."""
        broken = MADE.layers[1][:512] + b"x" * 512 + MADE.layers[1][1024:]
        with pytest.raises(UnreadableLayer, match=r"layer 1 cannot be read: .* at offset 512"):
            explored(written(docker_archive(image(MADE.layers[0], broken))))

    def test_attributes_of_an_archives_members_are_not_kept(self, written: Callable[[bytes], Path]) -> None:
        """Members that a manifest never means take little memory, however much their headers say of them."""
        attributes = {"user.a": "x" * 900_000}
        path = written(layer(*(file(f"f{number}", xattrs=attributes) for number in range(40))))
        tracemalloc.start()
        try:
            with pytest.raises(UnreadableImage, match="not of an image"):
                opened(path)
            assert tracemalloc.get_traced_memory()[1] < 20_000_000
        finally:
            tracemalloc.stop()

    def test_documents_are_bounded_together(self, written: Callable[[bytes], Path]) -> None:
        """Many images with long configurations, each of which would do, are refused before they fill the memory."""
        made = [image(layer(), tag=f"a:{number}", author=f"{number}" + "x" * 6_000_000) for number in range(6)]
        for form in (docker_archive, oci_archive):
            with pytest.raises(UnreadableImage, match="more than 33,554,432 bytes together"):
                opened(written(form(*made)))

    @pytest.mark.parametrize("form", [docker_archive, oci_archive])
    def test_more_layers_than_any_image_has(self, written: Callable[[bytes], Path], form: Callable[..., bytes]) -> None:
        """An image that names the same layer many thousand times is refused, and not read for hours."""
        with pytest.raises(UnreadableImage, match=r"names 1,001 layers, expected at most 1,000"):
            opened(written(form(image(*[layer()] * 1_001))))

    def test_more_images_than_any_archive_has(self, written: Callable[[bytes], Path]) -> None:
        """An archive that names one image many thousand times is refused, and does not list them all."""
        entry = {"Config": "c.json", "Layers": []}
        files = {"c.json": MADE.config_bytes, "manifest.json": json.dumps([entry] * 1_001).encode()}
        with pytest.raises(UnreadableImage, match="more than 1,000 images"):
            opened(written(tar_of(files)))

    def test_an_obsolete_manifest_is_named(self, written: Callable[[bytes], Path]) -> None:
        """A schema 1 manifest is refused in words."""
        old = json.dumps({"schemaVersion": 1, "fsLayers": []}).encode()
        files = {"oci-layout": b"{}", f"blobs/sha256/{digest(old).partition(':')[2]}": old}
        files["index.json"] = json.dumps({"manifests": [{"digest": digest(old)}]}).encode()
        with pytest.raises(UnreadableImage, match="schema 1"):
            explored(written(tar_of(files)))

    def test_digests_lead_nowhere_else(self, tmp_path: Path) -> None:
        """A digest with a path in it is a blob that is not there, not a file elsewhere."""
        (tmp_path / "secret").write_bytes(b"{}")
        files = {
            "oci-layout": b"{}",
            "index.json": json.dumps({"manifests": [{"digest": "sha256:../../../secret"}]}).encode(),
        }
        with pytest.raises(UnreadableImage, match="missing"):
            explored(write_layout(tmp_path / "layout", files))


class TestReferences:
    """What a reference means."""

    @pytest.mark.parametrize(
        ("reference", "error", "words"),
        [
            ("", UsageError, "empty"),
            ("ftp://x", UsageError, "unknown kind of reference"),
            ("archive://", UsageError, "names no image"),
            ("archive:///nowhere/x.tar", ImageNotFound, "no file"),
            ("/nowhere/x.tar", ImageNotFound, "no file"),
            ("~nobody-of-that-name/x.tar", ImageNotFound, "no file"),
            ("./nowhere", ImageNotFound, "no file"),
            ("nowhere.tar", ImageNotFound, "no file"),
            ("oci:///nowhere", ImageNotFound, "no directory"),
        ],
    )
    def test_a_reference_to_nothing(self, reference: str, error: type[ExplorerError], words: str) -> None:
        """The error says what was looked for and what to give instead."""
        with pytest.raises(error, match=words) as caught:
            opened(reference)
        assert caught.value.hint

    def test_a_directory_that_is_no_layout(self, tmp_path: Path) -> None:
        """A directory without index.json is named, and what is expected in one."""
        with pytest.raises(UnreadableImage, match="not an OCI layout"):
            explored(tmp_path)

    @pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
    @pytest.mark.parametrize("name", ["index.json", "a blob", "a layer"])
    def test_a_layout_of_what_is_no_file(self, tmp_path: Path, make: Callable[[Path], None], name: str) -> None:
        """A pipe, a socket, a device or a directory in place of a layout's file is an error at once, not a wait."""
        manifest = digest(oci_files(MADE)["index.json"])
        blob = f"blobs/sha256/{manifest.partition(':')[2]}"
        index = json.dumps({"manifests": [{"digest": manifest}]}).encode()
        files = {**oci_files(MADE), "index.json": index} if name == "a blob" else oci_files(MADE)
        place = {"index.json": "index.json", "a blob": blob, "a layer": _blob(MADE, 1)}[name]
        layout = write_layout(tmp_path / "layout", files)
        (layout / place).unlink(missing_ok=True)
        make(layout / place)
        with pytest.raises(UnreadableImage, match=r"expected a file|Is a directory") as caught:
            opened(layout)
        assert caught.value.hint

    @pytest.mark.parametrize("scheme", ["archive", "rootfs"])
    @pytest.mark.parametrize("make", [_make_socket, _make_device], ids=["socket", "device"])
    def test_an_archive_that_is_no_file(self, tmp_path: Path, make: Callable[[Path], None], scheme: str) -> None:
        """What is neither a file nor a pipe is not opened: that alone could do something."""
        make(tmp_path / "it")
        with pytest.raises(ImageError, match=r"it cannot be read: it is a .*, expected a file") as caught:
            opened(f"{scheme}://{tmp_path}/it")
        assert caught.value.hint

    def test_an_archive_that_cannot_be_opened(self, tmp_path: Path) -> None:
        """A directory given as an archive is no traceback."""
        with pytest.raises(UnreadableImage, match="directory"):
            explored(f"archive://{tmp_path}")

    def test_the_watcher_hears_of_every_layer(self, written: Callable[[bytes], Path]) -> None:
        """The image is found before its layers are read, and every layer is told."""
        from explorer.pipeline import explore

        watcher = Watching()
        explore(opened(str(written(oci_archive(MADE, compress=gzipped))), watcher), watcher)
        assert watcher.images[-1].tags == ("made:1",)
        assert sorted(watcher.read) == [0, 1, 2]
        assert watcher.steps
