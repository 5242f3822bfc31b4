"""The images to open: those of engines, those opened before, and the demo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from explorer.analysis.engine_images.listed_image import ListedImage
from explorer.analysis.engine_images.storage import EngineStorage, StorageUsage
from explorer.model import EngineImage, EngineListing
from explorer.text.image_names import short_name

DEMO = "demo"
"""The reference of the built-in image."""
ENGINES = ("docker", "podman")
_UNKNOWN = StorageUsage(None, None, None)


@dataclass(frozen=True, slots=True)
class OpenedBefore:
    """An image outside of engines that was opened before."""

    reference: str
    name: str
    """The reference as the user typed it; not printable."""
    kind: str
    """The place where it is: ``file`` or ``registry``."""
    opened: datetime
    is_missing: bool = False
    """True if there is no such file any more."""
    wasted_bytes: int | None = None
    """None if unknown."""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image."""

    reference: str
    """The reference that opens it; not printable."""
    name: str
    """Not printable."""
    place: str
    """The engine, ``file``, ``registry`` or ``built in``."""
    usage: StorageUsage = _UNKNOWN
    wasted_bytes: int | None = None
    """None if it was not read."""
    image: EngineImage | None = None
    before: OpenedBefore | None = None

    @property
    def key(self) -> str:
        """The name of what was read: another image may get the same tag."""
        return self.reference if self.image is None else self.image.id

    @property
    def bytes(self) -> int | None:
        """The bytes of the layers; None if unknown."""
        return None if self.image is None else self.image.bytes

    @property
    def created(self) -> datetime | None:
        """The time of creation; None if unknown."""
        return None if self.image is None else self.image.created

    @property
    def other_names(self) -> Sequence[str]:
        """The names of the same image beside the first one; not printable."""
        return () if self.image is None else (*self.image.tags, *self.image.digests)[1:]

    @property
    def is_untagged(self) -> bool:
        """True if an engine has no name for it."""
        return self.image is not None and self.image.is_untagged

    @property
    def is_used(self) -> bool:
        """True if a container uses it."""
        return self.image is not None and bool(self.image.containers)

    @property
    def is_missing(self) -> bool:
        """True if it is a file that is not there."""
        return self.before is not None and self.before.is_missing

    @property
    def listed(self) -> ListedImage:
        """The image as the filter takes it."""
        image = self.image or EngineImage(self.place, self.reference, (self.name,))
        return ListedImage(image, self.usage, self.wasted_bytes)


@dataclass(frozen=True, slots=True)
class ImageCatalog:
    """The images that can be opened, and what is known of them."""

    storage: EngineStorage = field(default_factory=lambda: EngineStorage(()))
    """The images of the engines that answered."""
    problems: Sequence[EngineListing] = ()
    """The engines that did not answer, or not completely."""
    waiting: Sequence[str] = ENGINES
    """The engines that have not answered yet."""
    opened: Sequence[OpenedBefore] = ()
    """The last one first."""
    known_waste: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """Diff IDs of an engine's image to the bytes that it wastes, for those that were opened before."""
    read_waste: Mapping[str, int] = field(default_factory=dict)
    """Key of an image to the bytes that it wastes, for those that were read for the list."""

    @property
    def is_read(self) -> bool:
        """True once all engines have answered."""
        return not self.waiting

    def rows(self) -> Iterator[ImageRow]:
        """Yields one row for each image."""
        for image in self.storage.listed:
            reference, usage = image.reference, self.storage.usage(image)
            wasted_bytes = self.read_waste.get(image.id, self.known_waste.get(image.diff_ids or ()))
            yield ImageRow(reference, image_name(image), image.engine, usage, wasted_bytes, image)
        for each in self.opened:
            wasted_bytes = self.read_waste.get(each.reference, each.wasted_bytes)
            yield ImageRow(each.reference, each.name, each.kind, wasted_bytes=wasted_bytes, before=each)
        yield ImageRow(DEMO, DEMO, "built in", wasted_bytes=self.read_waste.get(DEMO))

    def with_waste(self, key: str, bytes_: int) -> ImageCatalog:
        """Returns the catalogue with the waste of one more image."""
        return replace(self, read_waste={**self.read_waste, key: bytes_})

    def after(self, before: ImageCatalog) -> ImageCatalog:
        """Returns the catalogue in place of an older one.

        The waste that was read stays, and so do the images of engines that have not answered yet.
        """
        kept = [image for image in before.storage.images if image.engine in self.waiting]
        storage = EngineStorage([*self.storage.images, *kept]) if kept else self.storage
        return replace(self, storage=storage, read_waste=before.read_waste)

    def with_known(self, known: ImageCatalog) -> ImageCatalog:
        """Returns the catalogue with the images that were opened in the meantime."""
        return replace(self, opened=known.opened, known_waste=known.known_waste)


def image_name(image: EngineImage) -> str:
    """Returns the short name of an image, or its short ID; not printable."""
    names = (*image.tags, *image.digests)
    if not names:
        return image.short_id
    return short_name(names[0].removeprefix("localhost/"))
