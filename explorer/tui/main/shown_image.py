"""The image on the main screen: what is read of it, and the widgets that show it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from textual.screen import Screen

from explorer.analysis.comparison import compared
from explorer.analysis.filter.query import EVERYTHING
from explorer.layers.tree import Node
from explorer.model import Image, Progress, Watcher
from explorer.pipeline import Exploration
from explorer.tui.dockerfile.dockerfile_pane import DockerfilePane
from explorer.tui.files.file_tree import FileTree
from explorer.tui.files.files_pane import FilesPane, view_description
from explorer.tui.findings.findings_pane import FindingsPane
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.main.header import ImageHeader, ImageSummary
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.loading_pane import OPENING, LoadingPane
from explorer.tui.main.pane_switcher import PaneSwitcher
from explorer.tui.main.shown_findings import ShownFindings
from explorer.tui.main.verdict_bar import VerdictBar
from explorer.tui.packages.packages_pane import PackagesPane
from explorer.tui.read_in_thread import read_in_thread
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.waste.waste_pane import WastePane
from explorer.viewmodel.base_words import base_line
from explorer.viewmodel.layers_read import LayersRead
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.waste_tree import WasteTree


class ShownImage(ShownFindings):
    """The parts of the image that are read, and the widgets that show them.

    While layers are read, explorations of the lower ones follow each other. ``explored`` and ``show_explored`` put each
    in the place of the one before; at last comes that of the whole image.
    """

    def __init__(self, screen: Screen[None], reference: str) -> None:
        super().__init__(screen)
        self._reference = reference
        self.image: Image | None = None
        self.views: ViewCache | None = None
        """The views of the layers that are read and merged; None until there are any."""
        self._shipped_by_layer: dict[int, int] = {}
        """The bytes that each layer ships, for the layers that have been read."""

    @property
    def exploration(self) -> Exploration | None:
        return self.views.exploration if self.views is not None and self.read.is_complete else None

    @property
    def read(self) -> LayersRead:
        """The number of layers whose files can be shown."""
        count = len(self.views.exploration.layers) if self.views is not None else 0
        return LayersRead(count, len(self.image.layers) if self.image is not None else 0)

    @property
    def needs_package_fetch(self) -> bool:
        """True if package databases are only in a registry."""
        packages = self.exploration.known_packages if self.exploration is not None else None
        return packages is not None and packages.needs_fetch

    # What becomes known of the image

    def forgotten(self) -> None:
        """Shows no image, because another one is being loaded."""
        self.image = self.views = None
        self._query_one(LayerList).clear()
        bar = self._query_one(VerdictBar)
        bar.verdict, bar.progress = None, None
        self.show_findings_beside(None)
        self._query_one(LoadingPane).progress = OPENING

    def found(self, image: Image) -> None:
        """Shows the layers of an image before they are read."""
        self.image = image
        self._shipped_by_layer.clear()
        self.show_layers()
        self._query_one(ImagePane).show(image, None)

    def layer_read(self, number: int, bytes_: int) -> None:
        """Shows the bytes of a layer that is read."""
        self._shipped_by_layer[number] = bytes_
        self.show_layers()

    def progressed(self, progress: Progress) -> None:
        """Shows the progress of reading in the place of the files, or beside them."""
        self._query_one(LoadingPane).progress = progress
        if self.views is not None:
            self._query_one(VerdictBar).progress = progress

    def fetching_ended(self) -> None:
        """Shows the verdict again in the place of the progress."""
        self._query_one(VerdictBar).progress = None

    def explored(self, exploration: Exploration, *, is_whole: bool, keeps_place: bool) -> None:
        """Shows the layers of an exploration in place of one of fewer layers.

        Args:
            exploration: The lower layers, or the whole image.
            is_whole: True for the whole image.
            keeps_place: True if the same files stay open and selected.
        """
        if is_whole:
            self.image = exploration.image
            self._query_one(VerdictBar).verdict = None
        self._query_one(VerdictBar).progress = None if is_whole else self._query_one(LoadingPane).progress
        before, self.views = self.views, ViewCache(exploration)
        self._query_one(PackagesPane).wait("" if is_whole else self.read.reason)
        self._query_one(FindingsPane).wait(exploration if is_whole else None, "" if is_whole else self.read.reason)
        self._query_one(DockerfilePane).wait("" if is_whole else self.read.reason)
        files = self._query_one(FilesPane)
        files.read = self.read
        if before is not None and keeps_place:
            files.move_to(self.views)
        elif before is not None:
            files.query_one(FileTree).forget()
        self.show_layers()

    def show_explored(self, view: View) -> None:
        """Shows a view of the exploration in all panes."""
        self.show_details()
        self.show_files(view)
        self.show_waste(view)
        self.show_packages(view)
        self.show_findings(view)
        if self.image is not None and self.exploration is not None:
            self._query_one(ImagePane).show(self.image, self.exploration)

    async def compute_savings(self, exploration: Exploration) -> None:
        """Computes what the first paint does not wait for in threads, and shows it."""
        bar = self._query_one(VerdictBar)
        bar.is_computing = True
        savings = await run_in_thread(lambda _: exploration.savings, lambda _: None)
        if exploration is self.exploration:
            bar.is_computing, bar.verdict = False, savings
            header, base, shares = self._query_one(ImageHeader), exploration.base, exploration.base_shares
            header.summary = replace(
                header.summary,
                disposable_bytes=savings.all_disposable_bytes,
                own_bytes=shares.own.shipped_bytes if base is not None and base.exact and shares is not None else None,
            )
            self._query_one(LayerList).show_base(base_line(exploration))
            self._query_one(ImagePane).show_disposable(savings.all_disposable_bytes)
            await self._query_one(Details).compute_savings(exploration)
        tree = await run_in_thread(lambda _: WasteTree.complete(exploration), lambda _: None)
        if exploration is self.exploration:
            self._query_one(WastePane).show_fixes(tree)
            self._screen.refresh_bindings()
            await self._query_one(FilesPane).compute_figures(exploration)

    async def compare_dockerfile(self, exploration: Exploration) -> None:
        """Compares the Dockerfile with the image in a thread, and shows it."""
        usages = await run_in_thread(lambda _: exploration.instruction_usage, lambda _: None)
        if exploration is self.exploration:
            self._query_one(DockerfilePane).show(exploration.dockerfile_map, usages)
            self.show_details()
            self._screen.refresh_bindings()

    async def read_packages(self, exploration: Exploration, *, fetches: bool = False) -> bool:
        """Reads the package databases. Returns True if the image still shows.

        With ``fetches``, those that only a registry has are fetched.
        """
        pane = self._query_one(PackagesPane)

        def read(watcher: Watcher) -> None:
            exploration.read_packages(watcher, fetches=fetches)

        problem = await read_in_thread(read, pane.progressed)
        if exploration is not self.exploration:
            return False
        if problem:
            pane.wait(f"The package databases cannot be read: {problem}")
        return True

    # What the widgets show of it

    def show_summary(self, view: View) -> None:
        """Shows the facts of the image in the header."""
        self._query_one(ImageHeader).summary = ImageSummary.of(
            self._reference, self.image, self.exploration, self.read.count
        )
        self.show_comparison(view)

    def show_layers(self) -> None:
        """Shows the layers with the sizes that are known."""
        if self.image is not None:
            self._query_one(LayerList).show(self.image, self._shipped_by_layer, self.exploration)
            self._query_one(LayersPane).show_hidden_count()

    def show_details(self) -> None:
        """Shows the details of the selected layer or step."""
        row = self._query_one(LayerList).selected
        if self.image is not None and row is not None:
            bytes_read, so_far = self._shipped_by_layer.get(row.layer), None
            if self.views is not None and self.exploration is None and row.layer < self.read.count and not row.is_empty:
                so_far = self.views.exploration.layers[row.layer]
            self._query_one(Details).show(self.image, row, self.exploration, bytes_read, so_far)
            self._query_one(DockerfilePane).select(row.layer, row.history_index if row.is_empty else None)

    def show_comparison(self, view: View) -> None:
        """Shows the totals of two layers that are compared, in the header."""
        header = self._query_one(ImageHeader)
        if self.views is None or view.base is None or self.read.reason_against_view(view):
            header.comparison = None
            return
        shown = header.comparison
        if shown is None or (shown.base, shown.layer) != (view.base, view.layer):
            header.comparison = compared(self.views.exploration.tree, self.views.of(view).nodes.changes)

    def show_waste(self, view: View) -> None:
        """Shows the waste of a view."""
        if self.exploration is not None:
            self._query_one(WastePane).show(self.exploration, view, self.read)

    def show_packages(self, view: View) -> None:
        """Shows a view of the packages, once they are known."""
        exploration, pane = self.exploration, self._query_one(PackagesPane)
        if exploration is None:
            pane.show(None, None, view)
        else:
            pane.show(exploration.known_packages, exploration.known_file_kinds, view)

    async def add_up_file_kinds(self, exploration: Exploration) -> bool:
        """Adds up the files by kind. Returns True if the image still shows."""
        await run_in_thread(lambda _: exploration.file_kinds, lambda _: None)
        return exploration is self.exploration

    def show_files(self, view: View, go_to: Node | None = None) -> None:
        """Shows the files of a view, and selects ``go_to`` or keeps the selected path."""
        if self.views is not None:
            files, reason = self._query_one(FilesPane), self.read.reason_against_view(view)
            if reason:
                files.show_unread(reason)
            else:
                files.show(self.views, view, go_to)

    def show_pane(self, pane: str, view: View) -> None:
        """Shows a pane, or the progress until the pane is ready."""
        if pane == "waste" and self.views is not None and self.exploration is None:
            # Only here, because a pane that does not show need not follow each stage.
            self._query_one(WastePane).show(self.views.exploration, view, self.read)
        self._query_one(PaneSwitcher).show(pane, is_ready=self._is_ready(pane))
        self.show_subtitle(pane, view)
        self.show_history(pane)

    def _is_ready(self, pane: str) -> bool:
        """True if enough of the image is read to show a pane."""
        return (self.image if pane == "image" else self.views) is not None

    def show_subtitle(self, pane: str, view: View) -> None:
        """Shows the description of the files below them."""
        panes, description = self._query_one(PaneSwitcher), None
        if self.views is not None and pane == "files":
            shown = replace(view, query=EVERYTHING) if panes.filter_bar(pane).is_invalid else view
            description = partial(view_description, shown, self.read)
        panes.describe(description)

    def show_history(self, pane: str) -> None:
        """Shows the history of the path that is selected in a pane."""
        panes, has_paths = self._query_one(PaneSwitcher), pane not in ("dockerfile", "image")
        is_known = has_paths and self._is_ready(pane) and not panes.filter_bar(pane).is_invalid
        self._query_one(HistoryBar).show(panes.file_actions(pane).path_history() if is_known else None)
