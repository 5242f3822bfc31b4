"""The main screen: layers and their details, and beside them the files, the waste or the image.

It owns the one frozen View. Keys and clicks become messages or actions here, a new View follows from them, and
everything below is shown anew from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer

from explorer.model import Change, Image, Kind
from explorer.tui.commands import ExploreCommands
from explorer.tui.details import Details
from explorer.tui.file_tree import FileTree
from explorer.tui.files_pane import FilesPane, describe
from explorer.tui.headline import Facts, Headline
from explorer.tui.heads import Heads
from explorer.tui.history_line import HistoryLine, sentence, way
from explorer.tui.image_pane import ImagePane
from explorer.tui.layer_list import LayerList, LayersPane, lines
from explorer.tui.loading_pane import OPENING, LoadingPane
from explorer.tui.moments import history
from explorer.tui.view import Sort, View
from explorer.tui.waste_pane import WasteList, WastePane
from explorer.tui.waste_rows import REMEDIES, Group

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.command import Provider
    from textual.widget import Widget

    from explorer.layers.tree import Node
    from explorer.pipeline import Exploration
    from explorer.tui.loading import Found, LayerRead, Loaded, Progressed

PANES = ("files", "waste", "image")
_WIDE = 100
"""From this width on everything is side by side."""


class Explore(Screen[None]):
    """The screen of one image."""

    HORIZONTAL_BREAKPOINTS = ((0, "-tiny"), (50, "-narrow"), (_WIDE, "-wide"))  # type: ignore[assignment]
    VERTICAL_BREAKPOINTS = ((0, "-flat"), (14, "-tall"))  # type: ignore[assignment]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ExploreCommands}
    AUTO_FOCUS = "#layer-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.quit", "Quit", tooltip="Leave the program", id="explore.quit"),
        Binding("question_mark", "app.help", "Help", key_display="?", tooltip="Explain keys", id="explore.help"),
        Binding("f", "pane('files')", "Files", tooltip="Show the files", id="explore.files"),
        Binding("w", "pane('waste')", "Waste", tooltip="Show what was shipped for nothing", id="explore.waste"),
        Binding("i", "pane('image')", "Image", tooltip="Show what the image says of itself", id="explore.image"),
        Binding("s", "sort", "Sort", tooltip="Sort by size, name or change", id="explore.sort"),
        Binding("c", "changes_only", "Changes", tooltip="Show changes only, or also the rest", id="explore.changes"),
        Binding("m", "compare", "Compare", tooltip="Compare the layers with this one", id="explore.compare"),
        Binding("m", "stop_comparing", "Stop comparing", tooltip="Stop comparing", id="explore.stop-comparing"),
        Binding("1", "kind('added')", tooltip="Show or hide the added", show=False, id="explore.added"),
        Binding("2", "kind('modified')", tooltip="Show or hide the modified", show=False, id="explore.modified"),
        Binding("3", "kind('removed')", tooltip="Show or hide the removed", show=False, id="explore.removed"),
        Binding("4", "kind('unchanged')", tooltip="Show or hide the unchanged", show=False, id="explore.unchanged"),
        Binding("escape", "stop_comparing", "Stop comparing", tooltip="Stop comparing", show=False, id="explore.back"),
        Binding("escape", "show_all", "Show all", tooltip="Show what is hidden", id="explore.show-all"),
    ]

    view: var[View] = var(View(0), init=False)
    pane: var[str] = var("files", init=False)

    def __init__(self, reference: str) -> None:
        super().__init__()
        self.reference = reference
        self.image: Image | None = None
        self._loaded: Loaded | None = None
        self._bytes_read: dict[int, int] = {}
        """Layer to the bytes it ships, for the layers that have been read."""
        self._go_to: Node | None = None

    def compose(self) -> ComposeResult:
        yield Headline()
        with Container(id="body"):
            with Container(id="left"):
                yield LayersPane()
                yield Details()
            with ContentSwitcher(initial="loading", id="right"):
                yield LoadingPane(id="loading")
                yield FilesPane(id="files")
                yield WastePane(id="waste")
                yield ImagePane()
        yield HistoryLine()
        yield Footer()

    def on_resize(self, event: events.Resize) -> None:
        footer = self.query_one(Footer)
        is_narrow = event.size.width < _WIDE
        if footer.compact is not is_narrow:
            footer.compact = is_narrow
            footer.show_command_palette = not is_narrow
            footer.refresh(recompose=True)

    def on_mount(self) -> None:
        self._show_facts()
        self._show_titles()

    @property
    def focus_chain(self) -> list[Widget]:
        """Layers, files, and the details last."""
        return sorted(super().focus_chain, key=lambda widget: isinstance(widget, Details))

    # What the loading worker tells

    def start_again(self) -> None:
        """Forget the image: another one is being loaded."""
        self.image = self._loaded = None
        self.set_reactive(Explore.view, View(0, sort=self.view.sort))
        self.query_one(LayerList).show(())
        self.query_one(LoadingPane).progress = OPENING
        self._show_facts()
        self._show_pane()
        self.refresh_bindings()

    def on_found(self, message: Found) -> None:
        """Show what is known before the layers are read. The application hears of it too."""
        self.image = message.image
        self._bytes_read.clear()
        top = max(0, len(message.image.layers) - 1)
        self.set_reactive(Explore.view, replace(self.view, layer=top))
        self._show_facts()
        self._show_layers()
        self.query_one(LayerList).cursor = top
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
        self._loaded = message
        self.image = message.exploration.image
        self.set_reactive(
            Explore.view, replace(self.view, layer=max(0, min(self.view.layer, message.exploration.tree.top)))
        )
        self._show_facts()
        self._show_layers()
        self._show_details()
        self._show_files()
        self.query_one(WastePane).show(message.exploration.ledger)
        self.query_one(ImagePane).show(self.image, message.exploration)
        self._show_pane()
        self.refresh_bindings()

    # The view changes

    def watch_view(self, old: View, new: View) -> None:
        layers = self.query_one(LayerList)
        if old.base != new.base:
            layers.mark(new.base)
        if old.layer != new.layer:
            layers.cursor = new.layer
            self._show_details()
        self._show_files()
        self._show_titles()
        if (old.base is None, bool(old.hidden)) != (new.base is None, bool(new.hidden)):
            self.refresh_bindings()

    def watch_pane(self) -> None:
        self._show_pane()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs the files is out of reach until they are there."""
        is_comparing = self.view.base is not None
        if action == "stop_comparing":
            return is_comparing
        if action == "show_all":
            return bool(self.view.hidden) and not is_comparing
        if action == "compare" and is_comparing:
            return False
        if action in ("sort", "changes_only", "compare", "kind") and self._loaded is None:
            return None
        if action == "pane" and self._loaded is None:
            return True if parameters != ("image",) or self.image is not None else None
        return True

    def action_pane(self, pane: str) -> None:
        """Show one of the panes and go there."""
        self.pane = pane
        self._focus_pane()

    def action_sort(self) -> None:
        self.view = replace(self.view, sort=self.view.sort.following)

    def action_changes_only(self) -> None:
        self.view = self.view.toggled(Change.UNCHANGED)

    def action_kind(self, kind: str) -> None:
        self.view = self.view.toggled(Change(kind))

    def action_compare(self) -> None:
        # The cursor may be ahead of the view when keys come fast.
        layer = self.query_one(LayerList).cursor
        self.view = replace(self.view, layer=layer, base=layer)

    def action_stop_comparing(self) -> None:
        self.view = replace(self.view, base=None)

    def action_show_all(self) -> None:
        self.view = replace(self.view, hidden=frozenset())

    @on(Heads.Clicked)
    def sort_by(self, message: Heads.Clicked) -> None:
        message.stop()
        self.view = replace(self.view, sort=Sort(message.key))

    @on(LayerList.Opened)
    def open_layer(self, message: LayerList.Opened) -> None:
        message.stop()
        self.action_pane("files")

    @on(WasteList.Chosen)
    def show_wasted(self, message: WasteList.Chosen) -> None:
        """Go to a wasted file, at the layer that shipped it."""
        message.stop()
        if self._loaded is None:
            return
        waste = message.waste
        node = self._loaded.exploration.tree.find(waste.path)
        view = replace(self.view, layer=waste.shipped_in, base=None, hidden=frozenset())
        self._go_to = node
        if view == self.view:
            self._show_files()
        self.view = view
        self.action_pane("files")

    @on(LayerList.Moved, "#layer-list")
    def select_layer(self, message: LayerList.Moved) -> None:
        message.stop()
        layer = self.query_one(LayerList).cursor
        if self._loaded is not None:
            self.view = replace(self.view, layer=layer)
        elif self.image is not None and layer != self.view.layer:
            self.set_reactive(Explore.view, replace(self.view, layer=layer))
            self._show_details()

    @on(FileTree.Moved, "#file-tree")
    def select_file(self, message: FileTree.Moved) -> None:
        message.stop()
        self._show_history()

    @on(WasteList.Moved, "#waste-list")
    def select_waste(self, message: WasteList.Moved) -> None:
        message.stop()
        self._show_history()

    # Show it

    @property
    def _exploration(self) -> Exploration | None:
        return self._loaded.exploration if self._loaded else None

    def _show_facts(self) -> None:
        self.query_one(Headline).facts = Facts.of(self.reference, self.image, self._exploration)

    def _show_layers(self) -> None:
        if self.image is not None:
            self.query_one(LayerList).show(lines(self.image, self._bytes_read, self._exploration))

    def _show_details(self) -> None:
        if self.image is not None and self.view.layer < len(self.image.layers):
            layer = self.image.layers[self.view.layer]
            self.query_one(Details).show(layer, self._exploration, self._bytes_read.get(layer.number))

    def _show_files(self) -> None:
        if self._loaded is None:
            return
        go_to, self._go_to = self._go_to, None
        figures = next((each for each in self._loaded.exploration.layers if each.layer.number == self.view.layer), None)
        self.query_one(FilesPane).show(self._loaded.listings.of(self.view), figures, go_to)

    def _show_pane(self) -> None:
        right = self.query_one("#right", ContentSwitcher)
        is_ready = self._loaded is not None or (self.pane == "image" and self.image is not None)
        right.current = self.pane if is_ready else "loading"
        self._show_titles()
        self._show_history()

    def _show_titles(self) -> None:
        tabs = []
        for pane in PANES:
            style = "bold $key" if pane == self.pane else "$muted"
            tabs.append(f"[{style}][@click=screen.pane('{pane}')] {pane.title()} [/][/]")
        right = self.query_one("#right", ContentSwitcher)
        right.border_title = "[$faint]│[/]".join(tabs)
        right.border_subtitle = describe(self.view) if self._loaded and self.pane == "files" else Content("")

    def _show_history(self) -> None:
        line = self.query_one(HistoryLine)
        if self._loaded is None or self.pane == "image":
            line.show("", ())
        elif self.pane == "waste":
            waste = self.query_one(WasteList).selected
            if waste is None:
                line.show("", ())
            elif isinstance(waste, Group):
                line.show("", [Content.styled(REMEDIES[waste.cause], "$muted")])
            else:
                line.show(waste.path, sentence(waste))
        else:
            tree = self.query_one(FileTree)
            row = tree.selected
            if row is None or tree.listing is None:
                line.show("", ())
                return
            entry = tree.listing.entry(row.node)
            listings = self._loaded.listings
            moments = list(history(listings.tree, listings.sizes, row.node))
            line.show(row.node.path, way(moments, entry is not None and entry.kind is Kind.DIRECTORY))

    def _focus_pane(self) -> None:
        focus: dict[str, type[Widget]] = {"files": FileTree, "waste": WasteList, "image": ImagePane}
        right = self.query_one("#right", ContentSwitcher)
        if right.current in focus:
            # At once, so that the next key, however soon, goes there.
            self.set_focus(self.query_one(focus[right.current]))
