"""The images opened before, in files beside the cached layers.

They give the cached layers names. Their layers, in order, tell whether an image stands on one of them. Only layers
count whose digests were verified, or that are of a local engine: otherwise a hostile image could lend its name to the
layers of others. Each image has a small file, so two processes can write at the same time. A damaged file counts as
missing.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from explorer import __version__, files
from explorer.layers.digests import is_digest
from explorer.model import Image, KnownImage, KnownLayer, Layer, Verified
from explorer.text.image_names import MAX_NAME_CHARS
from explorer.text.printable import printable, without_login

_DIRECTORY = "images"
_SUFFIX = ".json"
_VERSION = 1
_MAX_IMAGES = 200
"""The images to keep; those not opened for the longest time go first."""
_MAX_FILE_BYTES = 200_000
_MAX_LAYERS = 500
_MAX_TAGS = 20
_NO_FILES = ("-", "demo")
"""References of images that are in no file, and in no engine or registry."""


@dataclass(frozen=True)
class OpenedImage:
    """An image that was opened before."""

    name: str
    """The reference that the user typed, without a login, or the first tag of standard input; not printable."""
    platform: str
    id: str
    """Digest of the config."""
    tags: tuple[str, ...]
    diff_ids: tuple[str, ...]
    """The diff ID of each layer, bottom first; empty if unknown."""
    digests: tuple[str, ...]
    """The digest of each layer in the manifest; empty if unknown."""
    opened: datetime
    """The last time."""
    verified: tuple[str, ...] = ()
    """The digest of each layer that is certain: ``diff_id`` or ``digest``; empty if none is."""
    manifest: str = ""
    """The digest of the manifest; empty if unknown."""
    is_self_named: bool = True
    """True if no engine and no registry gave the tags, but an archive itself."""
    wasted_bytes: int | None = None
    """Its wasted bytes; None if unknown."""
    program: str = ""
    """The version of this program that computed the waste."""
    directory: str = ""
    """The working directory, from which the name leads to a file; empty for other images."""


def remember_image(
    directory: Path, image: Image, now: datetime, uncertain: Collection[int] = (), wasted_bytes: int | None = None
) -> None:
    """Keeps the name of an image, or does nothing if the directory is not writable.

    Layers without any certain digest are not kept: the image would lend its name to layers of others. Then only a file
    is kept, which can be opened again.

    Args:
        directory: The directory of the cache.
        image: The image.
        now: The time of opening.
        uncertain: The numbers of layers that were not read, or are damaged.
        wasted_bytes: Its wasted bytes, which are kept only if all layers are certain.
    """
    is_certain = any(layer.contents.verified in (Verified.DIGEST, Verified.DIFF_ID) for layer in image.layers)
    folder = _working_directory() if image.is_self_named and image.reference not in _NO_FILES else ""
    if not (is_certain or folder) or len(image.layers) > _MAX_LAYERS or len(image.reference) > MAX_NAME_CHARS:
        return
    layers = image.layers if is_certain else ()
    opened = OpenedImage(
        _name(image),
        image.platform[:MAX_NAME_CHARS],
        image.id,
        tuple(tag for tag in image.tags[:_MAX_TAGS] if len(tag) <= MAX_NAME_CHARS),
        tuple(layer.diff_id if is_digest(layer.diff_id) else "" for layer in layers),
        tuple(layer.digest if layer.digest and is_digest(layer.digest) else "" for layer in layers),
        now,
        tuple("" if layer.number in uncertain else _certain(layer) for layer in layers),
        image.digest or "",
        image.is_self_named,
        None if uncertain else wasted_bytes,
        __version__,
        folder,
    )
    content = json.dumps({**asdict(opened), "version": _VERSION, "opened": now.isoformat()})
    # Standard input names itself, so it must not replace an image of that name.
    origin = "\n-" if image.reference == "-" else ""
    key = hashlib.sha256(f"{opened.name}\n{opened.platform}{origin}".encode("utf-8", "surrogateescape")).hexdigest()
    path = directory / _DIRECTORY / f"{key}{_SUFFIX}"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.write_atomically(path, content.encode())
        for _, old in _files(directory)[:-_MAX_IMAGES]:
            old.unlink()


def opened_images(directory: Path) -> list[OpenedImage]:
    """Returns the images opened before, the last one first."""
    images = []
    for _, path in _files(directory):
        with suppress(OSError, ValueError, LookupError, TypeError, RecursionError, OverflowError):
            with files.listed_file(path) as file:
                content = file.read(_MAX_FILE_BYTES + 1)
            if len(content) <= _MAX_FILE_BYTES:
                images.append(_decoded(json.loads(content)))
    return sorted(images, key=lambda image: image.opened, reverse=True)


def known_images(directory: Path) -> Sequence[KnownImage]:
    """Returns the images opened before that have names and whose layers are certain.

    An archive can give itself any name, so its names are marked.
    """
    return [
        KnownImage(
            image.tags,
            layers,
            tuple(filter(None, (image.manifest,))),
            f"in {printable(image.name)}, opened before",
            image.is_self_named,
        )
        for image in opened_images(directory)
        if image.tags and (layers := _certain_layers(image))
    ]


def known_waste(directory: Path) -> dict[tuple[str, ...], int]:
    """Returns the wasted bytes of the images opened before, by their diff IDs.

    Only layers with certain diff IDs count, and figures of this version of the program.
    """
    return {
        image.diff_ids: image.wasted_bytes
        for image in opened_images(directory)
        if image.wasted_bytes is not None
        and image.program == __version__
        and image.diff_ids
        and all(layer.diff_id for layer in _certain_layers(image) or [KnownLayer("")])
    }


def forget_images(directory: Path) -> int:
    """Removes all names, and returns the bytes that this freed."""
    freed_bytes = 0
    for _, path in _files(directory):
        with suppress(OSError):
            size = path.lstat().st_size
            path.unlink()
            freed_bytes += size
    return freed_bytes


def _files(directory: Path) -> list[tuple[float, Path]]:
    """Returns (last use, path) of the files, also unfinished ones, the oldest first."""
    found = []
    own = directory / _DIRECTORY
    with suppress(OSError):
        for path in () if own.is_symlink() else own.iterdir():
            with suppress(OSError):
                status = path.lstat()
                is_own = path.suffix == _SUFFIX or path.name.startswith(files.TEMPORARY_PREFIX)
                if is_own and stat.S_ISREG(status.st_mode):
                    found.append((status.st_mtime, path))
    return sorted(found)


def _name(image: Image) -> str:
    if image.reference == "-":
        return image.tags[0][:MAX_NAME_CHARS] if image.tags else "standard input"
    return without_login(image.reference) if "://" in image.reference else image.reference


def _working_directory() -> str:
    """Returns the working directory; empty if it was removed."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""


