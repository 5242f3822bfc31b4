"""Room 1, where images come from: a reference goes in, an Image comes out.

A source supplies only what it naturally has: identity, configuration, history, and for each layer a way to its bytes.
Nothing after this room asks where an image came from.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from explorer.errors import ImageError, ImageNotFound, UnreadableImage, UsageError
from explorer.model import Image
from explorer.sources.request import Request
from explorer.text.printable import printable

_CHUNK = 1 << 20
_TRANSPORTS = {"docker-archive": "archive", "oci-archive": "archive", "oci": "oci"}
"""As skopeo and its kin spell them, with a colon, and dive, with a scheme's; understood where the path is there."""
_ENDINGS = (".tar", ".tgz", ".gz", ".zst")


def open_image(request: Request) -> Image:
    """The image that a reference means.

    The watcher hears of slow work on the way, and may find a preview of the image. Raises ImageError when it cannot be
    found, reached or read, UsageError when the reference makes no sense, ChoiceNeeded when it means several images.
    """
    scheme, separator, name = request.reference.partition("://")
    if not separator:
        return _open_bare(request)
    source = SCHEMES.get(_TRANSPORTS.get(scheme, scheme))
    if source is None:
        raise UsageError(
            f"unknown kind of reference “{printable(scheme)}://”",
            f"Known are {', '.join(f'{known}://' for known in SCHEMES)}, a path, a name in an engine, - and demo.",
        )
    if not name:
        raise UsageError(f"“{printable(request.reference)}” names no image", f"Say which: {scheme}://NAME")
    return source(replace(request, name=name))


def open_identity(request: Request) -> Image:
    """The image for what it is, not for what is in it: its ID, its configuration, its layers' digests.

    Every layer counts as known, so that nothing is saved or downloaded for the sake of its bytes. Raises like
    ``open_image``.
    """
    return open_image(replace(request, known=lambda _: True))


def _open_bare(request: Request) -> Image:
    """``demo``, ``-``, a path when there is one of that name, and else a name in an engine."""
    reference = request.reference
    if not reference:
        raise UsageError("the reference is empty", "Name an image, a path, or demo.")
    if reference == "demo":
        return _demo(request)
    if reference == "-":
        return _standard_input(request)
    transport, _, name = reference.partition(":")
    if transport in _TRANSPORTS and _split_tag(name)[0].exists():
        return SCHEMES[_TRANSPORTS[transport]](replace(request, name=name))
    path, _ = _split_tag(reference)
    if path.is_file() or path.is_fifo():
        return _archive(request)
    if path.is_dir() and ((path / "index.json").exists() or _looks_like_path(reference)):
        return _layout(request)
    if path.exists() and _looks_like_path(reference):
        raise UnreadableImage(
            f"{printable(reference)} is neither a file nor a directory", "Name an archive or an OCI layout directory."
        )
    if _looks_like_path(reference):
        raise ImageNotFound(
            f"there is no file {printable(reference)}", "Name an archive, an OCI layout directory, or an image."
        )
    return _by_name(request)


def _looks_like_path(reference: str) -> bool:
    return reference.startswith(("/", "./", "../", "~")) or reference in (".", "..") or reference.endswith(_ENDINGS)


def _split_tag(reference: str) -> tuple[Path, str | None]:
    """PATH or PATH:TAG: the longest part that exists is the path."""
    path = _expanded(reference)
    if _exists(path):
        return path, None
    for position in (i for i in range(len(reference) - 1, 0, -1) if reference[i] == ":"):
        shorter = _expanded(reference[:position])
        if _exists(shorter):
            return shorter, reference[position + 1 :]
    return path, None


def _expanded(text: str) -> Path:
    """The path with ``~`` and ``~user`` expanded, where there is such a user."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # Too long for a path, or with a NUL in it.
        return False


def _demo(request: Request) -> Image:
    from explorer.sources.demo import open_demo

    return open_demo(request)


def _archive(request: Request) -> Image:
    from explorer.sources.archives.archive import image_in

    path, tag = _split_tag(request.name)
    if not _exists(path):
        raise ImageNotFound(
            f"there is no file {printable(str(path))}", "Name an archive that `docker save` or skopeo wrote."
        )
    if path.is_dir():
        raise UnreadableImage(
            f"{printable(str(path))} is a directory, not an archive", f"Try oci://{printable(request.name)}"
        )
    with _opened(path, request) as file:
        return image_in(file, request.reference, tag, request.platform, request.watcher, request.preferred)


def _standard_input(request: Request) -> Image:
    from explorer.sources.archives.archive import image_in

    if os.isatty(request.standard_input):
        raise UsageError("standard input is a terminal", "Pipe an archive into it: docker save NAME | layer-explorer -")
    with _spooled(lambda: os.dup(request.standard_input), "Reading standard input", request) as file:
        return image_in(file, request.reference, None, request.platform, request.watcher, request.preferred)


def _opened(path: Path, request: Request) -> BinaryIO:
    """The file at a path; what comes out of a named pipe is kept in one. Raises ImageError, or FileNotFoundError."""
    from explorer.files import regular_file

    try:
        if path.is_fifo():
            return _spooled(lambda: os.open(path, os.O_RDONLY), f"Reading {printable(str(path))}", request)
        return regular_file(path)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise ImageError(
            f"{printable(str(path))} cannot be read: {getattr(error, 'strerror', None) or error}",
            "Check the path and who may read it.",
        ) from error


def _spooled(begin: Callable[[], int], step: str, request: Request) -> BinaryIO:
    from explorer.sources.spool import spool

    def chunks() -> Iterator[bytes]:
        with open(begin(), "rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk

    try:
        return spool(chunks, step, None, request.watcher)
    except OSError as error:
        raise ImageError(
            f"{printable(request.reference)} cannot be read: {error.strerror}", "Check where it comes from."
        ) from error


def _rootfs(request: Request) -> Image:
    from explorer.layers.streams import FileRange
    from explorer.sources.archives.rootfs import rootfs_image

    path = _expanded(request.name)
    try:
        with _opened(path, request) as file:
            return rootfs_image(FileRange.whole(file), request.reference)
    except FileNotFoundError as error:
        raise ImageNotFound(
            f"there is no file {printable(str(path))}", "Name a tar that `docker export` wrote."
        ) from error


def _layout(request: Request) -> Image:
    from explorer.sources.archives.oci import open_layout

    path, tag = _split_tag(request.name)
    if not path.is_dir():
        raise ImageNotFound(f"there is no directory {printable(str(path))}", "Name an OCI layout directory.")
    return open_layout(path, request.reference, tag, request.platform, request.preferred)


def _docker(request: Request) -> Image:
    from explorer.sources.engines.engine import open_docker

    return open_docker(request)


def _podman(request: Request) -> Image:
    from explorer.sources.engines.engine import open_podman

    return open_podman(request)


def _by_name(request: Request) -> Image:
    from explorer.sources.engines.engine import open_by_name

    return open_by_name(request)


def _container(request: Request) -> Image:
    from explorer.sources.engines.container import open_container

    return open_container(request)


def _registry(request: Request) -> Image:
    from explorer.sources.registries.registry import open_registry

    return open_registry(request)


SCHEMES: dict[str, Callable[[Request], Image]] = {
    "docker": _docker,
    "podman": _podman,
    "registry": _registry,
    "registry+http": _registry,
    "container": _container,
    "archive": _archive,
    "oci": _layout,
    "rootfs": _rootfs,
}
"""Scheme of a reference to its source, the ones that people use most first."""
