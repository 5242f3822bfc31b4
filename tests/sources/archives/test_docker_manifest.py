"""The document manifest.json beside an OCI layout, as Docker 25 and later write both."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from explorer.errors import ChoiceNeeded, UnreadableImage
from tests.images import (
    MadeImage,
    digest,
    docker_archive,
    explored,
    file,
    image,
    layer,
    oci_files,
    opened,
    tar_of,
    visible_paths,
)

ONE, TWO, THREE = (layer(file(name, name.encode())) for name in ("one", "twoo", "three"))
FIRST, SECOND = image(ONE, tag="first:1"), image(TWO, THREE, tag="second:1")


def _blob(data: bytes) -> str:
    return f"blobs/sha256/{digest(data)[7:]}"


def _both(
    *images: MadeImage, indexed: int, tags: list[str] | None, saved: Sequence[bytes] = (), **changes: Any
) -> bytes:
    """Returns an archive whose index has the first images, with ``changes`` in their manifests.

    ``saved`` are other layers for manifest.json.
    """
    files = oci_files(*images)
    entries = json.loads(files["index.json"])["manifests"][:indexed]
    for entry in entries:
        manifest = {**json.loads(files[f"blobs/sha256/{entry['digest'][7:]}"]), **changes}
        content = json.dumps(manifest).encode()
        files[_blob(content)] = content
        entry.update(digest=digest(content), size=len(content), annotations={})
    files["index.json"] = json.dumps({"manifests": entries}).encode()
    files["manifest.json"] = json.dumps(
        [
            {"Config": _blob(made.config_bytes), "RepoTags": tags, "Layers": list(map(_blob, saved or made.layers))}
            for made in images
        ]
    ).encode()
    return tar_of(files)


def test_images_that_only_manifest_json_has(written: Callable[[bytes], Path]) -> None:
    """An image that Docker left out of the index is offered, and opens by its ID."""
    path = written(_both(FIRST, SECOND, indexed=1, tags=None))
    with pytest.raises(ChoiceNeeded, match="holds 2 images"):
        opened(path)
    second = explored(f"{path}@{digest(SECOND.config_bytes)[:19]}")
    assert second.image.id == digest(SECOND.config_bytes)
    assert second.usage.shipped_bytes == 9
    assert not second.image.problems


def test_attestations_in_manifest_json_are_no_images(written: Callable[[bytes], Path]) -> None:
    """An entry of an unknown platform adds no image."""
    attestation = image(TWO, os="unknown", architecture="unknown")
    opened_image = opened(written(_both(FIRST, attestation, indexed=1, tags=None)))
    assert opened_image.id == digest(FIRST.config_bytes)
    assert not opened_image.variants


def _wrong(how: str) -> list[dict[str, Any]]:
    right = [{"digest": digest(data), "size": len(data)} for data in (TWO, THREE)]
    return {"none": [], "reversed": right[::-1], "one": right[:1]}[how]


@pytest.mark.parametrize("how", ["none", "reversed", "one"])
def test_manifest_json_has_the_right_layers(written: Callable[[bytes], Path], how: str) -> None:
    """Layers are those of manifest.json, as for ``docker load``, and the difference is a problem."""
    path = written(_both(SECOND, indexed=1, tags=["second:1"], layers=_wrong(how)))
    exploration = explored(path)
    assert [each.digest for each in exploration.image.layers] == [digest(TWO), digest(THREE)]
    assert visible_paths(exploration.tree, 0) == ["twoo"]
    assert exploration.image.tags == ("second:1",)
    assert [problem for problem in exploration.image.problems if "different layers" in problem]


def test_layers_that_do_not_fit_the_configuration(written: Callable[[bytes], Path]) -> None:
    """The index counts if manifest.json has another number of layers than the configuration."""
    exploration = explored(written(_both(SECOND, indexed=1, tags=["second:1"], saved=[TWO])))
    assert len(exploration.image.layers) == 2
    assert not exploration.image.problems


def test_two_manifests_of_one_configuration(written: Callable[[bytes], Path]) -> None:
    """Several manifests of one configuration keep their own layers."""
    plain, packed = oci_files(SECOND), oci_files(SECOND, compress=lambda data: data + bytes(512), suffix="")
    entries = [*json.loads(packed["index.json"])["manifests"], *json.loads(plain["index.json"])["manifests"]]
    saved = [{"Config": _blob(SECOND.config_bytes), "Layers": list(map(_blob, SECOND.layers))}]
    documents = {
        "index.json": json.dumps({"manifests": entries}).encode(),
        "manifest.json": json.dumps(saved).encode(),
    }
    path = written(tar_of({**plain, **packed, **documents}))
    longer = opened(f"{path}@{entries[0]['digest']}")
    assert [each.digest for each in longer.layers] == [digest(data + bytes(512)) for data in SECOND.layers]


@pytest.mark.parametrize("name", ["", "gone/layer.tar"])
def test_lower_layers_that_a_builder_left_out(written: Callable[[bytes], Path], name: str) -> None:
    """A layer that is not in the archive is an error that explains archives of upper layers."""
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": [name]}]
    path = written(tar_of({"manifest.json": json.dumps(manifest).encode(), "c.json": FIRST.config_bytes}))
    with pytest.raises(UnreadableImage, match=f"does not hold “{name}”") as caught:
        explored(path)
    assert "leaves out lower layers" in caught.value.hint


@pytest.mark.parametrize("target", ["../.one.tar", ".one.tar", "/.one.tar"])
def test_the_target_of_a_linked_layer(written: Callable[[bytes], Path], target: str) -> None:
    """A layer may be a link to a name from its own directory, or from the archive's root."""
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": ["one/layer.tar"]}]
    files = {"manifest.json": json.dumps(manifest).encode(), "c.json": FIRST.config_bytes, ".one.tar": ONE}
    assert explored(written(tar_of(files, {"one/layer.tar": target}))).usage.shipped_bytes == 3


def test_names_of_the_default_registry(written: Callable[[bytes], Path]) -> None:
    """An image is found without the default registry, which crane calls index.docker.io."""
    path = written(docker_archive(FIRST, image(TWO, tag="index.docker.io/acme/shop:i-was-a-digest")))
    assert explored(f"{path}:acme/shop:i-was-a-digest").usage.shipped_bytes == 4
