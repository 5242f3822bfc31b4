"""What the main screen shows and where: layers and their details, and beside them the files, the waste or the image.

All of it follows from the image, as far as the loading worker has told of it, and from the one frozen View.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from explorer.analysis.comparison import compared
from explorer.analysis.filter.query import EVERYTHING
from explorer.analysis.path_history import history
from explorer.config.settings import PANES, Settings
from explorer.model import Image, Kind, Waste
from explorer.tui.files.file_tree import FileTree
from explorer.tui.files.files_pane import FilesPane, describe
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.history.history_items import history_items
from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.main.header import ImageHeader, ImageSummary
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.loading_pane import OPENING, LoadingPane
from explorer.tui.main.splitter import WIDE, Splitter
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.filter_bar import FilterInput
from explorer.tui.widgets.footer import KeysFooter
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from explorer.layers.tree import Node
    from explorer.model import Entry
    from explorer.pipeline import Exploration
    from explorer.tui.loading import Found, LayerRead, Loaded, Progressed
    from explorer.viewmodel.view_cache import ViewCache


class Panes(Screen[None]):
    """The panes of the main screen, shown anew whenever the view or the image is another."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (50, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - so does Textual declare it
    AUTO_FOCUS = "#layer-list"

    view: var[View] = var(View(0), init=False)
    pane: var[str] = var("files", init=False)

    def __init__(self, reference: str, settings: Settings = Settings()) -> None:  # noqa: B008 - it is frozen
        super().__init__()
        self.reference = reference
        self._settings = settings
        self.set_reactive(Panes.view, View.starting(settings))
        self.set_reactive(Panes.pane, settings.pane)
        self.image: Image | None = None
        self._views: ViewCache | None = None
        self._bytes_read: dict[int, int] = {}
        """Layer to the bytes it ships, for the layers that have been read."""
        self._go_to: Node | None = None
        self._walked: Node | None = None
        """The path whose way through the layers shows."""

    def compose(self) -> ComposeResult:
        yield ImageHeader()
        with Splitter(self._settings.left_percent, self._settings.top_percent):
            with Container(id="left"):
                yield LayersPane()
                yield Details()
            with ContentSwitcher(initial="loading", id="right"):
                yield LoadingPane(id="loading")
                yield FilesPane(id="files")
                yield WastePane(id="waste")
                yield ImagePane()
        yield HistoryBar()
        yield KeysFooter()

    def on_resize(self) -> None:
        # A text wrapped anew while the panes are laid out may ask in vain for another height.
        self.call_after_refresh(self.refresh, layout=True)

    def on_mount(self) -> None:
        self.query_one(LayerList).hides_empty = not self._settings.empty_steps
        self._show_summary()
        self._show_titles()

    @property
    def focus_chain(self) -> list[Widget]:
        """Layers, files, and the details and the path's history last."""
        last = (Details, HistoryBar)
        return sorted(super().focus_chain, key=lambda widget: isinstance(widget, last))

    # What the loading worker tells

    def start_again(self) -> None:
        """Forget the image, but not how it is looked at: another one is being loaded."""
        self.image = self._views = None
        self.set_reactive(Panes.view, replace(self.view, layer=0, base=None, query=EVERYTHING))
        self.query_one(LayerList).clear()
        self.query_one(LoadingPane).progress = OPENING
        self._show_summary()
        self._show_pane()
        self.refresh_bindings()

    def on_found(self, message: Found) -> None:
        """Show what is known before the layers are read. The application hears of it too."""
        self.image = message.image
        self._bytes_read.clear()
        top = max(0, len(message.image.layers) - 1)
        self.set_reactive(Panes.view, replace(self.view, layer=top))
        self._show_summary()
        self._show_layers()
        self.query_one(LayerList).select(top)
        self._show_details()
        self.query_one(ImagePane).show(message.image, None)

    def on_progressed(self, message: Progressed) -> None:
        message.stop()
        self.query_one(LoadingPane).progress = message.progress

    def on_layer_read(self, message: LayerRead) -> None:
        message.stop()
        self._bytes_read[message.number] = message.bytes
        self._show_layers()
        if message.number == self.view.layer:
            self._show_details()

    def on_loaded(self, message: Loaded) -> None:
        """Show everything."""
        message.stop()
        self._views = ViewCache(message.exploration)
        self.image = message.exploration.image
        self.set_reactive(
            Panes.view, replace(self.view, layer=max(0, min(self.view.layer, message.exploration.tree.top)))
        )
        contents = message.exploration.contents
        self.query_one(FilesPane).contents = self.query_one(WastePane).contents = contents
        self._show_summary()
        self._show_layers()
        self._show_details()
        self._show_files()
        self.query_one(WastePane).show(message.exploration, self.view.layer)
        self.query_one(ImagePane).show(self.image, message.exploration)
        self._show_pane()
        self.refresh_bindings()

    # What follows from another view

    def watch_view(self, old: View, new: View) -> None:
        layers = self.query_one(LayerList)
        if old.base != new.base:
            layers.mark(new.base)
        if old.layer != new.layer:
            layers.follow(new.layer)
            self.query_one(WastePane).look_at(new.layer)
            self._show_details()
        self._show_files()
        self._show_titles()
        # The sums can wait until the files are seen.
        self.call_after_refresh(self._show_comparison)
        # While somebody types a filter the keys are those of typing, until the focus moves.
        is_filtered = bool(old.query) is not bool(new.query) and not isinstance(self.focused, FilterInput)
        if is_filtered or (old.base is None, bool(old.hidden)) != (new.base is None, bool(new.hidden)):
            self.refresh_bindings()

    def watch_pane(self) -> None:
        self._show_pane()
        self.refresh_bindings()

    @property
    def _exploration(self) -> Exploration | None:
        return self._views.exploration if self._views is not None else None

    def _show_summary(self) -> None:
        self.query_one(ImageHeader).summary = ImageSummary.of(self.reference, self.image, self._exploration)
        self._show_comparison()

    def _show_layers(self) -> None:
        if self.image is not None:
            self.query_one(LayerList).show(self.image, self._bytes_read, self._exploration)
            self.query_one(LayersPane).tell_hidden()

    def _show_details(self) -> None:
        line = self.query_one(LayerList).selected
        if self.image is not None and line is not None:
            self.query_one(Details).show(self.image, line, self._exploration, self._bytes_read.get(line.layer))

    def _show_comparison(self) -> None:
        header = self.query_one(ImageHeader)
        if self._views is None or self.view.base is None:
            header.comparison = None
            return
        known, views = header.comparison, self._views
        if known is None or (known.base, known.layer) != (self.view.base, self.view.layer):
            header.comparison = compared(views.exploration.tree, views.of(self.view).nodes.changes)

    def _show_files(self) -> None:
        if self._views is None:
            return
        go_to, self._go_to = self._go_to, None
        figures = next((each for each in self._views.exploration.layers if each.layer.number == self.view.layer), None)
        self.query_one(FilesPane).show(self._views, self.view, figures, go_to)

    def _show_pane(self) -> None:
        right = self.query_one("#right", ContentSwitcher)
        is_ready = self._views is not None or (self.pane == "image" and self.image is not None)
        before = right.current
        right.current = self.pane if is_ready else "loading"
        if right.current != before and right.has_focus_within:
            self.focus_pane()
        self._show_titles()
        self._show_history()

    def _show_titles(self) -> None:
        tabs = []
        for pane in PANES:
            style = "bold underline $key" if pane == self.pane else "$muted"
            tabs.append(f"[@click=screen.pane('{pane}')] [{style}]{pane.title()}[/] [/]")
        right = self.query_one("#right", ContentSwitcher)
        right.border_title = "[$faint]│[/]".join(tabs)
        right.border_subtitle = describe(self.view) if self._views is not None and self.pane == "files" else Content("")

    def focus_pane(self) -> None:
        """Go to the right side, at once, so that the next key, however soon, goes there."""
        focus: dict[str | None, type[Widget]] = {"files": FileTree, "waste": WasteList, "image": ImagePane}
        current = self.query_one("#right", ContentSwitcher).current
        self.set_focus(self.query_one(focus.get(current, LoadingPane)))

    def _show_history(self) -> None:
        line = self.query_one(HistoryBar)
        self._walked = None
        if self._views is None or self.pane == "image":
            line.show("", ())
        elif self.pane == "waste":
            waste = self.query_one(WasteList)
            item = waste.selected
            node = self._views.exploration.tree.find(item.path) if isinstance(item, Waste) else None
            if isinstance(item, Waste) and node is not None:
                # The row is about what this layer shipped, whichever is selected in the list.
                self._show_way(self._views.exploration, node, node.entry_at(item.shipped_in), item.shipped_in)
            else:
                line.show(*waste.description)
        else:
            tree = self.query_one(FileTree)
            row = tree.selected
            if row is None or tree.visible_tree is None:
                line.show("", ())
            else:
                self._show_way(
                    self._views.exploration, row.node, tree.visible_tree.nodes.entry(row.node), self.view.layer
                )

    def _show_way(self, exploration: Exploration, node: Node, entry: Entry | None, layer: int) -> None:
        """Show a path's way through the layers; ``entry`` is what it is at this layer."""
        self._walked = node
        moments = list(history(exploration.directories, exploration.sizes, node))
        is_directory = entry is not None and entry.kind is Kind.DIRECTORY
        is_there = self.pane == "files"
        self.query_one(HistoryBar).show(node.path, history_items(moments, is_directory), layer, is_there=is_there)
