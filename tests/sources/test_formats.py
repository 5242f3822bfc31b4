"""One image gives the same figures in every format."""

from __future__ import annotations

import bz2
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import UnreadableImage
from tests.images import (
    MadeImage,
    digest,
    docker_archive,
    explored,
    file,
    gzipped,
    image,
    layer,
    modern_docker_archive,
    oci_archive,
    oci_files,
    opened,
    tar_of,
    write_layout,
    zstded,
)
from tests.sources.samples import MADE, answer


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
    "docker-archive with xz layers": lambda made: docker_archive(made, compress=lzma.compress),
    "OCI tar with bzip2 layers": lambda made: oci_archive(made, compress=bz2.compress),
    "docker-archive, xz": lambda made: lzma.compress(docker_archive(made)),
    "OCI tar, bzip2": lambda made: bz2.compress(oci_archive(made)),
    "docker-archive, gzip": lambda made: gzipped(docker_archive(made)),
    "docker-archive, zstd": lambda made: zstded(docker_archive(made)),
    "OCI tar, gzip": lambda made: gzipped(oci_archive(made)),
}


@pytest.mark.parametrize("form", FORMATS)
def test_one_image_has_one_answer(written: Callable[[bytes], Path], tmp_path: Path, form: str) -> None:
    """Identity, configuration, history and every figure are the same in every format."""
    (tmp_path / "reference.tar").write_bytes(docker_archive(MADE))
    expected = explored(tmp_path / "reference.tar")
    exploration = explored(written(FORMATS[form](MADE)))
    assert answer(exploration) == answer(expected)
    assert exploration.image.tags == ("made:1",)
    assert exploration.usage.wasted_bytes == 100_000 + 4


@pytest.mark.parametrize(("compress", "suffix"), [(bytes, ""), (gzipped, "+gzip"), (zstded, "+zstd")])
def test_a_layout_directory_gives_the_same_answer(
    tmp_path: Path, compress: Callable[[bytes], bytes], suffix: str
) -> None:
    """An OCI layout directory, as a path or with ``oci://``, gives the same image as its archive."""
    (tmp_path / "reference.tar").write_bytes(docker_archive(MADE))
    layout = write_layout(tmp_path / "layout", oci_files(MADE, compress=compress, suffix=suffix))
    for reference in (f"{layout}", f"oci://{layout}", f"oci://{layout}:made:1"):
        assert answer(explored(reference)) == answer(explored(tmp_path / "reference.tar"))


def test_download_bytes_are_known_where_layers_are_compressed(written: Callable[[bytes], Path]) -> None:
    """The compressed sizes add up to the download; for plain layers it is unknown."""
    packed = sum(len(gzipped(data)) for data in MADE.layers)
    assert explored(written(oci_archive(MADE, compress=gzipped))).download_bytes == packed
    assert explored(written(docker_archive(MADE))).download_bytes is None


def test_other_programs_spellings(written: Callable[[bytes], Path], tmp_path: Path) -> None:
    """Archives and layouts can be named as in skopeo and dive."""
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
    """Layers have the order of the manifest, not of their names or of the archive."""
    first, second = layer(file("a", b"1")), layer(file("a", b"22"))
    config = image(first, second).config_bytes
    name = digest(config).partition(":")[2]
    manifest = [{"Config": f"{name}.json", "RepoTags": None, "Layers": ["z.tar", "a.tar"]}]
    data = tar_of(
        {"a.tar": second, "manifest.json": json.dumps(manifest).encode(), f"{name}.json": config, "z.tar": first}
    )
    exploration = explored(written(data))
    assert [figures.bytes for figures in exploration.layers] == [1, 2]


@pytest.mark.parametrize("layers", [{"Layers": None}, {}])
def test_a_manifest_may_leave_out_the_layers(written: Callable[[bytes], Path], layers: dict[str, None]) -> None:
    """An image without layers may have null, or nothing, as its list of layers."""
    config = image().config_bytes
    manifest: list[object] = [{"Config": "c.json", "RepoTags": [], **layers}]
    files = {"c.json": config, "manifest.json": json.dumps(manifest).encode()}
    assert opened(written(tar_of(files))).layers == ()


