"""OCI layouts: indexes, manifests, configurations and blobs.

The steps are the same for a layout directory, a layout in a tar, and a registry. Only the access to blobs differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any, Protocol, TypeVar

from explorer.errors import UnreadableImage
from explorer.layers.damage import DamageLog
from explorer.layers.digests import shown
from explorer.layers.streams import FileRange
from explorer.layers.tables.places import TablePlace, table_place
from explorer.layers.tables.ranges import FileRanges
from explorer.layers.tables.table_layer import TableLayer
from explorer.layers.tar_layer import AbsentLayer, TarLayer
from explorer.model import Image, Layer, LayerContents
from explorer.sources.archives.artifacts import (
    ATTESTATION,
    artifact_of,
    artifact_of_descriptor,
    artifact_words,
    subject_of,
)
from explorer.sources.archives.image_config import full_platform_of, image_from_config, padded
from explorer.sources.archives.json_documents import MAX_IMAGES, MAX_LAYERS, Documents, StoredConfig
from explorer.sources.archives.media_types import FOREIGN_LAYERS, INDEXES
from explorer.sources.platforms import matches_platform, without_version
from explorer.sources.request import Request
from explorer.sources.selection import Offer, is_unknown, merged
from explorer.text.image_names import short_name

_OTHER_TOOL = "Push or save the image again with a current tool."
_NO_CONFIG = StoredConfig("", "", (), is_object=False, is_image=False, damage=(), read=dict)
_MAX_INDEX_DEPTH = 8
_MAX_NESTED_INDEXES = 100
"""Limit for the indexes in an index. A registry is asked for each of them."""

_MAX_INDEX_TAGS = 100
"""Tags of a nested index that its images get; each image has a copy of them."""
_NAME_ANNOTATIONS = ("io.containerd.image.name", "org.opencontainers.image.ref.name")

_Annotations = tuple[tuple[str, str], ...]
_AnyOffer = TypeVar("_AnyOffer", bound=Offer)


class Blobs(Protocol):
    """Access to the blobs of a layout or a registry."""

    def blob(self, digest: str) -> FileRange | None:
        """Returns the bytes of a blob; None if it is not there."""

    def manifest(self, digest: str) -> FileRange | None:
        """Returns the bytes of a manifest or an index, which registries keep apart."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A layer's descriptor in a manifest."""

    number: int
    digest: str
    media_type: str
    """Printable."""
    size: int | None
    """Stored bytes, if the manifest says."""
    diff_id: str
    table: TablePlace | None = None
    """Place of its table of contents, if the annotations name one."""

    @property
    def name(self) -> str:
        """The layer's name in errors."""
        return f"layer {self.number}"

    @property
    def is_foreign(self) -> bool:
        """True if the layer is not distributed with the image: its blob may be missing."""
        return self.media_type.startswith(FOREIGN_LAYERS)

    def with_contents(self, contents: LayerContents, download_bytes: int | None) -> Layer:
        """Returns the layer with a way to its bytes."""
        table_digest = contents.place.digest if isinstance(contents, TableLayer) else None
        return Layer(self.number, contents, self.diff_id, self.digest, table_digest, self.media_type, download_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Offer):
    """An image whose manifest and configuration have been read."""

    config: StoredConfig
    layers: tuple[Descriptor, ...]
    """Bottom first."""
    problems: tuple[str, ...] = ()
    """See Image."""
    damage: tuple[str, ...] = ()
    """See Image."""
    annotations: tuple[tuple[str, str], ...] = ()
    """See Image."""


def read_manifests(blobs: Blobs, index: object, keeps_damage: bool = False) -> list[Manifest]:
    """Returns all images of an index whose documents are there.

    ``keeps_damage`` is True if documents with other digests are read nevertheless.
    """
    documents = Documents(keeps_damage)
    manifests = [read_manifest(blobs, offer, documents) for offer in _offers(blobs, index, documents)]
    return _require_one([manifest for manifest in manifests if manifest is not None], documents)


def list_offers(blobs: Blobs, index: object) -> list[Offer]:
    """Returns all images of an index, and the artifacts beside them.

    Reads a manifest only if the index does not name its platform. Beside images, an unknown platform means an
    attestation.
    """
    documents = Documents()
    listed = _offers(blobs, index, documents)
    if any(offer.platform and not is_unknown(offer) for offer in listed):
        listed = [replace(offer, platform="", artifact=ATTESTATION) if is_unknown(offer) else offer for offer in listed]
    offers = [offer if offer.platform or offer.artifact else read_manifest(blobs, offer, documents) for offer in listed]
    return _require_one([offer for offer in offers if offer is not None], documents)


