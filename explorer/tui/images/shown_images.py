"""The screen of the list of images as such: its widgets, and what they show."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from explorer.analysis.engine_images.storage import StorageTotal
from explorer.config.settings import Settings
from explorer.tui.content_screen import ContentScreen
from explorer.tui.images.image_access import ImageAccess
from explorer.tui.images.image_list import ImageList
from explorer.tui.images.image_words import (
    asking_words,
    details,
    headline,
    marked_words,
    no_rows_words,
    problem_words,
    totals_words,
)
from explorer.tui.key_words import with_keys
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.filter_bar import FilterBar, FilterInput
from explorer.tui.widgets.footer import KeysFooter
from explorer.viewmodel.image_catalog import ImageCatalog, ImageRow
from explorer.viewmodel.image_filter import parse_images
from explorer.viewmodel.image_rows import ImagesView, marked_rows, most_shared, removal_of, totals_of

_PLACEHOLDER = "name  shop*  engine:docker  size>1G  is:untagged  -not"
_MIN_HEIGHT_WITH_HEADERS, _MIN_HEIGHT_WITH_PROBLEMS, _MIN_HEIGHT_WITH_TOTALS = 9, 14, 14


class ShownImages(ContentScreen):
    """Shows the images: a change of view or catalogue changes the widgets."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (50, "-narrow"), (100, "-wide")]  # noqa: RUF012 - so does Textual declare it
    AUTO_FOCUS = "#image-list"

    reference = "the images"
    view: var[ImagesView] = var(ImagesView(), init=False)
    catalog: var[ImageCatalog] = var(ImageCatalog(), init=False)

    def __init__(self, access: ImageAccess, settings: Settings = Settings()) -> None:  # noqa: B008 - it is frozen
        super().__init__()
        self.access = access
        self.settings = settings
        self.waste_words: dict[str, str] = {}
        """Reference of an image to the words in the place of its wasted bytes."""
        self.waste_problems: dict[str, str] = {}
        """Key of an image to the reason why its waste cannot be read; printable."""
        self._waiting: list[ImageRow] = []
        """The images whose waste is read next."""
        self.progress_words = ""
        """The words about the waste that is being read; empty if none is."""
        self._totals: Sequence[StorageTotal] = ()
        """The sums of the images that show."""

    def compose(self) -> ComposeResult:
        images = ImageList()
        yield Static(id="images-headline")
        yield Static(id="images-problems")
        yield FilterBar(parse_images, images, _PLACEHOLDER)
        yield ColumnHeaders()
        yield Static(id="images-empty")
        yield images
        yield Static(id="images-marked")
        yield Static(id="images-details")
        yield KeysFooter()

    @property
    def images(self) -> ImageList:
        """The list."""
        return self.query_one(ImageList)

    @property
    def marked(self) -> Sequence[ImageRow]:
        """The marked images, those that do not pass the filter included."""
        return marked_rows(self.images.rows.all_rows, self.view.marked)

    @property
    def removable(self) -> Sequence[ImageRow]:
        """The marked images, or the selected one if none is marked."""
        selected = self.images.selected
        return self.marked or ([selected] if selected is not None else [])

    @property
    def is_filter_typed(self) -> bool:
        """True while the focus is in the line of the filter."""
        return isinstance(self.focused, FilterInput)

    def watch_view(self) -> None:
        self.show_images()

    def watch_catalog(self) -> None:
        self.show_images()

    def on_resize(self) -> None:
        # The widgets have their new sizes only then.
        self.call_after_refresh(self.show_images)

    def show_images(self) -> None:
        """Shows the catalogue as the view has it."""
        images, view = self.images, self.view
        images.show(self.catalog, view, self.waste_words, keeps_row=not self.is_untouched)
        found = f"{images.rows.matches:,} of {len(images.rows.all_rows):,}" if images.count else "no match"
        self.query_one(FilterBar).show(view.query.text, found if view.query else "")
        heads = self.query_one(ColumnHeaders)
        heads.display = bool(images.count) and self.size.height >= _MIN_HEIGHT_WITH_HEADERS
        heads.show(images.columns.headers, view.order.value, view.is_reversed)
        empty = self.query_one("#images-empty", Static)
        empty.display = not images.count
        # Not hidden, because it keeps the focus.
        images.styles.height = None if images.count else 1
        if not images.count:
            words = with_keys(self, no_rows_words(view)) if self.catalog.is_read else asking_words(self.catalog)
            empty.update(Content(words))
        has_room = self.size.height >= _MIN_HEIGHT_WITH_PROBLEMS or not self.catalog.storage.images
        self._update("#images-problems", problem_words(self.catalog) if has_room else Content(""))
        rows = [row.item for row in images.rows.rows]
        self._totals = totals_of(self.catalog, rows) if self.size.height >= _MIN_HEIGHT_WITH_TOTALS else []
        self.query_one("#images-headline", Static).update(headline(self.catalog, self._room))
        self.show_states()

    def show_states(self) -> None:
        """Shows the lines below the list: the marked images, and the selected one."""
        marked, selected = self.marked, self.images.selected
        words = Content(self.progress_words)
        if not words and not marked:
            words = totals_words(self._totals, self._room)
        elif not words:
            words = marked_words(marked, removal_of(self.catalog, marked), self._room)
        self._update("#images-marked", words)
        problem = self.waste_problems.get(selected.key, "") if selected is not None else ""
        shown = Content("")
        if selected is not None:
            shown = details(selected, problem, most_shared(self.catalog, selected), self._room)
        self.query_one("#images-details", Static).update(shown)
        self.refresh_bindings()

    @property
    def _room(self) -> int:
        """The cells of a line of words."""
        return max(1, self.size.width - 2)

    def _update(self, selector: str, words: Content) -> None:
        """Shows words in a line of its own, which is only there for them."""
        line = self.query_one(selector, Static)
        line.display = bool(words)
        line.update(words)
