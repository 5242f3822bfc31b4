"""Sources of images: opens the image that a reference names.

A source supplies only what it naturally has: identity, configuration, history, and access to each layer's bytes.
No other package asks where an image comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from explorer.errors import ImageError, ImageNotFound, UnreadableImage, UsageError
from explorer.model import Image
from explorer.sources.paths import exists, holds_images, looks_like_path, similar_path, split_tag
from explorer.sources.request import Request
from explorer.text.printable import printable
from explorer.text.suggestions import did_you_mean, nearest

SCHEMES = {
    "docker": "engines.image:open_in_engine",
    "podman": "engines.image:open_in_engine",
    "registry": "registries.registry:open_registry",
    "registry+http": "registries.registry:open_registry",
    "container": "engines.container:open_container",
    "archive": "archives.files:open_archive",
    "oci": "archives.directory:open_directory",
    "rootfs": "archives.files:open_rootfs",
    "saved": "archives.files:open_saved",
}
"""The module and function for each scheme, the most used first; imported when needed, because start-up time counts."""
_TRANSPORTS = {"docker-archive": "archive", "oci-archive": "archive", "oci": "oci", "dir": "oci"}
"""Other tools' names of schemes: skopeo writes them with a colon, dive with ``://``."""
_ENGINE_TRANSPORTS = {"docker-daemon": "docker", "containers-storage": "podman"}
"""skopeo's names of engines. They need no path, and no image has them."""


def open_image(request: Request) -> Image:
    """Opens the image that a reference names.

    The watcher gets the progress of slow work, and may get a preview of the image. Raises ImageError if the image
    cannot be found, reached or read, UsageError for an invalid reference, and ChoiceNeeded if several images fit.
    """
    scheme, separator, name = request.reference.partition("://")
    if not separator:
        return _open_bare(request)
    scheme = _TRANSPORTS.get(scheme, scheme)
    if scheme in _ENGINE_TRANSPORTS:
        scheme = _ENGINE_TRANSPORTS[scheme]
        request = replace(request, reference=f"{scheme}://{name}")
    if scheme not in SCHEMES:
        schemes = ", ".join(f"{known}://" for known in SCHEMES)
        raise UsageError(
            f"unknown kind of reference “{printable(scheme)}://”",
            did_you_mean(
                f"{similar}://{name}" if (similar := nearest(scheme, SCHEMES)) else None,
                f"Supported are {schemes}, a path, a name in an engine, - and demo.",
            ),
        )
    if not name:
        raise UsageError(f"“{printable(request.reference)}” names no image", f"Add the name: {scheme}://NAME")
    return _source(SCHEMES[scheme])(replace(request, name=name))


def open_identity(request: Request) -> Image:
    """Opens an image for its ID, its configuration and its layers' digests alone.

    Each layer counts as cached, so that no layer is saved or downloaded. Raises the errors of ``open_image``.
    """
    return open_image(replace(request, is_cached=lambda _: True))


def path_of(reference: str) -> Path | None:
    """Returns the path that a reference names; None if it names no path."""
    scheme, separator, name = reference.partition("://")
    if separator:
        is_path = SCHEMES.get(_TRANSPORTS.get(scheme, scheme), "").startswith("archives.")
        return split_tag(name)[0] if is_path else None
    transport, _, name = reference.partition(":")
    path = split_tag(name if transport in _TRANSPORTS else reference)[0]
    return path if looks_like_path(reference) or transport in _TRANSPORTS or holds_images(path) else None


def _open_bare(request: Request) -> Image:
    """Opens ``demo``, ``-``, a path that holds images, or a name in an engine."""
    reference = request.reference
    if not reference:
        raise UsageError("the reference is empty", "Name an image, a path, or demo.")
    if reference == "demo":
        return _source("demo:open_demo")(request)
    if reference == "-":
        return _source("archives.files:open_standard_input")(request)
    transport, _, name = reference.partition(":")
    if transport in _ENGINE_TRANSPORTS and name:
        scheme = _ENGINE_TRANSPORTS[transport]
        return open_image(replace(request, reference=f"{scheme}://{name}", name=name))
    if transport in _TRANSPORTS and (looks_like_path(name) or exists(split_tag(name)[0])):
        return _source(SCHEMES[_TRANSPORTS[transport]])(replace(request, name=name))
    path, _ = split_tag(reference)
    is_path = looks_like_path(reference)
    if is_path and not exists(path):
        raise ImageNotFound(
            f"there is no file {printable(reference)}",
            did_you_mean(similar_path(reference), "Name an archive, an OCI layout directory, or an image."),
        )
    if is_path or holds_images(path):
        return _open_path(path, request, is_path=is_path)
    try:
        return _source("engines.image:open_by_name")(request)
    except ImageError as error:
        if exists(path):
            error.hint = f"{printable(str(path))} here is neither an archive nor a layout. {error.hint}"
        raise


def _open_path(path: Path, request: Request, *, is_path: bool) -> Image:
    """Opens a path; names the engine if the path lacks the image."""
    if not (path.is_file() or path.is_fifo() or path.is_dir()):
        raise UnreadableImage(
            f"{printable(request.reference)} is neither a file nor a directory",
            "Name an archive or an OCI layout directory.",
        )
    try:
        return _source(SCHEMES["oci" if path.is_dir() else "archive"])(request)
    except ImageNotFound as error:
        if not is_path:
            error.hint += f"\nFor an image in the engine: docker://{printable(request.reference)}"
        raise


def _source(location: str) -> Callable[[Request], Image]:
    module, _, function = location.partition(":")
    source: Callable[[Request], Image] = getattr(import_module(f"explorer.sources.{module}"), function)
    return source
