"""The document manifest.json of a docker-archive, alone or beside an OCI layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from explorer.errors import UnreadableImage
from explorer.layers.digests import is_digest
from explorer.sources.archives import oci
from explorer.sources.archives.flat_files import StoredFiles
from explorer.sources.archives.json_documents import MAX_IMAGES, MAX_LAYERS, Documents, read_json
from explorer.sources.request import Request
from explorer.sources.selection import Offer, is_unknown

EXPECTED = "Expected a tar as `docker save` or `skopeo copy ... oci-archive:FILE` writes it."
_OTHER_LAYERS = "the index and manifest.json name different layers; those of manifest.json count"


def docker_manifest(files: StoredFiles) -> list[dict[str, Any]]:
    """Returns the images of manifest.json. Raises UnreadableImage."""
    manifest = read_json(files.part("manifest.json"), "manifest.json")
    if not isinstance(manifest, list) or not manifest:
        raise UnreadableImage("manifest.json names no image", EXPECTED)
    if len(manifest) > MAX_IMAGES:
        raise UnreadableImage(f"manifest.json names more than {MAX_IMAGES:,} images", "Save fewer images at once.")
    for entry in manifest:
        layers: Any = entry.get("Layers") if isinstance(entry, dict) else ()
        layers = [] if layers is None else layers
        are_names = isinstance(layers, list) and all(isinstance(layer, str) for layer in layers)
        if not are_names or not isinstance(entry.get("Config"), str):
            raise UnreadableImage("an image in manifest.json lacks Config or Layers", EXPECTED)
        if len(layers) > MAX_LAYERS:
            raise UnreadableImage(
                f"manifest.json names {len(layers):,} layers, expected at most {MAX_LAYERS:,}", EXPECTED
            )
    return manifest


def config_digest(entry: Mapping[str, Any]) -> str | None:
    """Returns the digest that the name of an image's configuration claims, or None.

    Docker and Podman write ``DIGITS.json`` or ``blobs/sha256/DIGITS``, crane, ko and kaniko write ``sha256:DIGITS``.
    """
    *_, parent, name = ("", *str(entry["Config"]).removesuffix(".json").split("/"))
    claims = (name, f"{parent}:{name}", f"sha256:{name}")
    return next(filter(is_digest, claims), None)


def repo_tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the names of an image."""
    tags = entry.get("RepoTags")
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def with_docker_images(manifests: list[oci.Manifest], files: StoredFiles, request: Request) -> list[oci.Manifest]:
    """Returns the images of an index and of the manifest.json beside it.

    The names in manifest.json are those that users gave. Docker writes some images without a name only there, and its
    version 25.0.0 wrote an index with wrong layers. ``docker load`` reads manifest.json.
    """
    if not files.has("manifest.json"):
        return manifests
    names: dict[str, tuple[str, ...]] = {}
    layers: dict[str, set[tuple[str, ...]]] = {}
    for entry in docker_manifest(files):
        digest = config_digest(entry)
        if digest:
            names[digest] = tuple(dict.fromkeys((*names.get(digest, ()), *repo_tags(entry))))
            layers.setdefault(digest, set()).add(tuple(map(_blob_digest, entry.get("Layers") or ())))
    images = [replace(manifest, tags=names.get(manifest.image_id) or manifest.tags) for manifest in manifests]
    documents = Documents(request.is_local_file)
    counts = Counter(image.image_id for image in images)
    # A configuration of several manifests does not tell which of them an entry means.
    saved = {digest: next(iter(each)) for digest, each in layers.items() if len(each) == 1 and counts[digest] < 2}
    for position, image in enumerate(images):
        blobs = saved.pop(image.image_id, ())
        if len(blobs) == len(image.config.diff_ids) and blobs != tuple(layer.digest for layer in image.layers):
            other = _image_of(files, image, image.image_id, blobs, documents)
            if other:
                images[position] = replace(other, problems=(*other.problems, _OTHER_LAYERS), damage=image.damage)
    for digest, blobs in saved.items():
        added = _image_of(files, Offer("", names[digest], ""), digest, blobs, documents)
        if added and not is_unknown(added):
            images.append(added)
    return images


def _image_of(
    files: StoredFiles, offer: Offer, digest: str, blobs: tuple[str, ...], documents: Documents
) -> oci.Manifest | None:
    """Returns the image of an entry; None if its files are no blobs, or missing."""
    document = {"config": {"digest": digest}, "layers": [{"digest": blob} for blob in blobs]}
    return oci.manifest_from(files, offer, document, documents) if all(blobs) else None


def _blob_digest(name: str) -> str:
    """Returns the digest of a file in the folder of blobs; empty if it is elsewhere."""
    digest = name.removeprefix("blobs/").replace("/", ":")
    return digest if name.startswith("blobs/") and is_digest(digest) else ""
