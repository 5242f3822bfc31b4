"""OCI layouts: an index, a platform, a manifest, a configuration, and blobs named by their digests.

The same steps lead through a layout directory, a layout inside a tar and a registry; they differ in how a blob is had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, Protocol

from explorer.errors import UnreadableImage
from explorer.files import regular_file
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import AbsentLayer, TarLayer
from explorer.model import Image
from explorer.sources.archives.image_config import StoredLayer, image_from_config, platform_of
from explorer.sources.archives.json_documents import MAX_IMAGES, MAX_LAYERS, Documents, document
from explorer.sources.selection import Choice, Offer, choose, short_name, variants
from explorer.text.printable import printable

_MAX_DEPTH = 8

INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_FOREIGN = ("application/vnd.oci.image.layer.nondistributable.", "application/vnd.docker.image.rootfs.foreign.")
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


class Blobs(Protocol):
    """Where blobs are."""

    def blob(self, digest: str) -> FileRange | None:
        """The bytes of a blob; None when it is not there."""

    def manifest(self, digest: str) -> FileRange | None:
        """The bytes of a manifest or an index, which a registry keeps apart from other blobs."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A layer as a manifest names it."""

    number: int
    digest: str
    media_type: str
    """Printable."""
    size: int | None
    """Of the stored bytes, if the manifest says."""
    diff_id: str

    @property
    def name(self) -> str:
        """What errors call the layer."""
        return f"layer {self.number}"

    @property
    def foreign(self) -> bool:
        """Whether the layer is not to be distributed with the image, so that its blob need not be there."""
        return self.media_type.startswith(_FOREIGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Choice):
    """An image whose layers are named by descriptors."""

    layers: tuple[Descriptor, ...]
    """Bottom first."""


def open_layout(path: Path, reference: str, tag: str | None, platform: str | None, preferred: str = "") -> Image:
    """The image in an OCI layout directory. Raises ImageError, or ChoiceNeeded when it holds several."""
    directory = _Directory(path)
    try:
        with regular_file(path / "index.json") as file:
            index = document(FileRange.whole(file), "index.json")
    except OSError as error:
        raise UnreadableImage(
            f"{printable(str(path))} is no OCI layout: {error.strerror} for index.json",
            "Expected a directory with oci-layout, index.json and blobs/, as `skopeo copy ... oci:DIR` writes it.",
        ) from error
    found = choices(directory, index)
    image = image_of(choose(found, tag, platform, reference, preferred=preferred), reference, layers_in(directory))
    return replace(image, source=f"OCI layout {printable(str(path))}", variants=variants(found))