def _require_one(offers: list[_AnyOffer], documents: Documents) -> list[_AnyOffer]:
    if documents.missing and all(offer.artifact for offer in offers):
        missing = ", ".join(list(dict.fromkeys(documents.missing))[:5])
        raise UnreadableImage(f"the blobs are incomplete; missing: {missing}", "Save the image again.")
    if offers:
        return merged(offers)
    raise UnreadableImage("the index names no image", "Expected a manifest with an image configuration and layers.")


def _offers(blobs: Blobs, index: object, documents: Documents) -> list[Offer]:
    """Returns an offer for each manifest and platform of an index."""
    tags_of: dict[Offer, dict[str, None]] = {}
    annotations_of: dict[Offer, dict[_Annotations, None]] = {}
    for descriptor, tags, found in _IndexWalk(blobs, documents).descriptors(index):
        platform, digest = descriptor.get("platform"), str(descriptor.get("digest", ""))
        artifact = artifact_of_descriptor(descriptor)
        offer = Offer(
            "" if artifact or not isinstance(platform, dict) else full_platform_of(platform),
            (),
            digest,
            artifact=artifact,
            subject=subject_of(descriptor),
        )
        if offer not in tags_of and len(tags_of) >= MAX_IMAGES:
            raise UnreadableImage(f"the index names more than {MAX_IMAGES:,} images", "Save fewer images at once.")
        tags_of.setdefault(offer, {}).update(dict.fromkeys(tags))
        annotations_of.setdefault(offer, {}).update(dict.fromkeys(filter(None, found)))
    return [
        replace(offer, tags=tuple(tags), other_annotations=tuple(annotations_of[offer]))
        for offer, tags in tags_of.items()
    ]


class _IndexWalk:
    """A walk through an index and those nested in it."""

    def __init__(self, blobs: Blobs, documents: Documents) -> None:
        self._blobs = blobs
        self._documents = documents
        self._indexes_seen: set[str] = set()
        """Digests of the nested indexes; each is followed once."""
        self._manifests_seen: set[str] = set()
        """Digests of the manifests that only their content tells from an index."""

    def descriptors(
        self,
        index: object,
        outer_tags: tuple[str, ...] = (),
        outer_annotations: tuple[_Annotations, ...] = (),
        depth: int = 0,
    ) -> Iterable[tuple[Mapping[str, Any], tuple[str, ...], tuple[_Annotations, ...]]]:
        """Yields the descriptors of manifests with tags and annotations.

        ``outer_tags`` and ``outer_annotations`` are those of the index, which its images have, too. Raises
        UnreadableImage.
        """
        manifests = index.get("manifests") if isinstance(index, dict) else None
        if depth > _MAX_INDEX_DEPTH or len(self._indexes_seen) > _MAX_NESTED_INDEXES:
            raise UnreadableImage(
                f"the index nests more than {_MAX_NESTED_INDEXES} indexes, or deeper than {_MAX_INDEX_DEPTH}",
                "Name one of its images by its digest.",
            )
        if not isinstance(index, dict) or not isinstance(manifests, list):
            raise UnreadableImage(
                "the index has no list of manifests", "Expected index.json as the OCI image layout defines it."
            )
        _refuse_ambiguous(index, "the index", "config", "layers")
        listed = [descriptor for descriptor in manifests if isinstance(descriptor, dict)]
        annotations = (*outer_annotations, _annotations(index))
        tags_of: dict[str, dict[str, None]] = {}
        for descriptor in listed:
            # A nested index is followed once, with the tags of all its descriptors.
            tags_of.setdefault(str(descriptor.get("digest", "")), {}).update(dict.fromkeys(_tags(descriptor)))
        for descriptor in listed:
            media_type = descriptor.get("mediaType")
            is_nested = media_type in INDEXES or not (media_type or artifact_of_descriptor(descriptor))
            nested = self._nested(descriptor) if is_nested else descriptor
            if nested is descriptor:
                yield descriptor, (*outer_tags, *_tags(descriptor)), (*annotations, _annotations(descriptor))
            elif nested is not None:
                tags = islice(tags_of[str(descriptor.get("digest", ""))], _MAX_INDEX_TAGS)
                found = (*annotations, _annotations(descriptor))
                yield from self.descriptors(nested, (*outer_tags, *tags), found, depth + 1)

    def _nested(self, descriptor: Mapping[str, Any]) -> object | None:
        """Returns the index of a descriptor, or the descriptor of a manifest itself.

        None if the index is missing or was followed before.
        """
        digest, media_type = str(descriptor.get("digest", "")), descriptor.get("mediaType")
        if digest in self._manifests_seen and not media_type:
            return descriptor
        if digest in self._indexes_seen:
            return None
        part = self._blobs.manifest(digest)
        if part is None:
            self._documents.missing.append(shown(digest))
            return None
        documents = self._documents
        nested, damage = (documents.index(part, digest), []) if media_type else documents.manifest(part, digest)
        if not (media_type or is_index(nested)):
            self._manifests_seen.add(digest)
            return descriptor
        self._indexes_seen.add(digest)
        documents.index_damage.extend(damage)
        return nested or {}


