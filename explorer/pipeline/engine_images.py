"""The images of all engines, and the bytes that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from explorer.analysis.engine_images.listed_image import ListedImage
from explorer.analysis.engine_images.storage import EngineStorage
from explorer.layers.cache import Cache
from explorer.model import EngineListing, Watcher
from explorer.sources.engines.listing import list_engine_images


@dataclass(frozen=True)
class EngineListings:
    """The answers of engines about their images."""

    listings: Sequence[EngineListing]
    waiting: Sequence[str] = ()
    """The engines that have not answered yet."""

    @cached_property
    def storage(self) -> EngineStorage:
        """The images, and the bytes that they share."""
        return EngineStorage(image for listing in self.listings for image in listing.images)

    def listed(self, wasted_bytes: Mapping[tuple[str, ...], int]) -> list[ListedImage]:
        """Returns the images that people know, with their figures.

        Args:
            wasted_bytes: The waste of images that were explored before, by their diff IDs.
        """
        return [
            ListedImage(image, self.storage.usage(image), wasted_bytes.get(image.diff_ids) if image.diff_ids else None)
            for image in self.storage.listed
        ]

    @cached_property
    def build_cache_bytes(self) -> int:
        """The known bytes of layers that the cache of a builder also keeps."""
        return sum(listing.build_cache_bytes or 0 for listing in self.listings)

    @cached_property
    def problems(self) -> Sequence[EngineListing]:
        """The listings with a problem.

        The absence of an engine is a problem only if no other engine answered.
        """
        answered = bool(self.waiting) or any(not listing.problem or listing.images for listing in self.listings)
        return [each for each in self.listings if each.problem and not (each.is_absent and answered)]


def read_engine_images(watcher: Watcher, cache: Cache | None) -> Iterator[EngineListings]:
    """Asks all engines for their images, at the same time.

    Yields the answers whenever an engine has answered, until all have. An engine that does not answer in time is a
    problem, and does not stop the others. The cache keeps the bytes of layers. Raises Cancelled from the watcher.
    """
    return (EngineListings(*answers) for answers in list_engine_images(watcher, cache=cache))
