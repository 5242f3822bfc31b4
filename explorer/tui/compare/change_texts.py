"""The panes of the settings and of the waste of two images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from explorer.analysis.image_diff.config_changes import ConfigChange
from explorer.model import Change
from explorer.pipeline import ImageDiff
from explorer.text.printable import printable, shortened
from explorer.text.units import size
from explorer.text.words import CAUSES
from explorer.tui.compare.words import change_of_bytes, growth_colour, short_growth
from explorer.tui.widgets.drawing import cut_middle
from explorer.tui.widgets.marks import COLOURS, MARKS
from explorer.tui.widgets.prose import MAX_TEXT_CHARS, Prose, hanging_lines, more_text
from explorer.viewmodel.waste_changes import WasteChange, waste_by_cause, waste_changes

_MAX_SETTINGS = 200
_MAX_PATHS = 500
_MAX_PATH_CHARS = 1_000
_SIZE_CELLS, _GROWTH_CELLS = 8, 9


class SettingChanges(Prose):
    """The pane of the settings that differ."""

    HELP = """\
    # Settings that differ

    The settings that a container starts with and that differ, with the value in the old image, `−`, and in the new
    one, `+`. Secrets in values are masked.
    """

    def __init__(self) -> None:
        super().__init__(id="settings")
        self._changes: Sequence[ConfigChange] | None = None

    def show(self, changes: Sequence[ConfigChange] | None) -> None:
        """Shows the settings."""
        self._changes = changes
        self.rewrite()

    def wrapped(self, width: int) -> Iterator[Content]:
        if self._changes is None:
            return
        if not self._changes:
            yield Content.styled("No setting differs.", "$muted")
        for change in self._changes[:_MAX_SETTINGS]:
            yield from Content.styled(shortened(change.name, MAX_TEXT_CHARS), "bold").wrap(width)
            if change.old == change.new:
                yield from Content.styled("Secrets in it differ, which are masked.", "$muted").wrap(width)
            for kind, value in ((Change.REMOVED, change.old), (Change.ADDED, change.new)):
                words = (
                    Content.styled("not set", "$muted") if value is None else Content(shortened(value, MAX_TEXT_CHARS))
                )
                yield from hanging_lines(Content.styled(MARKS[kind], COLOURS[kind]), 2, words, width)
            yield Content("")
        if len(self._changes) > _MAX_SETTINGS:
            yield Content.styled(more_text(len(self._changes) - _MAX_SETTINGS), "$muted")


class WasteChanges(Prose):
    """The pane of the waste of both images."""

    HELP = """\
    # Waste of both images

    The bytes that the layers ship and no container sees: in all, by cause, and the paths whose waste differs most.
    Explore one of the images alone to see the fixes.
    """

    def __init__(self) -> None:
        super().__init__(id="waste")
        self._diff: ImageDiff | None = None
        self._paths: Sequence[WasteChange] = ()

    def show(self, diff: ImageDiff) -> None:
        """Shows the waste of two images."""
        self._diff = diff
        self._paths = waste_changes(diff.old.usage, diff.new.usage)
        self.rewrite()

    def wrapped(self, width: int) -> Iterator[Content]:
        if self._diff is None:
            return
        old, new = self._diff.old.usage, self._diff.new.usage
        yield from change_of_bytes("wasted", old.wasted_bytes, new.wasted_bytes).wrap(width)
        for cause, before, after in waste_by_cause(old, new):
            words = change_of_bytes(f"  {cause.value}", before, after) + Content.styled(f"  {CAUSES[cause]}", "$muted")
            yield from words.wrap(width)
        yield Content("")
        if not self._paths:
            yield Content.styled("The waste of no path differs.", "$muted")
            return
        head = f"{'old':>{_SIZE_CELLS}}{'new':>{_SIZE_CELLS}}{'growth':>{_GROWTH_CELLS}} path"
        yield Content.styled(head, "bold $muted").truncate(width)
        for each in self._paths[:_MAX_PATHS]:
            yield _path_line(each, width)
        if len(self._paths) > _MAX_PATHS:
            yield Content.styled(more_text(len(self._paths) - _MAX_PATHS), "$muted")


def _path_line(change: WasteChange, width: int) -> Content:
    old, new = (size(bytes_) if bytes_ else "·" for bytes_ in (change.old_bytes, change.new_bytes))
    difference = change.new_bytes - change.old_bytes
    before = f"{old:>{_SIZE_CELLS}}{new:>{_SIZE_CELLS}}"
    growth = f"{short_growth(difference):>{_GROWTH_CELLS}} "
    path = printable(shortened(f"/{change.path}", _MAX_PATH_CHARS))
    room = max(4, width - len(before) - len(growth))
    return Content.assemble((before, "$muted"), (growth, growth_colour(difference)), cut_middle(path, room)).truncate(
        width
    )
