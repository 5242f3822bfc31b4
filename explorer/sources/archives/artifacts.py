"""Artifacts: manifests that are stored like images, but hold something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from explorer.sources.archives.media_types import CONFIGS, MANIFESTS
from explorer.text.printable import printable

ATTESTATION = "an attestation of a build (provenance or SBOM)"
_KINDS = {
    "in-toto": ATTESTATION,
    "dsse": "a signed attestation",
    "attestation": ATTESTATION,
    "simplesigning": "a signature",
    "notary": "a signature",
    "sigstore": "a signature",
    "spdx": "an SBOM",
    "cyclonedx": "an SBOM",
    "syft": "an SBOM",
    "helm": "a Helm chart",
    "wasm": "a WebAssembly module",
    "buildkit.cache": "a build cache of BuildKit",
    "sif": "a Singularity image (SIF)",
    "compose": "a Compose project",
    "ai.model": "an AI model",
    "ollama": "an AI model",
    "modelspec": "an AI model",
    "soci": "an index for lazy loading (SOCI)",
    "image.layer": "a layer",
    "image.rootfs": "a layer",
}
"""A part of a media type to the kind of artifact in words; the first that matches counts."""
_FILE_SYSTEMS = ("tar", "image.layer.", "rootfs", "gzip", "zstd", "octet-stream")
"""Parts of the media types of layers that may be tars. An unknown type may be one, too."""
_ARTIFACT_MANIFEST = "application/vnd.oci.artifact.manifest.v1+json"
_ATTESTED_IMAGE = "vnd.docker.reference.digest"


def artifact_of(document: Mapping[str, Any]) -> str:
    """Returns the kind of artifact of a manifest in words; empty for an image.

    Empty also if the configuration must decide.
    """
    types = _layer_types(document)
    is_artifact = document.get("mediaType") == _ARTIFACT_MANIFEST or (
        bool(types) and not any(not type_ or any(part in type_ for part in _FILE_SYSTEMS) for type_ in types)
    )
    return artifact_words(document) if is_artifact else ""


def artifact_words(document: Mapping[str, Any]) -> str:
    """Returns words for a manifest that is not an image's."""
    config = document.get("config")
    config_type = _text(config.get("mediaType")) if isinstance(config, dict) else ""
    own = "" if config_type in CONFIGS else config_type
    return type_words((_text(document.get("artifactType")), own, *_layer_types(document)))


def artifact_of_descriptor(descriptor: Mapping[str, Any]) -> str:
    """Returns words for a descriptor that is certainly not of an image."""
    annotations = descriptor.get("annotations")
    if isinstance(annotations, dict) and "vnd.docker.reference.type" in annotations:
        return ATTESTATION
    media_type = _text(descriptor.get("mediaType"))
    if media_type not in ("", "application/octet-stream", "application/json", *MANIFESTS):
        return type_words((_text(descriptor.get("artifactType")), media_type))
    return ""


def subject_of(document: Mapping[str, Any]) -> str:
    """Returns the digest of the image that a manifest or its descriptor is about."""
    subject, annotations = document.get("subject"), document.get("annotations")
    digest = subject.get("digest") if isinstance(subject, dict) else None
    attested = annotations.get(_ATTESTED_IMAGE) if isinstance(annotations, dict) else None
    return _text(digest or attested)


def type_words(types: Iterable[str]) -> str:
    """Returns words for the first media type that is known, or the first type itself."""
    given = [type_ for type_ in types if type_]
    for type_ in given:
        for part, words in _KINDS.items():
            if part in type_:
                return words
    return f"an artifact of the type {printable(given[0])[:200]}" if given else "an artifact of an unknown type"


def _layer_types(document: Mapping[str, Any]) -> list[str]:
    layers = document.get("layers")
    return (
        [_text(item.get("mediaType")) for item in layers if isinstance(item, dict)] if isinstance(layers, list) else []
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
