"""The actions that fetch a layer that is not read, and stop that."""

from __future__ import annotations

from textual import on, work

from explorer.errors import ExplorerError
from explorer.pipeline import Exploration
from explorer.tui.availability import Availability
from explorer.tui.key_words import with_keys
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.loading import fetch_in_thread
from explorer.tui.main.image_screen import ImageScreen

_WORKERS = "fetch"


class FetchActions(ImageScreen):
    """Fetches one layer at a time."""

    _fetching: int | None = None
    """The layer that is being fetched because the user asked for it."""

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides the key that stops unless a layer is being fetched."""
        if action == "stop_fetching":
            return self._fetching is not None and not self.is_filter_typed
        return super().availability(action, parameters)

    @on(LayerList.FetchRequested)
    def fetch_selected(self, message: LayerList.FetchRequested) -> None:
        """Fetches the selected layer, unless another one is being fetched."""
        message.stop()
        if self._fetching is not None:
            words = f"Layer {self._fetching} is being fetched. Press {{explore.stop-fetching}} to stop."
            self.notify(with_keys(self, words), severity="warning", markup=False)
        elif self.exploration is not None:
            self._fetch(self.exploration, self.query_one(LayerList).selected_layer)

    @work(exclusive=True, group=_WORKERS, exit_on_error=False)
    async def _fetch(self, exploration: Exploration, layer: int) -> None:
        """Fetches a layer; the image with it takes the place of the present one."""
        self._fetching = layer
        self.refresh_bindings()
        try:
            await fetch_in_thread(exploration, layer, self.post_message)
        except ExplorerError as error:
            text = f"{error.message}\n{error.hint}".strip()
            self.notify(text, title=f"Layer {layer} is not read", severity="error", markup=False)
        finally:
            self._fetching = None
            self.shown.fetching_ended()
            self.refresh_bindings()

    def action_stop_fetching(self) -> None:
        self.workers.cancel_group(self, _WORKERS)
