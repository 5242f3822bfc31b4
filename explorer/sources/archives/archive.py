"""Image archives: what ``docker save``, ``podman save``, ``skopeo`` and builders write, of either layout.

A docker-archive has ``manifest.json``; an OCI archive has ``index.json`` and ``blobs/``; Docker 25 and later writes
both. Only what a manifest names is looked at. An archive that is compressed as a whole is unpacked to a temporary file
first.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from explorer.errors import UnreadableImage
from explorer.layers.layer_builder import MAX_NAME, normalized_path
from explorer.layers.streams import FileRange, InflatedStream, WindowReader, compression
from explorer.layers.tar import headers
from explorer.layers.tar_layer import TarLayer
from explorer.model import Image, Watcher
from explorer.sources.archives import oci
from explorer.sources.archives.image_config import StoredLayer, image_from_config, platform_of
from explorer.sources.archives.json_documents import MAX_IMAGES, MAX_LAYERS, Documents, document
from explorer.sources.archives.rootfs import looks_like_rootfs, rootfs_image
from explorer.sources.selection import Choice, choose, variants
from explorer.sources.spool import spool
from explorer.text.printable import printable

_MAX_MEMBERS = 1_000_000
_MAX_NAMES = 256 << 20
"""Characters of the names and link targets of all members."""
_EXPECTED = "Expected a tar as `docker save` or `skopeo copy ... oci-archive:FILE` writes it."


def image_in(
    file: BinaryIO, reference: str, tag: str | None, platform: str | None, watcher: Watcher, preferred: str = ""
) -> Image:
    """The image in an archive that is open for reading, and may be closed afterwards.

    Raises ImageError, or ChoiceNeeded when it holds several. The arguments are those of ``choose``.
    """
    part = FileRange.whole(file)
    try:
        kind = compression(part)
        if kind:
            part = _unpacked(part, kind, watcher)
    except UnreadableImage as error:
        raise UnreadableImage(f"{printable(reference)} cannot be read: {error.message}", error.hint) from error
    archive = _Archive.read(part, reference)
    packed = f", {kind}" if kind else ""
    if archive.has("index.json") and archive.has("oci-layout"):
        index = document(archive.part("index.json"), "index.json")
        found = _with_docker_tags(oci.choices(archive, index), archive)
        choice = choose(found, tag, platform, reference, preferred=preferred)
        image = oci.image_of(choice, reference, oci.layers_in(archive))
        return replace(image, source=f"OCI archive{packed}", variants=variants(found))
    if archive.has("manifest.json"):
        saved = choose(_docker_choices(archive), tag, platform, reference, preferred=preferred)
        return replace(_docker_image(archive, saved, reference), source=f"docker-archive{packed}")
    if archive.has("repositories"):
        raise UnreadableImage(
            f"{printable(reference)} is an archive of Docker 1.9 or older: it has no manifest.json",
            "Load it into an engine and save it again.",
        )
    if looks_like_rootfs({name.partition("/")[0] for name in archive.members}):
        return rootfs_image(part, reference)
    raise UnreadableImage(
        f"{printable(reference)} is a tar, but not of an image: no manifest.json, no index.json", _EXPECTED
    )


def _unpacked(part: FileRange, kind: str, watcher: Watcher) -> FileRange:
    """The uncompressed archive in a temporary file."""
    stream = InflatedStream(part, lambda _: None)
    with spool(lambda: iter(stream.chunk, b""), f"Unpacking the {kind} archive", None, watcher) as copy:
        return FileRange.whole(copy)


@dataclass(frozen=True, slots=True)
class _Archive:
    """The members of an archive by their normalised names. Satisfies Blobs."""

    whole: FileRange
    members: Mapping[str, headers.Member]

    @classmethod
    def read(cls, part: FileRange, reference: str) -> _Archive:
        shown = printable(reference)
        members: dict[str, headers.Member] = {}
        taken = 0
        try:
            for member in headers.Members(WindowReader(part, lambda _: None), part.size):
                name = normalized_path(member.name)
                if name and len(name) + len(member.link) <= MAX_NAME:
                    # A longer one is none that a manifest could mean; nor does it say anything of attributes.
                    members[name] = member._replace(xattrs=()) if member.xattrs else member
                    taken += len(name) + len(member.link)
                if len(members) > _MAX_MEMBERS or taken > _MAX_NAMES:
                    raise UnreadableImage(
                        f"{shown} has more than {_MAX_MEMBERS:,} members, or longer names than any archive", _EXPECTED
                    )
        except headers.TarError as error:
            what = "cannot be read" if members else "is not a tar"
            raise UnreadableImage(f"{shown} {what}: {error}", _EXPECTED) from error
        if not members:
            raise UnreadableImage(f"{shown} is empty", _EXPECTED)
        return cls(part, members)

    def has(self, name: str) -> bool:
        return name in self.members

    def part(self, name: str) -> FileRange:
        """The bytes of a member, links followed: older engines store a layer that comes twice as a link."""
        at = normalized_path(name)
        for _ in range(8):
            member = self.members.get(at or "")
            if member is None or at is None:
                break
            if member.type == headers.SYMLINK:
                at = normalized_path(posixpath.normpath(posixpath.join(posixpath.dirname(at), member.link)))
            elif member.type == headers.HARDLINK:
                at = normalized_path(member.link)
            elif member.type in headers.FILE_TYPES and member.pieces is None:
                return FileRange(self.whole.file, self.whole.offset + member.offset, member.size)
            else:
                break
        raise UnreadableImage(
            f"the archive does not hold {printable(name)}, which its manifest names", "Save the image again."
        )

    def blob(self, digest: str) -> FileRange | None:
        name = f"blobs/{digest.replace(':', '/', 1)}"
        return self.part(name) if self.has(name) else None

    manifest = blob


def _with_docker_tags(found: list[oci.Manifest], archive: _Archive) -> list[oci.Manifest]:
    """The choices with the names that manifest.json gives them, which are those that people used."""
    if not archive.has("manifest.json"):
        return found
    names: dict[str, tuple[str, ...]] = {}
    for entry in _docker_manifest(archive):
        names[posixpath.basename(entry["Config"]).removesuffix(".json")] = _repo_tags(entry)
    renamed = []
    for choice in found:
        tags = names.get(choice.config_digest.rpartition(":")[2])
        renamed.append(replace(choice, tags=tags) if tags else choice)
    return renamed


def _docker_manifest(archive: _Archive) -> list[dict[str, Any]]:
    manifest = document(archive.part("manifest.json"), "manifest.json")
    if not isinstance(manifest, list) or not manifest:
        raise UnreadableImage("manifest.json names no image", _EXPECTED)
    if len(manifest) > MAX_IMAGES:
        raise UnreadableImage(f"manifest.json names more than {MAX_IMAGES:,} images", "Save fewer images at once.")
    for entry in manifest:
        well_formed = isinstance(entry, dict) and isinstance(entry.get("Config"), str)
        layers = entry.get("Layers") if well_formed else None
        if layers is not None and not (isinstance(layers, list) and all(isinstance(layer, str) for layer in layers)):
            well_formed = False
        if not well_formed:
            raise UnreadableImage("an image in manifest.json lacks Config or Layers", _EXPECTED)
        if layers and len(layers) > MAX_LAYERS:
            raise UnreadableImage(f"manifest.json names {len(layers):,} layers, expected at most {MAX_LAYERS:,}")
    return manifest


def _repo_tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    tags = entry.get("RepoTags")
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saved(Choice):
    """An image of a docker-archive."""

    layers: Sequence[str]
    """Names of its layers' members, bottom first."""