def test_a_layer_stored_as_a_link_is_read_through_it(written: Callable[[bytes], Path]) -> None:
    """Older engines store the second copy of a layer as a symbolic link to the first."""
    data = layer(file("a", b"1"))
    config = image(data, data).config_bytes
    manifest = [{"Config": "c.json", "RepoTags": [], "Layers": ["one/layer.tar", "two/layer.tar"]}]
    files = {"c.json": config, "manifest.json": json.dumps(manifest).encode(), "one/layer.tar": data}
    exploration = explored(written(tar_of(files, {"two/layer.tar": "../one/layer.tar"})))
    assert [figures.bytes for figures in exploration.layers] == [1, 1]


def test_unreferenced_blobs_are_ignored(written: Callable[[bytes], Path]) -> None:
    """Blobs that no manifest names are ignored, even broken ones."""
    files = {**oci_files(MADE), "blobs/sha256/" + "0" * 64: b"garbage", "stray.tar": b"garbage"}
    assert explored(written(tar_of(files))).usage.wasted_bytes == 100_004


def test_attestations_are_no_images(written: Callable[[bytes], Path]) -> None:
    """Builders' manifests for provenance are not offered as images."""
    files = oci_files(MADE, image(layer(), tag="attestation"))
    index = json.loads(files["index.json"])
    index["manifests"][1]["platform"] = {"os": "unknown", "architecture": "unknown"}
    index["manifests"][1]["annotations"]["vnd.docker.reference.type"] = "attestation-manifest"
    files["index.json"] = json.dumps(index).encode()
    assert explored(written(tar_of(files))).image.tags == ("made:1",)


def test_nested_indexes_lead_to_the_image(tmp_path: Path) -> None:
    """An index within an index is followed, and its tags belong to the image."""
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


def test_a_manifest_with_a_name_and_a_tag(tmp_path: Path) -> None:
    """Each descriptor of a manifest adds its name or its tag."""
    files = oci_files(MADE)
    index = json.loads(files["index.json"])
    tag = {**index["manifests"][0], "annotations": {"org.opencontainers.image.ref.name": "stable"}}
    files["index.json"] = json.dumps({"manifests": [*index["manifests"], tag]}).encode()
    assert opened(f"{write_layout(tmp_path / 'l', files)}:stable").tags == ("made:1", "stable")


def test_an_index_with_several_names(tmp_path: Path) -> None:
    """An image has the names of the index that it is in, as builders write one for each ``--tag``, within a bound."""
    files = oci_files(MADE)
    inner = files["index.json"]
    descriptors = [
        {
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": digest(inner),
            "size": len(inner),
            "annotations": {"org.opencontainers.image.ref.name": name},
        }
        for name in ("localhost/shop:latest", "localhost/shop:stable", *(f"localhost/shop:{i}" for i in range(200)))
    ]
    files[f"blobs/sha256/{digest(inner).partition(':')[2]}"] = inner
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": descriptors}).encode()
    layout = write_layout(tmp_path / "l", files)
    assert opened(layout).tags[:2] == ("localhost/shop:latest", "localhost/shop:stable")
    assert opened(layout).tags[100:] == ("made:1",)
    assert opened(f"{layout}:localhost/shop:stable").id == digest(MADE.config_bytes)


def test_an_index_counts_once(tmp_path: Path) -> None:
    """Indexes that name each other many times are each read once."""
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


