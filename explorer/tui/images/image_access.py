"""The functions that the list of images needs; the command line has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.model import Watcher
from explorer.tui.loading import Load
from explorer.viewmodel.image_catalog import ImageCatalog

if TYPE_CHECKING:
    from explorer.tui.compare.loading import PairLoad


@dataclass(frozen=True)
class ImageAccess:
    """Functions that read and open images.

    Those with a watcher run in a thread, and may raise ExplorerError.
    """

    known: Callable[[], ImageCatalog]
    """Returns what is known without the engines, at once."""
    read: Callable[[Watcher], Iterable[ImageCatalog]]
    """Asks the engines, too; one catalogue after each answer."""
    load: Callable[[str], Load]
    """Returns the function that loads the image of a reference."""
    compare: Callable[[str, str], PairLoad]
    """Returns the function that reads and compares the images of two references, the older one first."""
    wasted_bytes: Callable[[str, Watcher], int]
    """Reads an image, and returns the bytes that it wastes."""