def _certain(layer: Layer) -> str:
    """Returns the digest of a layer that is certain, by its name."""
    verified = layer.contents.verified
    return verified.value if verified in (Verified.DIFF_ID, Verified.DIGEST) else ""


def _certain_layers(image: OpenedImage) -> tuple[KnownLayer, ...]:
    """Returns the layers with their certain digests; none if a layer has none."""
    layers = tuple(
        KnownLayer(diff_id if verified == "diff_id" else "", digest if verified == "digest" else "")
        for diff_id, digest, verified in zip(image.diff_ids, image.digests, image.verified, strict=False)
    )
    is_certain = len(layers) == len(image.diff_ids) and all(layer.diff_id or layer.digest for layer in layers)
    return layers if is_certain else ()


def _decoded(document: Any) -> OpenedImage:
    """Returns the image of a document. Raises an error if it is none."""
    if document["version"] != _VERSION:
        raise ValueError("another version")
    opened = datetime.fromisoformat(_text(document["opened"])).astimezone(UTC)
    tags, diff_ids, digests = (tuple(map(_text, document[key])) for key in ("tags", "diff_ids", "digests"))
    if len(diff_ids) != len(digests) or not all(each == "" or is_digest(each) for each in (*diff_ids, *digests)):
        raise ValueError("no digests of layers")
    name, platform, image_id = (_text(document[key]) for key in ("name", "platform", "id"))
    if len(name) > MAX_NAME_CHARS:
        raise ValueError("a name that is not kept")
    verified = tuple(map(_text, document.get("verified", ())))
    manifest = _text(document.get("manifest", ""))
    is_self_named = document.get("is_self_named") is not False
    wasted = document.get("wasted_bytes")
    return OpenedImage(
        name,
        platform,
        image_id,
        tags,
        diff_ids,
        digests,
        opened,
        verified,
        manifest,
        is_self_named,
        wasted if isinstance(wasted, int) and wasted >= 0 else None,
        _text(document.get("program", "")),
        _text(document.get("directory", "")),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
