"""Sources of images: opens the image that a reference names.

A source supplies only what it naturally has: identity, configuration, history, and access to each layer's bytes.
No other package asks where an image comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from explorer.errors import ImageNotFound, UnreadableImage, UsageError
from explorer.model import Image
from explorer.sources.paths import looks_like_path, split_tag
from explorer.sources.request import Request
from explorer.text.printable import printable

SCHEMES = {
    "docker": "engines.image:open_in_engine",
    "podman": "engines.image:open_in_engine",
    "registry": "registries.registry:open_registry",
    "registry+http": "registries.registry:open_registry",
    "container": "engines.container:open_container",
    "archive": "archives.files:open_archive",
    "oci": "archives.directory:open_directory",
    "rootfs": "archives.files:open_rootfs",
}
"""The module and function for each scheme, the most used first; imported when needed, because start-up time counts."""
_TRANSPORTS = {"docker-archive": "archive", "oci-archive": "archive", "oci": "oci"}
"""Other tools' names of schemes: skopeo writes them with a colon, dive with ``://``."""


def open_image(request: Request) -> Image:
    """Opens the image that a reference names.

    The watcher gets the progress of slow work, and may get a preview of the image. Raises ImageError if the image
    cannot be found, reached or read, UsageError for an invalid reference, and ChoiceNeeded if several images fit.
    """
    scheme, separator, name = request.reference.partition("://")
    if not separator:
        return _open_bare(request)
    scheme = _TRANSPORTS.get(scheme, scheme)
    if scheme not in SCHEMES:
        schemes = ", ".join(f"{known}://" for known in SCHEMES)
        raise UsageError(
            f"unknown kind of reference “{printable(scheme)}://”",
            f"Supported are {schemes}, a path, a name in an engine, - and demo.",
        )
    if not name:
        raise UsageError(f"“{printable(request.reference)}” names no image", f"Add the name: {scheme}://NAME")
    return _source(SCHEMES[scheme])(replace(request, name=name))


def open_identity(request: Request) -> Image:
    """Opens an image for its ID, its configuration and its layers' digests alone.

    Each layer counts as cached, so that no layer is saved or downloaded. Raises the errors of ``open_image``.
    """
    return open_image(replace(request, is_cached=lambda _: True))


def _open_bare(request: Request) -> Image:
    """Opens ``demo``, ``-``, a path if it exists, and otherwise a name in an engine."""
    reference = request.reference
    if not reference:
        raise UsageError("the reference is empty", "Name an image, a path, or demo.")
    if reference == "demo":
        return _source("demo:open_demo")(request)
    if reference == "-":
        return _source("archives.files:open_standard_input")(request)
    transport, _, name = reference.partition(":")
    if transport in _TRANSPORTS and split_tag(name)[0].exists():
        return _source(SCHEMES[_TRANSPORTS[transport]])(replace(request, name=name))
    path, _ = split_tag(reference)
    if path.is_file() or path.is_fifo():
        return _source(SCHEMES["archive"])(request)
    if path.is_dir() and ((path / "index.json").exists() or looks_like_path(reference)):
        return _source(SCHEMES["oci"])(request)
    if looks_like_path(reference):
        if path.exists():
            raise UnreadableImage(
                f"{printable(reference)} is neither a file nor a directory",
                "Name an archive or an OCI layout directory.",
            )
        raise ImageNotFound(
            f"there is no file {printable(reference)}", "Name an archive, an OCI layout directory, or an image."
        )
    return _source("engines.image:open_by_name")(request)


def _source(location: str) -> Callable[[Request], Image]:
    module, _, function = location.partition(":")
    source: Callable[[Request], Image] = getattr(import_module(f"explorer.sources.{module}"), function)
    return source
