"""An archive's contents beside an image: lower images, and its provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from explorer.errors import UnreadableImage
from explorer.layers.streams import FileRange
from explorer.model import Image, KnownImage, KnownLayer
from explorer.sources.archives import oci
from explorer.sources.archives.artifacts import ATTESTATION
from explorer.sources.archives.json_documents import read_json
from explorer.sources.selection import Offer

_PREDICATE_TYPE = "in-toto.io/predicate-type"
_PROVENANCE = "https://slsa.dev/provenance/"
_MAX_STATEMENTS = 20


def lower_images(
    image: Image, offers: Iterable[tuple[Offer, Sequence[str]]], form: str
) -> Callable[[], Sequence[KnownImage]]:
    """Returns a function for the images whose layers are the lowest of an image.

    Args:
        image: The image.
        offers: All images of the archive, with the diff IDs of their layers.
        form: The kind of container of the files: ``archive`` or ``directory``.
    """
    own = [layer.diff_id for layer in image.layers]
    found = [
        KnownImage(
            offer.tags,
            tuple(map(KnownLayer, diff_ids)),
            (offer.digest,) if offer.digest else (),
            f"in the same {form}",
            # Who makes the files gives them their names.
            is_self_named=True,
        )
        for offer, diff_ids in offers
        if 0 < len(diff_ids) < len(own) and list(diff_ids) == own[: len(diff_ids)]
    ]
    return lambda: found


def provenance(
    blobs: oci.Blobs, manifests: Iterable[oci.Manifest], digest: str
) -> Callable[[], Sequence[Mapping[str, Any]]]:
    """Returns a function that reads the provenance in the attestations of an image."""
    statements: list[FileRange] = []
    for manifest in manifests:
        if manifest.artifact == ATTESTATION and manifest.subject == digest and digest:
            try:
                statements += _statements(blobs, manifest.digest)
            except UnreadableImage:
                # The image itself is readable.
                continue
    return lambda: _predicates(statements[:_MAX_STATEMENTS])


def _statements(blobs: oci.Blobs, digest: str) -> Iterable[FileRange]:
    """Yields the provenance documents of an attestation manifest."""
    part = blobs.manifest(digest)
    document = read_json(part, "an attestation", digest) if part is not None else None
    layers = document.get("layers") if isinstance(document, dict) else None
    for layer in layers if isinstance(layers, list) else ():
        annotations = layer.get("annotations") if isinstance(layer, dict) else None
        kind = annotations.get(_PREDICATE_TYPE) if isinstance(annotations, dict) else None
        statement = blobs.blob(str(layer.get("digest"))) if str(kind).startswith(_PROVENANCE) else None
        if statement is not None:
            yield statement


def _predicates(statements: Iterable[FileRange]) -> Sequence[Mapping[str, Any]]:
    predicates = []
    for part in statements:
        try:
            document = read_json(part, "a provenance")
        except UnreadableImage:
            continue
        predicate = document.get("predicate") if isinstance(document, dict) else None
        if isinstance(predicate, dict):
            predicates.append(predicate)
    return predicates
