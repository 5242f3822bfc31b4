"""The list of images on the screen, for ``lx`` without an image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, NoReturn

from explorer import __version__
from explorer.cli.head_start import EarlyAnswers
from explorer.cli.image_options import RequestedImage
from explorer.cli.run_tui import run, screen_settings
from explorer.cli.shared_rules import shared_rules
from explorer.config.paths import cache_directory
from explorer.config.settings import Settings
from explorer.layers.cache import Cache
from explorer.layers.opened_images import OpenedImage, known_waste, opened_images
from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.sources.paths import looks_like_path, split_tag
from explorer.sources.request import LayerAccess

if TYPE_CHECKING:
    from explorer.tui.compare.loading import PairLoad
    from explorer.tui.content_screen import ContentScreen
    from explorer.tui.loading import Load
    from explorer.viewmodel.image_catalog import ImageCatalog, OpenedBefore

_REGISTRIES = ("registry", "registry+http")
_FILES = ("archive", "oci", "rootfs", "saved", "docker-archive", "oci-archive", "dir")


def show_images() -> NoReturn:
    """Shows the list until the user leaves it, then exits with its code."""
    settings, rules = screen_settings(), shared_rules({})
    requested = RequestedImage(
        "", None, LayerAccess.AUTO, Cache(cache_directory()), wanted_paths=rules.wanted_paths, rules=rules
    )

    def load_of(reference: str) -> Load:
        def load(watcher: Watcher, platform: str | None = None) -> Exploration:
            return replace(requested, reference=reference, platform=platform).explore(watcher)

        return load

    def compare_load(old: str, new: str) -> PairLoad:
        from explorer.cli.two_images import RequestedPair

        return RequestedPair(replace(requested, reference=old), replace(requested, reference=new)).compare

    begun = EarlyAnswers(read_images)

    def first(settings: Settings) -> ContentScreen:
        from explorer.tui.images.image_access import ImageAccess
        from explorer.tui.images.screen import ImagesScreen

        access = ImageAccess(
            known_images,
            begun,
            load_of,
            compare_load,
            lambda reference, watcher: load_of(reference)(watcher, None).usage.wasted_bytes,
        )
        return ImagesScreen(access, settings)

    run(first, settings)


def known_images() -> ImageCatalog:
    """Returns the images that are known without the engines."""
    from explorer.viewmodel.image_catalog import ImageCatalog

    directory = cache_directory()
    return ImageCatalog(opened=list(opened_before(opened_images(directory))), known_waste=known_waste(directory))


def read_images(watcher: Watcher) -> Iterator[ImageCatalog]:
    """Asks the engines for their images, and yields those of all that have answered.

    Raises Cancelled from the watcher.
    """
    from explorer.pipeline.engine_images import read_engine_images

    for found in read_engine_images(watcher, Cache(cache_directory())):
        yield replace(known_images(), storage=found.storage, problems=found.problems, waiting=found.waiting)


def opened_before(images: list[OpenedImage]) -> Iterator[OpenedBefore]:
    """Yields the files and registry images among those opened before, each once."""
    from explorer.viewmodel.image_catalog import OpenedBefore

    seen: set[str] = set()
    for image in images:
        reference, kind = _place(image)
        if not kind or reference in seen:
            continue
        seen.add(reference)
        wasted_bytes = None
        status = None
        if kind == "file":
            with suppress(OSError, ValueError):
                status = split_tag(reference.rpartition("://")[2])[0].stat()
            # Another program may have written another image there since.
            is_same = status is not None and S_ISREG(status.st_mode) and status.st_mtime < image.opened.timestamp()
            wasted_bytes = image.wasted_bytes if is_same and image.program == __version__ else None
        is_missing = kind == "file" and status is None
        yield OpenedBefore(reference, image.name, kind, image.opened, is_missing, wasted_bytes)


def _place(image: OpenedImage) -> tuple[str, str]:
    """Returns the reference that opens an image again, and its kind.

    Both are empty for an image of an engine.
    """
    scheme, separator, rest = image.name.rpartition("://")
    if scheme in _REGISTRIES:
        return image.name, "registry"
    is_file = bool(image.directory) or looks_like_path(rest)
    if not is_file or (scheme and scheme not in _FILES):
        return "", ""
    # Absolute paths and those of a home directory stay as they are.
    path = rest if rest.startswith("~") else str(Path(image.directory, rest))
    return f"{scheme}{separator}{path}", "file"
