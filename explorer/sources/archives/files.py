"""Images in archives, standard input and root filesystem tars."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from explorer.errors import ImageError, ImageNotFound, UnreadableImage, UsageError
from explorer.files import regular_file
from explorer.layers.streams import CHUNK, FileRange, compression
from explorer.model import Image
from explorer.sources.archives.archive import image_in, rootfs_image
from explorer.sources.archives.arriving import ArrivingLayers
from explorer.sources.archives.unpacking import Unpacking
from explorer.sources.paths import exists, expand, split_tag
from explorer.sources.request import Request
from explorer.sources.spool import spool
from explorer.text.printable import printable, shown_reference


def open_archive(request: Request) -> Image:
    """Opens an image archive at PATH[:TAG]. Raises ImageError or ChoiceNeeded."""
    path, tag = split_tag(request.name)
    shown = printable(str(path))
    if not exists(path):
        raise ImageNotFound(f"there is no file {shown}", "Name an archive that `docker save` or skopeo wrote.")
    if path.is_dir():
        raise UnreadableImage(f"{shown} is a directory, not an archive", f"Try oci://{printable(request.name)}")
    if path.is_fifo():
        return _arriving_image(lambda: os.open(path, os.O_RDONLY), f"Reading {shown}", request, tag)
    with _open_file(path) as file:
        kind = _compression(file, request)
        if kind:
            return _arriving_image(lambda: os.dup(file.fileno()), f"Unpacking the {kind} archive", request, tag)
        return image_in(file, replace(request, is_local_file=True), tag)


def open_saved(request: Request) -> Image:
    """Opens a saved exploration. Raises ImageError."""
    image = open_archive(request)
    if image.saved is None:
        raise UnreadableImage(
            f"{printable(request.name)} is an image, not a saved exploration", "Open it as archive://"
        )
    return image


def open_standard_input(request: Request) -> Image:
    """Opens an archive on standard input. Raises ImageError, UsageError for a TTY."""
    if os.isatty(request.standard_input):
        raise UsageError("standard input is a terminal", "Pipe an archive into it: docker save NAME | layer-explorer -")
    return _arriving_image(lambda: os.dup(request.standard_input), "Reading standard input", request)


def open_rootfs(request: Request) -> Image:
    """Opens a root filesystem tar. Raises ImageError."""
    path = expand(request.name)
    if not exists(path):
        raise ImageNotFound(f"there is no file {printable(str(path))}", "Name a tar that `docker export` wrote.")
    unpacking = Unpacking(request.budget)
    if path.is_fifo():
        copy = _spool(lambda: os.open(path, os.O_RDONLY), f"Reading {printable(str(path))}", request, unpacking)
    else:
        copy = _open_file(path)
    with copy as file:
        return unpacking.described(rootfs_image(FileRange.whole(file), replace(request, is_local_file=True)))


def _open_file(path: Path) -> BinaryIO:
    """Opens a file. Raises ImageError."""
    shown = printable(str(path))
    try:
        return regular_file(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{shown} cannot be read: {reason}", "Check the path and its permissions.") from error


def _compression(file: BinaryIO, request: Request) -> str:
    """Returns the compression of a file; empty if plain. Raises UnreadableImage."""
    try:
        return compression(FileRange.whole(file))
    except UnreadableImage as error:
        raise _unreadable(error, request) from error


def _unreadable(error: UnreadableImage, request: Request) -> UnreadableImage:
    return UnreadableImage(f"{shown_reference(request.reference)} cannot be read: {error.message}", error.hint)


def _arriving_image(begin: Callable[[], int], step: str, request: Request, tag: str | None = None) -> Image:
    """Returns the image in an archive that arrives, whose layers are read meanwhile."""
    request = replace(request, is_local_file=True)
    unpacking = Unpacking(request.budget)
    with ArrivingLayers(request) as arriving, _spool(begin, step, request, unpacking, arriving.look) as file:
        arriving.end()
        _compression(file, request)
        return unpacking.described(arriving.used_in(image_in(file, request, tag)))


def _spool(
    begin: Callable[[], int],
    step: str,
    request: Request,
    unpacking: Unpacking,
    look: Callable[[BinaryIO], object] = lambda _: None,
) -> BinaryIO:
    def chunks() -> Iterator[bytes | memoryview]:
        with open(begin(), "rb", buffering=0) as stream:
            with suppress(ImportError, AttributeError, OSError):
                # A pipe holds 64 KiB at first, and each chunk waits for other threads. Windows lacks the module.
                import fcntl

                fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, CHUNK)
            yield from unpacking.chunks(stream.readinto)

    try:
        return spool(chunks, step, None, request.watcher, look=look)
    except UnreadableImage as error:
        raise _unreadable(error, request) from error
    except OSError as error:
        raise ImageError(
            f"{shown_reference(request.reference)} cannot be read: {error.strerror}",
            "Check the program that writes it.",
        ) from error
