"""The files beside an image in an archive that tell of its base."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.base.base import Evidence
from tests.images import (
    digest,
    docker_archive,
    explored,
    file,
    gzipped,
    image,
    layer,
    oci_archive,
    oci_files,
    opened,
    tar_of,
)

_LAYERS = tuple(layer(file(name, name.encode())) for name in "abc")
SHOP, BASE = image(*_LAYERS, tag="shop:1"), image(*_LAYERS[:2], tag="base:1")
OTHER = image(_LAYERS[1], tag="other:1")


@pytest.mark.parametrize("write", [docker_archive, oci_archive])
def test_another_image_of_the_archive_is_the_base(tmp_path: Path, write: Any) -> None:
    """An image of the same archive with the lowest layers is the base, but proves nothing: both name themselves."""
    path = tmp_path / "images.tar"
    path.write_bytes(write(SHOP, BASE, OTHER))
    base = explored(f"{path}:shop:1").base
    assert base is not None
    assert (base.name, base.layers, base.evidence, base.exact) == ("base:1", 2, Evidence.KNOWN_IMAGE, False)
    assert base.reason == "the same layers in the same archive, which can give itself any name"
    assert explored(f"{path}:base:1").base is None


def attested(statement: bytes, annotations: dict[str, Any] | None = None) -> bytes:
    """Returns an archive of the shop with an attestation beside it, and annotations in the manifest."""
    files = oci_files(SHOP, compress=gzipped, suffix="+gzip")

    def blob(content: bytes) -> dict[str, Any]:
        files[f"blobs/{digest(content).replace(':', '/')}"] = content
        return {"digest": digest(content), "size": len(content)}

    index = json.loads(files["index.json"])
    (descriptor,) = index["manifests"]
    manifest = json.loads(files[f"blobs/{descriptor['digest'].replace(':', '/')}"])
    if annotations is not None:
        manifest["annotations"] = annotations
        descriptor |= blob(json.dumps(manifest).encode())
    predicate_type = {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}
    attestation = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **blob(b"{}")},
        "layers": [{"mediaType": "application/vnd.in-toto+json", "annotations": predicate_type, **blob(statement)}],
    }
    index["manifests"].append(
        {
            "mediaType": attestation["mediaType"],
            "platform": {"os": "unknown", "architecture": "unknown"},
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": descriptor["digest"],
            },
            **blob(json.dumps(attestation).encode()),
        }
    )
    files["index.json"] = json.dumps(index).encode()
    return tar_of(files)


def test_the_provenance_beside_an_image_names_its_base(tmp_path: Path) -> None:
    """The attestation of a build in the same archive is read when the base is wanted."""
    path = tmp_path / "shop.tar"
    material = {"uri": "pkg:docker/debian@12", "digest": {"sha256": "d" * 64}}
    path.write_bytes(attested(json.dumps({"predicate": {"materials": [material]}}).encode()))
    base = explored(path).base
    assert base is not None
    assert (base.name, base.digest, base.evidence) == ("debian:12", f"sha256:{'d' * 64}", Evidence.PROVENANCE)
    assert (base.layers, base.exact) == (None, False)


@pytest.mark.parametrize("statement", [b"", b"[]", b'{"predicate": 5}', b"[" * 1000])
def test_an_attestation_without_sense_is_left_out(tmp_path: Path, statement: bytes) -> None:
    """An image opens whatever the attestation beside it holds."""
    path = tmp_path / "shop.tar"
    path.write_bytes(attested(statement))
    assert opened(path).provenance() == []


def test_the_manifest_has_annotations(tmp_path: Path) -> None:
    """Annotations of the manifest come with the image; values that are no texts are left out."""
    path = tmp_path / "shop.tar"
    path.write_bytes(attested(b"{}", {"org.opencontainers.image.base.name": "debian:12", "x": 5}))
    assert opened(path).annotations == (("org.opencontainers.image.base.name", "debian:12"),)
    base = explored(path).base
    assert base is not None
    assert (base.name, base.layers, base.evidence) == ("debian:12", None, Evidence.ANNOTATION)
