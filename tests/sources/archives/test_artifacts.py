"""Artifacts beside images, or in place of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from explorer.errors import UnreadableImage
from tests.images import digest, file, image, layer, oci_files, opened, write_layout
from tests.sources.samples import MADE

IN_TOTO = {"mediaType": "application/vnd.in-toto+json"}
COSIGN = {"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json"}
SBOM = {"mediaType": "text/spdx+json"}
WASM = {"mediaType": "application/vnd.wasm.content.layer.v1+wasm"}


def _layout(path: Path, *, layers: dict[str, str], own: bool = True, **changes: Any) -> tuple[Path, str]:
    """Writes a layout with an artifact tagged ``extra``, and with an image; returns the artifact's digest."""
    made = image(layer(file("x", b"x")), tag="extra:1", architecture="unknown", os="unknown")
    files = oci_files(MADE, made) if own else oci_files(made)
    index = json.loads(files["index.json"])
    entry = index["manifests"][-1]
    manifest = json.loads(files[f"blobs/sha256/{entry['digest'][7:]}"])
    manifest["layers"][0].update(layers)
    manifest.update(changes)
    content = json.dumps(manifest).encode()
    files[f"blobs/sha256/{digest(content)[7:]}"] = content
    entry.update(digest=digest(content), size=len(content))
    del entry["platform"]
    files["index.json"] = json.dumps(index).encode()
    return write_layout(path, files), digest(content)


@pytest.mark.parametrize(
    ("layers", "changes", "words"),
    [
        (IN_TOTO, {}, "an attestation of a build"),
        (COSIGN, {}, "a signature"),
        (SBOM, {}, "an SBOM"),
        (WASM, {}, "a WebAssembly module"),
        (
            {"mediaType": "application/x-own"},
            {"artifactType": "application/vnd.own"},
            "of the type application/vnd.own",
        ),
    ],
)
def test_an_artifact_is_named(tmp_path: Path, layers: dict[str, str], changes: dict[str, Any], words: str) -> None:
    """An artifact does not count as an image, and opening it says what it is."""
    layout, artifact = _layout(tmp_path / "both", layers=layers, **changes)
    assert opened(layout).tags == ("made:1",)
    for tag in ("extra:1", artifact, artifact[:16]):
        with pytest.raises(UnreadableImage, match=f"not a container image but .*{words}") as caught:
            opened(f"{layout}:{tag}")
        assert "made:1" in caught.value.hint
    alone, _ = _layout(tmp_path / "alone", layers=layers, own=False, subject={"digest": "sha256:5ab"}, **changes)
    with pytest.raises(UnreadableImage, match=words) as caught:
        opened(alone)
    assert "sha256:5ab" in caught.value.hint


def test_a_chart_and_a_build_cache_are_named(tmp_path: Path) -> None:
    """A Helm chart has another configuration; a build cache is an index of layers."""
    files = oci_files(MADE)
    index = json.loads(files["index.json"])
    name = f"blobs/sha256/{index['manifests'][0]['digest'][7:]}"
    manifest = json.loads(files[name])
    chart = b'{"name": "shop", "version": "1"}'
    manifest["config"] = {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digest(chart), "size": 30}
    content = json.dumps(manifest).encode()
    entry = {**index["manifests"][0], "digest": digest(content), "size": len(content)}
    chart_files = {
        **files,
        f"blobs/sha256/{digest(chart)[7:]}": chart,
        f"blobs/sha256/{digest(content)[7:]}": content,
        "index.json": json.dumps({"manifests": [entry]}).encode(),
    }
    with pytest.raises(UnreadableImage, match="but a Helm chart"):
        opened(write_layout(tmp_path / "chart", chart_files))
    cache = [
        {"mediaType": "application/vnd.buildkit.cacheconfig.v0", "digest": digest(b"c"), "size": 1},
        {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(b"l"), "size": 1},
    ]
    files["index.json"] = json.dumps({"manifests": cache}).encode()
    with pytest.raises(UnreadableImage, match="a build cache of BuildKit"):
        opened(write_layout(tmp_path / "cache", files))


def test_a_descriptor_without_a_media_type(tmp_path: Path) -> None:
    """The content tells an index from a manifest if the descriptor does not."""
    files = oci_files(MADE)
    inner = files["index.json"]
    files[f"blobs/sha256/{digest(inner)[7:]}"] = inner
    files["index.json"] = json.dumps({"manifests": [{"digest": digest(inner)}]}).encode()
    assert opened(write_layout(tmp_path / "index", files)).tags == ("made:1",)
    entry = {"digest": json.loads(inner)["manifests"][0]["digest"]}
    files["index.json"] = json.dumps({"manifests": [entry]}).encode()
    assert opened(write_layout(tmp_path / "manifest", files)).id == digest(MADE.config_bytes)
