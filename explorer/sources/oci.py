"""OCI layouts: an index, a platform, a manifest, a configuration, and blobs named by their digests.

The same steps lead through a layout directory, a layout inside a tar and a registry; they differ in how a blob is had.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from explorer.errors import ChoiceNeeded, ImageNotFound, UnreadableImage
from explorer.layers.contents import TarLayer
from explorer.layers.streams import FileRange, compression
from explorer.model import Image
from explorer.sources.config import StoredLayer, image_from_config, platform_of
from explorer.text import printable

MAX_DOCUMENT = 32 << 20
"""Bytes of a manifest or configuration; the largest real ones have a few hundred kilobytes."""
_MAX_DEPTH = 8
_MAX_MANIFESTS = 1_000

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_ALIASES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}


class Blobs(Protocol):
    """Where blobs are."""

    def blob(self, digest: str) -> FileRange | None:
        """The bytes of a blob; None when it is not there."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One image that a reference can mean."""

    platform: str
    tags: tuple[str, ...]
    digest: str
    """Of the manifest."""
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]

    @property
    def config_digest(self) -> str:
        """The image's ID."""
        return str(self.manifest["config"]["digest"])


def open_layout(path: Path, reference: str, tag: str | None, platform: str | None) -> Image:
    """The image in an OCI layout directory. Raises ImageError, or ChoiceNeeded when it holds several."""
    directory = _Directory(path)
    try:
        with (path / "index.json").open("rb") as file:
            index = document(FileRange.whole(file), "index.json")
    except OSError as error:
        raise UnreadableImage(
            f"{printable(str(path))} is no OCI layout: {error.strerror} for index.json",
            "Expected a directory with oci-layout, index.json and blobs/, as `skopeo copy ... oci:DIR` writes it.",
        ) from error
    choice = choose(choices(directory, index), tag, platform, reference)
    return replace(image_of(directory, choice, reference), source=f"OCI layout {printable(str(path))}")


@dataclass(frozen=True, slots=True)
class _Directory:
    path: Path

    def blob(self, digest: str) -> FileRange | None:
        algorithm, _, value = digest.partition(":")
        if not algorithm.isalnum() or not value.isalnum():
            return None
        try:
            with (self.path / "blobs" / algorithm / value).open("rb") as file:
                return FileRange.whole(file)
        except OSError:
            return None


def document(part: FileRange, what: str, digest: str | None = None) -> Any:
    """A JSON document out of a bounded number of bytes, checked against its digest. Raises UnreadableImage."""
    if part.size > MAX_DOCUMENT:
        raise UnreadableImage(f"{what} has {part.size:,} bytes, expected at most {MAX_DOCUMENT:,}")
    content = part.read_at(0, part.size)
    if digest and digest.startswith("sha256:"):
        found = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if found != digest:
            raise UnreadableImage(
                f"{what} is damaged: its digest is {found}, expected {printable(digest)}",
                "Save or download the image again.",
            )
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableImage(f"{what} is not a JSON document: {error}") from error


def choices(blobs: Blobs, index: object) -> list[Choice]:
    """All images that an index leads to; what is no image (an attestation) and what is not there is left out."""
    found: dict[str, Choice] = {}
    missing: list[str] = []
    for descriptor in _leaves(blobs, index, missing, 0):
        digest = str(descriptor.get("digest", ""))
        tags = _tags(descriptor)
        if digest in found:
            found[digest] = replace(found[digest], tags=tuple(dict.fromkeys((*found[digest].tags, *tags))))
            continue
        if len(found) >= _MAX_MANIFESTS:
            raise UnreadableImage(f"the index names more than {_MAX_MANIFESTS:,} images")
        choice = _choice(blobs, descriptor, digest, tags, missing)
        if choice is not None:
            found[digest] = choice
    if not found:
        if missing:
            raise UnreadableImage(
                f"the blobs are incomplete, not there: {', '.join(missing[:5])}", "Save the image again."
            )
        raise UnreadableImage("the index names no image", "Expected a manifest with an image configuration and layers.")
    return list(found.values())


def _leaves(blobs: Blobs, index: object, missing: list[str], depth: int) -> Iterable[Mapping[str, Any]]:
    """The descriptors of the manifests that an index leads to, through nested indexes."""
    manifests = index.get("manifests") if isinstance(index, dict) else None
    if not isinstance(manifests, list) or depth > _MAX_DEPTH:
        raise UnreadableImage(
            "the index has no list of manifests", "Expected index.json as the OCI image layout defines it."
        )
    for descriptor in manifests:
        if not isinstance(descriptor, dict) or _is_attestation(descriptor):
            continue
        if descriptor.get("mediaType") not in _INDEXES:
            yield descriptor
            continue
        digest = str(descriptor.get("digest", ""))
        part = blobs.blob(digest)
        if part is None:
            missing.append(printable(digest))
            continue
        names = {key: value for key, value in _annotations(descriptor).items() if key in _NAMES}
        for leaf in _leaves(blobs, document(part, f"index {printable(digest)}", digest), missing, depth + 1):
            yield {**leaf, "annotations": {**names, **_annotations(leaf)}}


