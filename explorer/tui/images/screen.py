"""The list of images: the first screen if no image is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import getters, on, work
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.message import Message

from explorer.model import Watcher
from explorer.tui.app import ExplorerApp
from explorer.tui.availability import Availability
from explorer.tui.images.image_list import ImageList
from explorer.tui.images.waste_actions import WasteActions
from explorer.tui.palette import ActionProvider
from explorer.tui.read_in_thread import read_in_thread
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.viewmodel.image_catalog import ENGINES, ImageCatalog
from explorer.viewmodel.image_rows import ImageOrder, compared_pair, removal_command_of
from explorer.viewmodel.word_query import ALL_ROWS, WordQuery

_NOTHING_TO_REMOVE = "No engine can remove these: containers use them, or they are in no engine."


class ImagesScreen(WasteActions):
    """The images of the engines, those opened before, and the demo."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", tooltip="Show only what matches", id="images.filter"),
        Binding("s", "sort_images", "Sort", tooltip="Sort by age, size, freed, wasted or name", id="images.sort"),
        Binding("S", "reverse_images", show=False, tooltip="Reverse the order", id="images.reverse"),
        Binding("W", "read_all_waste", "Of all", tooltip="Read the waste of all that show", id="images.read-all-waste"),
        Binding("m", "compare_images", "Compare", tooltip="Compare the marked images", id="images.compare"),
        Binding("a", "mark_all", "Mark all", tooltip="Mark all that show, or remove their marks", id="images.mark-all"),
        Binding(
            "Y",
            "copy_removal",
            "Copy rmi",
            tooltip="Copy the command that would remove the marked images",
            id="images.copy-removal",
        ),
        Binding("u", "unmark_all", "Unmark", tooltip="Remove all marks", id="images.unmark"),
        Binding("r", "reload", "Reload", tooltip="Ask the engines again", id="images.reload"),
        Binding("escape", "stop_waste", "Stop", tooltip="Stop reading the waste", id="images.stop"),
        Binding("escape", "clear_filter", "Clear filter", tooltip="Clear the filter", id="images.clear-filter"),
    ]

    FIRST_ACTIONS = ("mark", "compare_images", "read_waste")

    @dataclass
    class EnginesAnswered(Message):
        """One more engine has answered."""

        catalog: ImageCatalog

    app = getters.app(ExplorerApp)

    def on_mount(self) -> None:
        self.catalog = self.access.known()
        self._reload()

    def on_screen_resume(self) -> None:
        """Shows what became known while another screen showed."""
        if self.catalog.is_read:
            self.catalog = self.catalog.with_known(self.access.known())

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides actions without a meaning now, and dims those that wait."""
        if not self.is_mounted:
            # Keys arrive from the moment that a screen is on the stack.
            return False
        if action == "reload":
            return self.catalog.is_read or "The engines are being asked."
        if action == "compare_images":
            pair = compared_pair(self.marked, self.images.selected)
            return pair if isinstance(pair, str) else True
        if action == "mark_all":
            return bool(self.images.count) or self.images.NO_ITEM
        if action == "copy_removal":
            return bool(removal_command_of(self.catalog, self.removable)) or _NOTHING_TO_REMOVE
        if action == "unmark_all":
            return bool(self.view.marked)
        if action == "filter" and self.is_filter_typed:
            return False
        if action == "clear_filter":
            return bool(self.view.query) or self.is_filter_typed
        return super().availability(action, parameters)

    # The images

    def action_reload(self) -> None:
        self._reload()

    @work(exclusive=True, group="engines")
    async def _reload(self) -> None:
        """Asks the engines in a thread; the rows of each stay until it answers."""

        def ask(watcher: Watcher) -> None:
            for catalog in self.access.read(watcher):
                self.post_message(self.EnginesAnswered(catalog))

        self.catalog = replace(self.catalog, waiting=ENGINES)
        problem = await read_in_thread(ask, lambda _: None)
        if problem:
            self.notify(problem, title="The engines cannot be asked", severity="error", markup=False)
            self.catalog = replace(self.catalog, waiting=())

    def on_images_screen_engines_answered(self, message: EnginesAnswered) -> None:
        """Shows the images of the engines that have answered."""
        message.stop()
        self.catalog = message.catalog.after(self.catalog)

    @on(ImageList.Chosen)
    def open_image(self, message: ImageList.Chosen) -> None:
        """Shows an image above the list."""
        message.stop()
        reference = message.row.reference
        self.app.open_image(reference, self.access.load(reference))

    def action_compare_images(self) -> None:
        """Shows the comparison of two images above the list."""
        pair = compared_pair(self.marked, self.images.selected)
        if not isinstance(pair, str):
            old, new = (row.reference for row in pair)
            self.app.open_comparison(old, new, self.access.compare(old, new))

    @on(ImageList.CursorMoved)
    def follow_row(self, message: ImageList.CursorMoved) -> None:
        """Shows more about the selected image."""
        message.stop()
        self.show_states()

    # Order, marks and filter

    @on(ColumnHeaders.Clicked)
    def sort_by_header(self, message: ColumnHeaders.Clicked) -> None:
        """Sorts by a column, or reverses its order."""
        message.stop()
        self.action_sort_images(message.key)

    def action_sort_images(self, order: str = "") -> None:
        """Sorts the images in an order, reversed if they have that one, or in the next."""
        self.view = self.view.sorted_by(ImageOrder(order) if order else self.view.order.following)

    def action_reverse_images(self) -> None:
        self.view = self.view.sorted_by(self.view.order)

    @on(ImageList.Marked)
    def mark(self, message: ImageList.Marked) -> None:
        """Marks an image, or removes its mark."""
        message.stop()
        self.view = self.view.with_toggled_mark(message.row.reference)

    def action_mark_all(self) -> None:
        """Marks all images that show, or removes their marks if all are marked."""
        self.view = self.view.with_all_toggled({row.item.reference for row in self.images.rows.rows})

    def action_copy_removal(self) -> None:
        """Copies the command that would remove the marked images; nothing is removed."""
        copy(self, removal_command_of(self.catalog, self.removable))

    def action_unmark_all(self) -> None:
        self.view = replace(self.view, marked=frozenset())

    def action_filter(self) -> None:
        self.query_one(FilterBar).open()

    def action_keep_filter(self) -> None:
        """Filters by the typed text and moves the focus to the rows, unless it is invalid."""
        query = self.query_one(FilterBar).keep()
        if isinstance(query, WordQuery):
            self.view = replace(self.view, query=query)

    def action_move_filtered(self, lines: int) -> None:
        self.query_one(FilterBar).move(lines)

    def action_clear_filter(self) -> None:
        self.query_one(FilterBar).clear()
        self.view = replace(self.view, query=ALL_ROWS)

    @on(FilterBar.QueryChanged)
    def filter_as_typed(self, message: FilterBar.QueryChanged) -> None:
        """Filters while the expression is typed, by the last valid one."""
        message.stop()
        if isinstance(message.query, WordQuery):
            self.view = replace(self.view, query=message.query)