def test_manifests_without_a_media_type_are_no_nested_indexes(tmp_path: Path) -> None:
    """An index of many manifests without a media type may nest another index behind them."""
    files = oci_files(MADE)
    inner = files["index.json"]
    first = json.loads(inner)["manifests"][0]
    document = json.loads(files[f"blobs/sha256/{first['digest'].partition(':')[2]}"])
    descriptors = []
    for number in range(102):
        content = json.dumps({**document, "annotations": {"number": str(number)}}).encode()
        files[f"blobs/sha256/{digest(content).partition(':')[2]}"] = content
        name = {"org.opencontainers.image.ref.name": f"copy:{number}"}
        descriptors.append({"digest": digest(content), "size": len(content), "annotations": name})
    files[f"blobs/sha256/{digest(inner).partition(':')[2]}"] = inner
    descriptors.append({"digest": digest(inner), "size": len(inner)})
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": descriptors}).encode()
    assert opened(f"{write_layout(tmp_path / 'l', files)}:made:1").tags == ("made:1",)


@pytest.mark.parametrize("kept", ["with its media type", "without a media type"])
def test_a_manifest_that_is_an_index_too_is_refused(tmp_path: Path, kept: str) -> None:
    """A document with layers and with manifests is refused, as engines do: programs see different images in it."""
    files = oci_files(MADE)
    index = json.loads(files["index.json"])
    inner = files["index.json"]
    document = json.loads(files[f"blobs/sha256/{index['manifests'][0]['digest'].partition(':')[2]}"])
    content = json.dumps({**document, "manifests": index["manifests"]}).encode()
    files[f"blobs/sha256/{digest(content).partition(':')[2]}"] = content
    index["manifests"][0].update(digest=digest(content), size=len(content))
    if kept == "without a media type":
        del index["manifests"][0]["mediaType"]
    files["index.json"] = json.dumps(index).encode()
    with pytest.raises(UnreadableImage, match="ambiguous"):
        opened(write_layout(tmp_path / "manifest", files))
    files["index.json"] = json.dumps({**json.loads(inner), "config": document["config"]}).encode()
    with pytest.raises(UnreadableImage, match="ambiguous"):
        opened(write_layout(tmp_path / "index", files))


def test_null_in_place_of_another_kinds_parts_is_nothing(tmp_path: Path) -> None:
    """An index with null for layers is an index."""
    files = oci_files(MADE)
    files["index.json"] = json.dumps({**json.loads(files["index.json"]), "layers": None}).encode()
    assert opened(write_layout(tmp_path / "l", files)).tags == ("made:1",)


def test_long_digests_are_cut_in_messages(tmp_path: Path) -> None:
    """An index with a digest of a million characters gives a short error."""
    files = oci_files(MADE)
    index = json.loads(files["index.json"])
    index["manifests"][0]["digest"] = "sha256:" + "0" * 1_000_000
    files["index.json"] = json.dumps(index).encode()
    with pytest.raises(UnreadableImage) as caught:
        opened(write_layout(tmp_path / "l", files))
    assert len(caught.value.message) < 1_000


def test_annotations_beside_the_manifests_are_kept(written: Callable[[bytes], Path]) -> None:
    """The search for secrets reads those of the index, of the descriptor and of each layer; nothing else does."""
    files = oci_files(MADE)
    index = json.loads(files["index.json"])
    (descriptor,) = index["manifests"]
    manifest = json.loads(files.pop(f"blobs/sha256/{descriptor['digest'][7:]}"))
    manifest["annotations"] = {"of": "manifest"}
    manifest["config"]["annotations"] = {"of": "config"}
    manifest["layers"][0]["annotations"] = {"of": "layer"}
    content = json.dumps(manifest).encode()
    files[f"blobs/sha256/{digest(content)[7:]}"] = content
    descriptor |= {"digest": digest(content), "size": len(content), "annotations": {"of": "descriptor"}}
    files["index.json"] = json.dumps({**index, "annotations": {"of": "index"}}).encode()
    found = opened(written(tar_of(files)))
    assert found.annotations == (("of", "manifest"),)
    assert found.other_annotations == tuple(("of", each) for each in ("index", "descriptor", "config", "layer"))
