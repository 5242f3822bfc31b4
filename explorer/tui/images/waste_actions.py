"""Reads the waste of images in the background, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import work

from explorer.model import Progress, Watcher
from explorer.text.printable import printable
from explorer.text.units import percent
from explorer.tui.availability import Availability
from explorer.tui.images.shown_images import ShownImages
from explorer.tui.key_words import key_of
from explorer.tui.read_in_thread import read_in_thread
from explorer.tui.widgets.drawing import cut, cut_middle
from explorer.viewmodel.image_catalog import ImageRow

_WORKERS = "waste"
_MAX_NAME_CELLS = 30
_FAILED, _WAITING = "failed", "waits"


class WasteActions(ShownImages):
    """Reads the waste of one image, or of all that show."""

    _is_reading_waste = False

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides the key that stops unless waste is being read."""
        if action == "stop_waste":
            return self._is_reading_waste and not self.is_filter_typed
        if action == "read_waste":
            return self._reason_against(self.images.selected) or True
        if action == "read_all_waste":
            return bool(self._unread) or "The waste of all images that show is known."
        return super().availability(action, parameters)

    def _reason_against(self, row: ImageRow | None) -> str:
        """Returns why the waste of an image cannot be read now; empty if it can."""
        if row is None:
            return "No image is selected."
        if row.is_missing:
            return "This file is not there any more."
        if row.wasted_bytes is not None:
            return "The waste of this image is known."
        return "It is read already." if self.waste_words.get(row.reference, _FAILED) != _FAILED else ""

    @property
    def _unread(self) -> Sequence[ImageRow]:
        """The images that show and whose waste can be read."""
        return [row.item for row in self.images.rows.rows if not self._reason_against(row.item)]

    def action_read_waste(self) -> None:
        """Reads the waste of the selected image, after those that wait."""
        if self.images.selected is not None:
            self._queue([self.images.selected])

    def action_read_all_waste(self) -> None:
        """Reads the waste of all images that show and whose waste is not known."""
        self._queue(self._unread)

    def action_stop_waste(self) -> None:
        self.workers.cancel_group(self, _WORKERS)

    def _queue(self, rows: Sequence[ImageRow]) -> None:
        self._waiting += rows
        self.waste_words.update((row.reference, _WAITING) for row in rows)
        self.show_images()
        if not self._is_reading_waste:
            self._is_reading_waste = True
            self._read()

    @work(group=_WORKERS)
    async def _read(self) -> None:
        """Reads the waste of the images that wait, until it is cancelled."""
        try:
            while self._waiting:
                await self._read_one(self._waiting.pop(0))
        finally:
            self._waiting.clear()
            self._is_reading_waste = False
            self.waste_words = {key: words for key, words in self.waste_words.items() if words == _FAILED}
            self.progress_words = ""
            # The program may be leaving.
            if self.is_attached:
                self.show_images()

    async def _read_one(self, row: ImageRow) -> None:
        wasted_bytes: list[int] = []

        def read(watcher: Watcher) -> None:
            wasted_bytes.append(self.access.wasted_bytes(row.reference, watcher))

        self.waste_words[row.reference] = "reads"
        self._progressed(row, Progress("opening", 0, None))
        self.images.refold()
        problem = await read_in_thread(read, partial(self._progressed, row))
        del self.waste_words[row.reference]
        if problem:
            self.waste_words[row.reference], self.waste_problems[row.key] = _FAILED, problem
            self.images.refold()
        else:
            self.waste_problems.pop(row.key, None)
            self.catalog = self.catalog.with_waste(row.key, wasted_bytes[0])

    def _progressed(self, row: ImageRow, progress: Progress) -> None:
        """Shows the progress of one image in the line below the list."""
        share = f" {percent(progress.share)}" if progress.share else ""
        more = f"; {len(self._waiting):,} more" if self._waiting else ""
        name = cut_middle(printable(row.name), _MAX_NAME_CELLS)
        stop = f" ({key_of(self, 'images.stop')} stops)"
        words = f"Reads the waste of {name}{more}{stop}: {printable(progress.step)}{share}"
        self.progress_words = cut(words, max(1, self.size.width - 2))
        self.show_states()
