"""The list of images: keys, clicks and segments of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.text.printable import printable
from explorer.tui.availability import Availability
from explorer.tui.images.image_columns import IMAGE_CELLS, IMAGE_COLUMNS, ImageFacts
from explorer.tui.images.image_words import row_words
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Columns
from explorer.tui.widgets.grouped_list import GroupedList
from explorer.viewmodel.image_catalog import ImageCatalog, ImageRow
from explorer.viewmodel.image_rows import ImageRows, ImagesView, image_rows


class ImageList(GroupedList[ImageRow]):
    """The list of the images that can be opened."""

    HELP = """\
    # Images

    The images of your engines, what you opened before, and the demo. **{images.open}** opens an image,
    **{app.leave}** comes back. This program never removes an image.

    *size* is all layers of the image, *shared* the layers that another image has, too, and *unique* the others. *freed*
    is what the engine frees if you remove the image with all its names: nothing while a container uses it. *wasted*
    is known once the image was read: **{images.read-waste}** reads the selected image, **{images.read-all-waste}**
    all that show, in the background. **{images.stop}** stops that.

    **{images.mark}** marks images. The line below the list has what removing all of them would free, which is more than
    the sum if they share layers. **{images.mark-all}** marks all that show, or removes their marks.
    **{images.copy-removal}** copies the command that would remove the marked images, for you to run.
    **{images.compare}** compares the two marked images, or the marked and the selected one; the older one is the old
    image.

    **{images.sort}** sorts by age, size, freed, wasted or name, **{images.reverse}** reverses the order.
    **{images.filter}** filters: `word`, a part of a name or ID; `shop*`, a glob; `engine:docker`, `engine:podman`;
    `is:` marked, untagged, used, opened, missing or read; `size>1G`, also `shared`, `unique`, `freed` and `wasted`;
    `-term` does not match.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", tooltip="Open the image", id="images.open"),
        # Here, so that a narrow footer names it beside the key that opens.
        Binding("w", "screen.read_waste", "Read waste", tooltip="Read the waste of the image", id="images.read-waste"),
        Binding("space", "mark", "Mark", tooltip="Mark the image, or remove the mark", id="images.mark"),
        Binding("y", "copy_name", "Copy", tooltip="Copy the name of the image", id="images.copy"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"image--mark", "image--waste", "image--muted"}

    MUTED_STYLE = "image--muted"
    NO_ITEM = "No image is selected."

    @dataclass
    class Chosen(Message):
        """Asks to open an image."""

        row: ImageRow

    @dataclass
    class Marked(Message):
        """Asks to mark an image, or to remove its mark."""

        row: ImageRow

    rows = ImageRows()
    all_columns = IMAGE_COLUMNS
    catalog = ImageCatalog()
    view = ImagesView()

    def __init__(self) -> None:
        super().__init__("image-list", row_words)
        self.waste_words: Mapping[str, str] = {}
        """Reference of an image to the words in the place of its wasted bytes."""

    def show(
        self, catalog: ImageCatalog, view: ImagesView, waste_words: Mapping[str, str], *, keeps_row: bool = True
    ) -> None:
        """Shows images, on the selected one unless they are sorted in another way."""
        is_sorted = (view.order, view.is_reversed) != (self.view.order, self.view.is_reversed)
        self.catalog, self.view, self.waste_words = catalog, view, waste_words
        self.refold(keeps_row=keeps_row and not is_sorted)

    def update_rows(self) -> None:
        self.rows = image_rows(self.catalog, self.view)

    def item_cells(self, item: ImageRow, columns: Columns) -> list[Segment]:
        is_marked = item.reference in self.view.marked
        return self.cells(IMAGE_CELLS, ImageFacts(item, is_marked, self.waste_words.get(item.reference, "")), columns)

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        item = self.selected
        if action in ("mark", "copy_name"):
            return item is not None or self.NO_ITEM
        if action == "choose" and item is not None and item.is_missing:
            return "This file is not there any more."
        return super().availability(action, parameters)

    def action_choose(self) -> None:
        if self.selected is not None:
            self.post_message(self.Chosen(self.selected))

    def action_mark(self) -> None:
        if self.selected is not None:
            self.post_message(self.Marked(self.selected))
            self.cursor += 1

    def action_copy_name(self) -> None:
        if self.selected is not None:
            image = self.selected.image
            copy(self, printable(image.tags[0] if image is not None and image.tags else self.selected.name))

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor is there
        if self.check_action("choose", ()):
            self.action_choose()
