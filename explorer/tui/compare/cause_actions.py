"""Reading the causes why two builds differ, and the way to their places."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work

from explorer.layers.tree import Node
from explorer.tui.availability import Availability
from explorer.tui.compare.cause_list import CauseList
from explorer.tui.compare.causes_pane import NO_REBUILD, CausesPane
from explorer.tui.compare.compared_files import ComparedFiles
from explorer.tui.compare.loading import Comparison
from explorer.tui.compare.pair_list import PairList
from explorer.tui.compare.panes import ComparePanes
from explorer.tui.main.filter_actions import FilterActions
from explorer.tui.read_in_thread import read_in_thread

if TYPE_CHECKING:
    from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause

_NO_FILE = "The configuration of the image has this, and no file does."
_NOT_VISIBLE = "No container sees this path: a higher layer hides it."


class CauseActions(FilterActions):
    """Reads the causes of two builds of the same steps, and goes to their places."""

    comparison: Comparison | None

    @abstractmethod
    def go_to_path(self, node: Node) -> None:
        """Shows the files with a path selected, also if the view hides it."""

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Says why two images have no causes."""
        if action == "pane" and parameters == ("causes",) and self.comparison is not None:
            return self.comparison.diff.is_rebuild or NO_REBUILD
        return super().availability(action, parameters)

    def show_causes(self, causes: Sequence[DifferenceCause] | None) -> None:
        """Shows causes, also beside the selected file; None shows that they are not read."""
        self.query_one(ComparedFiles).causes = causes or ()
        self.query_one(ComparePanes).show_count("causes", len(causes) if causes is not None else None)
        if causes is not None:
            self.query_one(CausesPane).show(causes)
        self.show_selection()

    @work(exclusive=True, group="causes", exit_on_error=False)
    async def read_causes(self, found: Comparison) -> None:
        """Reads the causes in the background, and shows them."""
        pane, diff = self.query_one(CausesPane), found.diff
        problem = await read_in_thread(partial(diff.read_causes, fetches=False), pane.progressed)
        if found is not self.comparison:
            return
        if problem or diff.known_causes is None:
            pane.wait(f"The causes cannot be read: {problem}")
        else:
            self.show_causes(diff.known_causes)

    @on(CauseList.Chosen)
    async def go_to_cause(self, message: CauseList.Chosen) -> None:
        """Goes to the file, the layer or the setting of a place."""
        message.stop()
        place, cause = message.place.place, message.place.cause
        if self.comparison is None:
            return
        if place.name.startswith("/"):
            node = self.comparison.node_of(place.name)
            if node is not None:
                self.go_to_path(node)
            else:
                self.notify(_NOT_VISIBLE, severity="warning", markup=False)
        elif place.layer is not None:
            pairs = self.query_one(PairList)
            pairs.select_layer(place.layer)
            self.set_focus(pairs)
        elif cause.cause == "setting":
            await self.run_action("screen.pane('settings')")
        else:
            self.notify(_NO_FILE, markup=False)