def is_index(document: object) -> bool:
    """True if a document lists manifests."""
    return isinstance(document, dict) and (document.get("mediaType") in INDEXES or "manifests" in document)


def read_manifest(blobs: Blobs, offer: Offer, documents: Documents | None = None) -> Manifest | None:
    """Returns the offer with its manifest and configuration, or as an artifact.

    None if a document is missing, which ``documents`` then lists.
    """
    if offer.artifact:
        return _artifact(offer, offer.artifact)
    documents = documents or Documents()
    part = blobs.manifest(offer.digest)
    if part is None:
        documents.missing.append(f"manifest {shown(offer.digest)}")
        return None
    document, damage = documents.manifest(part, offer.digest)
    manifest = manifest_from(blobs, offer, document, documents)
    return manifest and replace(manifest, damage=(*damage, *manifest.damage))


def manifest_from(blobs: Blobs, offer: Offer, document: object, documents: Documents | None = None) -> Manifest | None:
    """Returns the offer with the configuration of its manifest, as ``read_manifest``."""
    documents = documents or Documents()
    digest = shown(offer.digest)
    if not isinstance(document, dict) or "fsLayers" in document:
        raise UnreadableImage(
            f"manifest {digest} is of the obsolete schema 1, expected an OCI or Docker schema 2 manifest",
            _OTHER_TOOL,
        )
    _refuse_ambiguous(document, f"manifest {digest}", "manifests")
    artifact = artifact_of(document)
    if artifact:
        return _artifact(offer, artifact, subject_of(document))
    # A program in Go writes no layers as null.
    layers = document.get("layers") or []
    if isinstance(layers, list) and len(layers) > MAX_LAYERS:
        raise UnreadableImage(
            f"manifest {digest} names {len(layers):,} layers, expected at most {MAX_LAYERS:,}", _OTHER_TOOL
        )
    descriptors = [document.get("config"), *layers] if isinstance(layers, list) else [None]
    if not all(isinstance(item, dict) and isinstance(item.get("digest"), str) for item in descriptors):
        raise UnreadableImage(f"manifest {digest} lacks a configuration or layers with digests", _OTHER_TOOL)
    config_digest = document["config"]["digest"]
    config = documents.configuration(partial(blobs.blob, config_digest), config_digest, config_digest)
    if config is None:
        return None
    if not config.is_image:
        return _artifact(offer, artifact_words(document), subject_of(document))
    platform, problems = _platform(offer.platform, config.platform)
    stored = tuple(_descriptors(layers, config))
    sizes = {layer.digest: layer.size for layer in stored}
    known_sizes = [size for size in sizes.values() if size is not None]
    download_bytes = sum(known_sizes) if len(known_sizes) == len(sizes) else None
    return Manifest(
        platform,
        offer.tags,
        offer.digest,
        download_bytes,
        config_digest,
        config=config,
        layers=stored,
        problems=problems,
        damage=(*documents.index_damage, *config.damage),
        annotations=_annotations(document),
        other_annotations=(*offer.other_annotations, *(_annotations(each) for each in descriptors if each)),
    )


def _refuse_ambiguous(document: Mapping[str, Any], name: str, *others: str) -> None:
    """Raises UnreadableImage for a document that one program may read as another kind."""
    if any(document.get(key) is not None for key in others):
        raise UnreadableImage(
            f"{name} is ambiguous: it has the manifests of an index, and the parts of one image",
            "Engines refuse it too. Push or save the image again with a current tool.",
        )


