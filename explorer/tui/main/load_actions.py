"""Loads the image, also again for another platform."""

from __future__ import annotations

from textual import work

from explorer.config.settings import Settings
from explorer.model import Image, Variant
from explorer.tui.loading import Load, load_in_thread
from explorer.tui.main.image_screen import ImageScreen


class LoadActions(ImageScreen):
    """Loads the image in a thread; the screen gets the messages."""

    def __init__(self, reference: str, load: Load, settings: Settings = Settings()) -> None:  # noqa: B008 - it is frozen
        super().__init__(reference, settings)
        self._load = load
        self.variants: tuple[Variant, ...] = ()
        """The image for its platforms; empty if only one is known."""
        self.platform = ""
        """The platform of the image that is shown or loaded; empty if unknown."""
        self.wanted_layer: int | None = None
        """The layer that the user opened while layers were read; it comes next."""

    def on_mount(self) -> None:
        self.load_image()

    @work(exclusive=True, group="load", exit_on_error=False)
    async def load_image(self, platform: str | None = None) -> None:
        """Loads the image until the screen closes."""
        await load_in_thread(self._load, platform, self.post_message, lambda: self.wanted_layer)

    def note_platforms(self, image: Image) -> None:
        """Remembers the other platforms of the image."""
        self.platform = image.variant or image.platform
        self.variants = image.variants or self.variants
        self.refresh_bindings()