def _docker_choices(archive: _Archive) -> list[_Saved]:
    found: list[_Saved] = []
    documents = Documents()
    for entry in _docker_manifest(archive):
        name = entry["Config"]
        stem = posixpath.basename(name).removesuffix(".json")
        digest = f"sha256:{stem}" if len(stem) == 64 else ""
        config = documents.configuration(archive.part(name), name, digest or None)
        if not isinstance(config, dict):
            raise UnreadableImage(f"the image configuration {printable(name)} is not a JSON object", _EXPECTED)
        saved = _Saved(
            platform_of(config),
            _repo_tags(entry),
            "",
            config_digest=digest,
            config=config,
            layers=entry.get("Layers") or [],
        )
        found.append(saved)
    return found


def _docker_image(archive: _Archive, saved: _Saved, reference: str) -> Image:
    rootfs = saved.config.get("rootfs")
    diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    stored = []
    for number, name in enumerate(saved.layers):
        part = archive.part(name)
        named = diff_ids[number] if isinstance(diff_ids, list) and number < len(diff_ids) else ""
        contents = TarLayer(f"layer {number}", part, None, named if isinstance(named, str) else "")
        stored.append(StoredLayer(contents, download_bytes=part.size if contents.streams else None))
    image = image_from_config(saved.config, saved.config_digest, reference, stored)
    return replace(image, tags=saved.tags)