def _platform(indexed: str, configured: str) -> tuple[str, tuple[str, ...]]:
    """Returns an image's platform, and a problem if index and configuration differ.

    The index counts, because engines and registries choose by it. The one with a variant counts if both agree.
    """
    if not (indexed and configured):
        return indexed or configured, ()
    if matches_platform(configured, indexed) or matches_platform(indexed, configured):
        return max(indexed, configured, key=lambda platform: platform.count("/")), ()
    return indexed, (f"the index says that the platform is {indexed}, but the configuration says {configured}",)


def _artifact(offer: Offer, artifact: str, subject: str = "") -> Manifest:
    return Manifest(
        "", offer.tags, offer.digest, artifact=artifact, subject=subject or offer.subject, config=_NO_CONFIG, layers=()
    )


def _tags(descriptor: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the full names that users gave, or the tags alone if there are none."""
    annotations = descriptor.get("annotations")
    # A copy, because names of annotations are the user's, and their capitals matter.
    values = dict(annotations) if isinstance(annotations, dict) else {}
    names = [values[key] for key in _NAME_ANNOTATIONS if isinstance(values.get(key), str)]
    full = [name for name in names if ":" in name or "/" in name]
    return tuple(dict.fromkeys(short_name(name) for name in (full or names)))


def image_from_manifest(manifest: Manifest, reference: str, stored: Callable[[Descriptor], Layer]) -> Image:
    """Returns the image of a manifest; ``stored`` finds the bytes of a layer."""
    layers = [stored(layer) for layer in manifest.layers]
    image = image_from_config(manifest.config.read(), manifest.image_id, reference, layers)
    missing = [f"layer {layer.number} is missing, and no figure counts it" for layer in layers if layer.is_missing]
    return replace(
        image,
        digest=manifest.digest,
        tags=manifest.tags,
        # The version of the OS distinguishes variants; a report has the same name for all of them.
        platform=without_version(manifest.platform),
        problems=(*manifest.problems, *image.problems, *missing),
        damage=manifest.damage,
        annotations=manifest.annotations,
        other_annotations=tuple(chain.from_iterable(manifest.other_annotations)),
    )


def _annotations(document: Mapping[str, Any]) -> _Annotations:
    annotations = document.get("annotations")
    pairs = annotations.items() if isinstance(annotations, dict) else ()
    return tuple((name, value) for name, value in pairs if isinstance(value, str))


def _descriptors(layers: Sequence[Mapping[str, Any]], config: StoredConfig) -> Iterable[Descriptor]:
    for number, (descriptor, diff_id) in enumerate(zip(layers, padded(config.diff_ids, len(layers)), strict=True)):
        size = descriptor.get("size")
        yield Descriptor(
            number=number,
            digest=descriptor["digest"],
            media_type=shown(str(descriptor.get("mediaType", ""))),
            size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
            diff_id=diff_id,
            table=table_place(descriptor.get("annotations")),
        )


def stored_layer(blobs: Blobs, request: Request, layer: Descriptor) -> Layer:
    """Returns a layer whose bytes are among blobs in files."""
    part = blobs.blob(layer.digest)
    if part is None and layer.is_foreign:
        return absent_layer(layer)
    if part is None:
        raise UnreadableImage(
            f"{layer.name} is missing: blob {shown(layer.digest)}, {layer.media_type or 'no media type'}",
            "The image was saved without it. Pull the complete image and save it again.",
        )
    damage = DamageLog(request.is_local_file)
    if layer.size is not None and layer.size != part.size:
        reason = f"blob {shown(layer.digest)} has {part.size:,} bytes, expected {layer.size:,}"
        damage.note(UnreadableImage(f"{layer.name} is damaged: {reason}", "Save or download the image again."), reason)
    contents: LayerContents = TarLayer(
        layer.name,
        part,
        layer.digest,
        layer.diff_id,
        is_local_file=request.is_local_file,
        budget=request.budget,
        damage=tuple(damage.reasons),
    )
    download_bytes = part.size if contents.streams else None
    if layer.table is not None and not damage.reasons and not request.reads_all:
        contents = TableLayer(layer.name, layer.table, FileRanges(part), contents, request.budget)
    return layer.with_contents(contents, download_bytes)


def absent_layer(layer: Descriptor) -> Layer:
    """Returns a foreign layer, whose blob is not with the others."""
    problem = f"the layer is not included: {layer.media_type} is not distributed with the image"
    return replace(layer.with_contents(AbsentLayer(layer.name, problem), layer.size), is_missing=True)
