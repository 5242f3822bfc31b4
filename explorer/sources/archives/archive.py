"""Image archives of ``docker save``, ``podman save``, skopeo and builders.

A docker-archive has ``manifest.json``. An OCI archive has ``index.json`` and ``blobs/``. Docker 25 and later writes
both. Members that no manifest names are ignored.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO, ClassVar

from explorer.errors import UnreadableImage
from explorer.layers.digests import digest_of
from explorer.layers.path_resolver import MAX_PATH_CHARS, normalized_path
from explorer.layers.readers import WindowReader
from explorer.layers.streams import FileRange
from explorer.layers.tar import headers
from explorer.layers.tar_layer import TarLayer
from explorer.model import HistoryStep, Image, Layer
from explorer.saved import DOCUMENT_NAME, SAVE_AGAIN
from explorer.sources.archives import oci
from explorer.sources.archives.companions import lower_images, provenance
from explorer.sources.archives.docker_manifest import (
    EXPECTED,
    config_digest,
    docker_manifest,
    repo_tags,
    with_docker_images,
)
from explorer.sources.archives.flat_files import FlatFiles, StoredFiles
from explorer.sources.archives.image_config import image_from_config, padded
from explorer.sources.archives.json_documents import Documents, StoredConfig, read_json
from explorer.sources.request import Request
from explorer.sources.selection import Offer, choose, merged, variant_name, variants
from explorer.text.printable import printable, shown_reference

_MAX_MEMBERS = 1_000_000
_MAX_NAME_CHARS = 256 << 20
"""Characters of the names and link targets of all members."""
_MAX_LINKS = 8
"""Links in a row that are followed to a member."""
_USUAL_NAMES = frozenset(
    ("bin", "boot", "dev", "etc", "home", "lib", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp")
) | {"usr", "var"}
"""Names at the top of a root filesystem: a tar with two of them is one."""


def image_in(file: BinaryIO, request: Request, tag: str | None = None) -> Image:
    """Returns the image in an open archive, which the caller may close afterwards.

    Raises ImageError, or ChoiceNeeded if several images fit the request and the tag.
    """
    part = FileRange.whole(file)
    reference = request.reference
    archive = _Archive.read(part, reference)
    if next(iter(archive.members)) == DOCUMENT_NAME:
        # Imported here, because few images are saved explorations.
        from explorer.sources.archives.saved import saved_image

        return saved_image(archive, request, tag)
    image = image_among(archive, request, tag)
    if image is not None:
        return image
    if archive.has("repositories"):
        raise UnreadableImage(
            f"{shown_reference(reference)} is an archive of Docker 1.9 or older: it has no manifest.json",
            "Load it into an engine and save it again.",
        )
    if len({name.partition("/")[0] for name in archive.members} & _USUAL_NAMES) > 1:
        return rootfs_image(part, request)
    raise UnreadableImage(
        f"{shown_reference(reference)} is a tar, but not of an image: no manifest.json, no index.json", EXPECTED
    )


def image_among(files: StoredFiles, request: Request, tag: str | None) -> Image | None:
    """Returns the image in an archive or a directory; None if no file describes one.

    Raises the errors of ``image_in``.
    """
    index = _oci_index(files)
    if index is not None:
        manifests = with_docker_images(oci.read_manifests(files, index, request.is_local_file), files, request)
        return _oci_image(files, files.form, manifests, request, tag, f"OCI {files.form}")
    if not files.has("manifest.json"):
        return None
    part = files.part("manifest.json")
    document = read_json(part, "manifest.json")
    if isinstance(document, dict):
        digest = digest_of(part.read_at(0, part.size))
        index = document if oci.is_index(document) else {"manifests": [{"digest": digest}]}
        flat = FlatFiles(files, digest)
        manifests = oci.read_manifests(flat, index, request.is_local_file)
        return _oci_image(flat, files.form, manifests, request, tag, f"{files.form} of skopeo")
    offers = _docker_choices(files, request.is_local_file)
    chosen = choose(offers, request, tag)
    image = replace(_docker_image(files, chosen, request), source=f"docker-{files.form}")
    others = ((each, each.config.diff_ids) for each in offers)
    return replace(
        image,
        variants=variants(offers),
        variant=variant_name(chosen, offers),
        known_images=lower_images(image, others, files.form),
        is_self_named=True,
    )


def _oci_image(
    blobs: oci.Blobs, form: str, manifests: Sequence[oci.Manifest], request: Request, tag: str | None, source: str
) -> Image:
    chosen = choose(manifests, request, tag)
    # No digest vouches for the tables that a damaged manifest names.
    request = replace(request, reads_all=True) if chosen.damage else request
    stored = partial(oci.stored_layer, blobs, request)
    image = oci.image_from_manifest(chosen, request.reference, stored)
    others = ((each, each.config.diff_ids) for each in manifests if not each.artifact)
    return replace(
        image,
        source=source,
        variants=variants(manifests),
        variant=variant_name(chosen, manifests),
        known_images=lower_images(image, others, form),
        is_self_named=True,
        provenance=provenance(blobs, manifests, chosen.digest),
    )


def _oci_index(files: StoredFiles) -> object:
    """Returns index.json; None if there is none, or if manifest.json replaces it."""
    has_manifest = files.has("manifest.json")
    if not files.has("index.json") or (has_manifest and not files.has("oci-layout")):
        return None
    index = read_json(files.part("index.json"), "index.json")
    # Docker 25.0 writes null if it saves an image by its ID.
    is_empty = isinstance(index, dict) and not index.get("manifests")
    return None if has_manifest and is_empty else index


def rootfs_image(part: FileRange, request: Request) -> Image:
    """Returns the image of a ``docker export``. Raises UnreadableImage if empty."""
    reference = request.reference
    if not part.size:
        raise UnreadableImage(f"{shown_reference(reference)} is empty", "Export the container again.")
    step = HistoryStep(comment="a root filesystem, without history", layer=0)
    contents = TarLayer("layer 0", part, is_local_file=request.is_local_file, budget=request.budget)
    layer = Layer(number=0, contents=contents, step=step)
    return Image(reference=reference, id="", layers=(layer,), history=(step,), source="root filesystem")


@dataclass(frozen=True, slots=True)
class _Archive:
    """An archive's members by their normalised names. Satisfies StoredFiles."""

    form: ClassVar[str] = "archive"

    whole: FileRange
    members: Mapping[str, headers.Member]

    @classmethod
    def read(cls, part: FileRange, reference: str) -> _Archive:
        shown = shown_reference(reference)
        members: dict[str, headers.Member] = {}
        name_chars = 0
        try:
            for member in headers.Members(WindowReader(part).read_at, part.size):
                name = normalized_path(member.name)
                if name and len(name) + len(member.link) <= MAX_PATH_CHARS:
                    # No manifest names a longer one, and attributes of members have no meaning.
                    members[name] = member._replace(xattrs=()) if member.xattrs else member
                    name_chars += len(name) + len(member.link)
                if len(members) > _MAX_MEMBERS or name_chars > _MAX_NAME_CHARS:
                    raise UnreadableImage(
                        f"{shown} has more than {_MAX_MEMBERS:,} members, or longer names than any archive", EXPECTED
                    )
        except headers.TarError as error:
            is_tar = headers.is_header(part.read_at(0, min(part.size, headers.BLOCK)))
            what = f"cannot be read: {error}" if is_tar else "is not a tar archive"
            is_saved = part.read_at(0, len(DOCUMENT_NAME)) == DOCUMENT_NAME.encode()
            raise UnreadableImage(f"{shown} {what}", SAVE_AGAIN if is_saved else EXPECTED) from error
        if not members:
            raise UnreadableImage(f"{shown} is empty", EXPECTED)
        return cls(part, members)

    def has(self, name: str) -> bool:
        return name in self.members

    def part(self, name: str) -> FileRange:
        """Returns the bytes of a member or of the member that it links to."""
        path = normalized_path(name)
        for _ in range(_MAX_LINKS):
            member = self.members.get(path or "")
            if member is None or path is None:
                break
            # Older engines store a repeated layer as a link.
            if member.type == headers.SYMLINK:
                target = normalized_path(posixpath.normpath(posixpath.join(posixpath.dirname(path), member.link)))
                # Some builders name the target from the archive's root.
                path = target if target in self.members else normalized_path(member.link)
            elif member.type == headers.HARDLINK:
                path = normalized_path(member.link)
            elif member.type in headers.FILE_TYPES and member.pieces is None:
                return FileRange(self.whole.file, self.whole.offset + member.offset, member.size)
            else:
                break
        raise UnreadableImage(
            f"the archive does not hold “{printable(name)}”, which its manifest names",
            "Save the image again. An archive that leaves out lower layers opens only in an engine that has them.",
        )

    def blob(self, digest: str) -> FileRange | None:
        name = f"blobs/{digest.replace(':', '/', 1)}"
        return self.part(name) if self.has(name) else None

    manifest = blob