@dataclass(frozen=True, slots=True)
class _Directory:
    path: Path

    def blob(self, digest: str) -> FileRange | None:
        algorithm, _, value = digest.partition(":")
        if not algorithm.isalnum() or not value.isalnum():
            return None
        try:
            with regular_file(self.path / "blobs" / algorithm / value) as file:
                return FileRange.whole(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableImage(
                f"blob {printable(digest)} cannot be read: {error.strerror}",
                "Check who may read it, or save the image again.",
            ) from error

    manifest = blob


def choices(blobs: Blobs, index: object) -> list[Manifest]:
    """All images that an index leads to; what is no image (an attestation) and what is not there is left out."""
    documents = Documents()
    looked_at = [look(blobs, offer, documents) for offer in _offers(blobs, index, documents)]
    found = [choice for choice in looked_at if choice is not None]
    if not found:
        _raise_none(documents.missing)
    return found


def offers(blobs: Blobs, index: object) -> list[Offer]:
    """All images that an index leads to; only the manifests of those whose platform it does not name are looked at."""
    documents = Documents()
    looked_at = [
        offer if offer.platform else look(blobs, offer, documents) for offer in _offers(blobs, index, documents)
    ]
    found = [offer for offer in looked_at if offer is not None]
    if not found:
        _raise_none(documents.missing)
    return found


def _raise_none(missing: Sequence[str]) -> NoReturn:
    if missing:
        raise UnreadableImage(f"the blobs are incomplete, not there: {', '.join(missing[:5])}", "Save the image again.")
    raise UnreadableImage("the index names no image", "Expected a manifest with an image configuration and layers.")


def _offers(blobs: Blobs, index: object, documents: Documents) -> list[Offer]:
    """What an index leads to, each manifest once."""
    found: dict[str, Offer] = {}
    for descriptor in _leaves(blobs, index, documents, set(), 0):
        digest = str(descriptor.get("digest", ""))
        platform = descriptor.get("platform")
        tags = _tags(descriptor)
        if digest in found:
            tags = tuple(dict.fromkeys((*found[digest].tags, *tags)))
        elif len(found) >= MAX_IMAGES:
            raise UnreadableImage(f"the index names more than {MAX_IMAGES:,} images")
        found[digest] = Offer(platform_of(platform) if isinstance(platform, dict) else "", tags, digest)
    return list(found.values())


def _leaves(
    blobs: Blobs, index: object, documents: Documents, seen: set[str], depth: int
) -> Iterable[Mapping[str, Any]]:
    """The descriptors of the manifests that an index leads to, through nested indexes, each of which counts once."""
    manifests = index.get("manifests") if isinstance(index, dict) else None
    if not isinstance(manifests, list) or depth > _MAX_DEPTH:
        raise UnreadableImage(
            "the index has no list of manifests", "Expected index.json as the OCI image layout defines it."
        )
    for descriptor in manifests:
        if not isinstance(descriptor, dict) or _is_attestation(descriptor):
            continue
        if descriptor.get("mediaType") not in INDEXES:
            yield descriptor
            continue
        digest = str(descriptor.get("digest", ""))
        if digest in seen:
            continue
        seen.add(digest)
        part = blobs.manifest(digest)
        if part is None:
            documents.missing.append(printable(digest))
            continue
        names = {key: value for key, value in _annotations(descriptor).items() if key in _NAMES}
        inner = documents.manifest(part, f"index {printable(digest)}", digest)
        for leaf in _leaves(blobs, inner, documents, seen, depth + 1):
            yield {**leaf, "annotations": {**names, **_annotations(leaf)}}


def look(blobs: Blobs, offer: Offer, documents: Documents | None = None) -> Manifest | None:
    """The offer with its documents; None when it is no image, or when one is not there, which ``documents`` notes."""
    documents = documents or Documents()
    part = blobs.manifest(offer.digest)
    if part is None:
        documents.missing.append(f"manifest {printable(offer.digest)}")
        return None
    manifest = documents.manifest(part, f"manifest {printable(offer.digest)}", offer.digest)
    return opened(blobs, offer, manifest, documents)


def opened(blobs: Blobs, offer: Offer, manifest: object, documents: Documents | None = None) -> Manifest | None:
    """The offer with its configuration, of a manifest that is there already; otherwise as ``look``."""
    documents = documents or Documents()
    digest = printable(offer.digest)
    if not isinstance(manifest, dict) or "fsLayers" in manifest:
        raise UnreadableImage(
            f"manifest {digest} is of the obsolete schema 1, expected an OCI or Docker schema 2 manifest",
            "Push or save the image again with a current tool.",
        )
    layers = manifest.get("layers")
    if isinstance(layers, list) and len(layers) > MAX_LAYERS:
        raise UnreadableImage(f"manifest {digest} names {len(layers):,} layers, expected at most {MAX_LAYERS:,}")
    parts = [manifest.get("config"), *layers] if isinstance(layers, list) else [None]
    if not all(isinstance(part, dict) and isinstance(part.get("digest"), str) for part in parts):
        raise UnreadableImage(f"manifest {digest} lacks a configuration or layers with digests")
    config_digest = manifest["config"]["digest"]
    found = blobs.blob(config_digest)
    if found is None:
        documents.missing.append(f"configuration {printable(config_digest)}")
        return None
    configuration = documents.configuration(found, config_digest, config_digest)
    if not isinstance(configuration, dict) or ("rootfs" not in configuration and "config" not in configuration):
        return None
    platform = platform_of(configuration)
    if not platform or offer.platform.startswith(f"{platform}/"):
        # Only the index tells some variants apart.
        platform = offer.platform
    descriptors = tuple(_descriptors(manifest["layers"], configuration))
    sizes = [each.size for each in descriptors if each.size is not None]
    return Manifest(
        platform,
        offer.tags,
        offer.digest,
        sum(sizes) if len(sizes) == len(descriptors) else None,
        config_digest=config_digest,
        config=configuration,
        layers=descriptors,
    )


def _annotations(descriptor: Mapping[str, Any]) -> Mapping[str, Any]:
    annotations = descriptor.get("annotations")
    return annotations if isinstance(annotations, dict) else {}


def _is_attestation(descriptor: Mapping[str, Any]) -> bool:
    platform = descriptor.get("platform")
    unknown = isinstance(platform, dict) and platform.get("os") == "unknown"
    return unknown or "vnd.docker.reference.type" in _annotations(descriptor)


def _tags(descriptor: Mapping[str, Any]) -> tuple[str, ...]:
    annotations = _annotations(descriptor)
    names = [annotations[key] for key in _NAMES if isinstance(annotations.get(key), str)]
    full = [name for name in names if ":" in name or "/" in name]
    return tuple(dict.fromkeys(short_name(name) for name in (full or names)))


def image_of(choice: Manifest, reference: str, stored: Callable[[Descriptor], StoredLayer]) -> Image:
    """The image of a manifest; ``stored`` knows where a layer's bytes are. Raises UnreadableImage."""
    layers = list(map(stored, choice.layers))
    image = image_from_config(choice.config, choice.config_digest, reference, layers)
    return replace(image, digest=choice.digest, tags=choice.tags, platform=image.platform or choice.platform)


def _descriptors(layers: Iterable[Mapping[str, Any]], configuration: Mapping[str, Any]) -> Iterable[Descriptor]:
    rootfs = configuration.get("rootfs")
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    diff_ids = [item if isinstance(item, str) else "" for item in found] if isinstance(found, list) else []
    for number, descriptor in enumerate(layers):
        size = descriptor.get("size")
        yield Descriptor(
            number=number,
            digest=descriptor["digest"],
            media_type=printable(str(descriptor.get("mediaType", ""))),
            size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
            diff_id=diff_ids[number] if number < len(diff_ids) else "",
        )


def layers_in(blobs: Blobs) -> Callable[[Descriptor], StoredLayer]:
    """Where the layers' bytes are when they are blobs that lie in files."""

    def stored(layer: Descriptor) -> StoredLayer:
        part = blobs.blob(layer.digest)
        if part is None and layer.foreign:
            return absent(layer)
        if part is None:
            raise UnreadableImage(
                f"{layer.name} is not there: blob {printable(layer.digest)}, {layer.media_type or 'no media type'}",
                "The image was saved without it. Pull it whole and save it again.",
            )
        if layer.size is not None and layer.size != part.size:
            raise UnreadableImage(
                f"{layer.name} is damaged: blob {printable(layer.digest)} has {part.size:,} bytes, "
                f"expected {layer.size:,}",
                "Save or download the image again.",
            )
        contents = TarLayer(layer.name, part, layer.digest, layer.diff_id)
        return StoredLayer(contents, layer.digest, layer.media_type, part.size if contents.streams else None)

    return stored


def absent(layer: Descriptor) -> StoredLayer:
    """A foreign layer, whose blob is not with the others."""
    problem = f"the layer is not included: {layer.media_type} is not distributed with the image"
    return StoredLayer(AbsentLayer(layer.name, problem), layer.digest, layer.media_type, layer.size)