def _choice(
    blobs: Blobs, descriptor: Mapping[str, Any], digest: str, tags: tuple[str, ...], missing: list[str]
) -> Choice | None:
    part = blobs.blob(digest)
    if part is None:
        missing.append(f"manifest {printable(digest)}")
        return None
    manifest = document(part, f"manifest {printable(digest)}", digest)
    if not isinstance(manifest, dict) or "fsLayers" in manifest:
        raise UnreadableImage(
            f"manifest {printable(digest)} is of the obsolete schema 1, expected an OCI or Docker schema 2 manifest",
            "Push or save the image again with a current tool.",
        )
    layers = manifest.get("layers")
    parts = [manifest.get("config"), *layers] if isinstance(layers, list) else [None]
    if not all(isinstance(part, dict) and isinstance(part.get("digest"), str) for part in parts):
        raise UnreadableImage(f"manifest {printable(digest)} lacks a configuration or layers with digests")
    config_digest = manifest["config"]["digest"]
    found = blobs.blob(config_digest)
    if found is None:
        missing.append(f"configuration {printable(config_digest)}")
        return None
    configuration = document(found, "the image configuration", config_digest)
    if not isinstance(configuration, dict) or ("rootfs" not in configuration and "config" not in configuration):
        return None
    platform = descriptor.get("platform")
    named = platform_of(platform) if isinstance(platform, dict) else ""
    return Choice(platform_of(configuration) or named, tags, digest, manifest, configuration)


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


def short_name(name: str) -> str:
    """An image name as Docker shows it, without the default registry."""
    return name.removeprefix("docker.io/").removeprefix("library/")


def choose(found: Sequence[Choice], tag: str | None, platform: str | None, reference: str) -> Choice:
    """The one image that is meant. Raises ChoiceNeeded or ImageNotFound, and says what there is."""
    left = [choice for choice in found if tag is None or matches_tag(choice, tag)]
    if not left:
        raise ImageNotFound(f"no image “{printable(tag or '')}” in {printable(reference)}", _what_there_is(found))
    wanted = [choice for choice in left if platform is None or matches_platform(choice.platform, platform)]
    if not wanted:
        raise ImageNotFound(
            f"no image for the platform {printable(platform or '')} in {printable(reference)}", _what_there_is(left)
        )
    if len(wanted) > 1:
        several_platforms = len({choice.platform for choice in wanted}) > 1
        how = "--platform OS/ARCH" if several_platforms else "PATH:TAG"
        raise ChoiceNeeded(
            f"{printable(reference)} holds {len(wanted)} images: choose one with {how}", _what_there_is(wanted)
        )
    return wanted[0]


def matches_tag(choice: Choice, tag: str) -> bool:
    """Whether a tag, a full name, or the start of an ID or digest means this image."""
    for name in choice.tags:
        last = name.rpartition("/")[2]
        if tag in (name, short_name(name)) or short_name(tag) == name or last.rpartition(":")[2] == tag or last == tag:
            return True
    digits = tag.removeprefix("sha256:")
    ids = (choice.digest.removeprefix("sha256:"), choice.config_digest.removeprefix("sha256:"))
    return len(digits) >= 6 and any(value.startswith(digits) for value in ids)


def matches_platform(platform: str, wanted: str) -> bool:
    """Whether OS/ARCH[/VARIANT] is what is wanted; an architecture alone fits every operating system."""
    parts = [_ALIASES.get(part, part) for part in wanted.lower().strip("/").split("/")]
    have = platform.lower().split("/")
    if len(parts) == 1:
        return parts[0] in have[1:2]
    return have[: len(parts)] == parts


def _what_there_is(found: Sequence[Choice]) -> str:
    lines = [
        f"  {choice.platform or 'unknown platform':<16} {', '.join(map(printable, choice.tags)) or '(no tag)'}  "
        f"{printable(choice.config_digest)[:19]}"
        for choice in found[:50]
    ]
    return "\n".join(("There is:", *lines))


def image_of(blobs: Blobs, choice: Choice, reference: str) -> Image:
    """The image of a manifest. Raises UnreadableImage when a layer is not there."""
    diff_ids = _diff_ids(choice.config)
    stored = []
    for number, descriptor in enumerate(choice.manifest["layers"]):
        digest = descriptor["digest"]
        media_type = printable(str(descriptor.get("mediaType", "")))
        part = blobs.blob(digest)
        if part is None:
            raise UnreadableImage(
                f"layer {number} is not there: blob {printable(digest)}, {media_type or 'no media type'}",
                "The image was saved without it. Pull it whole and save it again.",
            )
        size = descriptor.get("size")
        if isinstance(size, int) and size != part.size:
            raise UnreadableImage(
                f"layer {number} is damaged: blob {printable(digest)} has {part.size:,} bytes, expected {size:,}",
                "Save or download the image again.",
            )
        contents = TarLayer(f"layer {number}", part, digest, diff_ids[number] if number < len(diff_ids) else "")
        stored.append(StoredLayer(contents, digest, media_type, part.size if compression(part) else None))
    image = image_from_config(choice.config, choice.config_digest, reference, stored)
    return replace(image, digest=choice.digest, tags=choice.tags, platform=image.platform or choice.platform)


def _diff_ids(config: Mapping[str, Any]) -> list[str]:
    rootfs = config.get("rootfs")
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    return [item if isinstance(item, str) else "" for item in found] if isinstance(found, list) else []