@dataclass(frozen=True, slots=True, kw_only=True)
class _SavedImage(Offer):
    """An image of a docker-archive."""

    config: StoredConfig
    layers: Sequence[str]
    """Names of its layers' members, bottom first."""


def _docker_choices(files: StoredFiles, keeps_damage: bool) -> list[_SavedImage]:
    """Returns the images; some builders write an entry for each name of one."""
    choices: list[_SavedImage] = []
    documents = Documents(keeps_damage)
    for entry in docker_manifest(files):
        name, layers = entry["Config"], entry.get("Layers") or []
        config = documents.configuration(partial(files.part, name), name, config_digest(entry))
        if config is None or not config.is_object:
            raise UnreadableImage(f"the image configuration {printable(name)} is not a JSON object", EXPECTED)
        tags = repo_tags(entry)
        choices.append(_SavedImage(config.platform, tags, "", image_id=config.digest, config=config, layers=layers))
    return merged(choices)


def _docker_image(files: StoredFiles, saved: _SavedImage, request: Request) -> Image:
    diff_ids = padded(saved.config.diff_ids, len(saved.layers))
    stored = []
    for number, (name, diff_id) in enumerate(zip(saved.layers, diff_ids, strict=True)):
        part = files.part(name)
        contents = TarLayer(
            f"layer {number}", part, diff_id=diff_id, is_local_file=request.is_local_file, budget=request.budget
        )
        stored.append(Layer(number, contents, download_bytes=part.size if contents.streams else None))
    image = image_from_config(saved.config.read(), saved.image_id, request.reference, stored)
    return replace(image, tags=saved.tags, damage=saved.config.damage)
