"""The selected layer, or metadata-only step, as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from humanize import naturaldelta
from textual.content import Content

from explorer.analysis.config_history import Setting, seconds_since_previous
from explorer.analysis.findings.finding import Finding
from explorer.analysis.layer_stats import LayerStats
from explorer.model import Change, HistoryStep, Image, Layer
from explorer.pipeline import Exploration
from explorer.text.printable import printable, shortened
from explorer.text.units import counted, percent, size, timestamp
from explorer.tui import clock
from explorer.tui.layers.figures_text import finding_lines, savings_lines, undone_lines, waste_lines
from explorer.tui.layers.step_text import instruction_lines, setting_lines
from explorer.tui.widgets.marks import COLOURS, MARKS, SAME
from explorer.tui.widgets.prose import MAX_TEXT_CHARS, flow_lines, hanging_lines, marked_lines, more_text
from explorer.viewmodel.layer_rows import LayerRow
from explorer.viewmodel.layer_savings import LayerSavings

_LABEL_CELLS = 10
_MAX_FOLDED_STEPS = 50
_FROM_TABLE = "from the table of contents; lx --full reads and verifies the whole layer"
_MAX_FIRST_LINES = 3
"""Lines of the instruction that stand before the figures; a longer one follows them."""


@dataclass(frozen=True, slots=True, eq=False)
class SelectedLayer:
    """The selected row of the layers, and the facts about it so far."""

    image: Image
    row: LayerRow
    exploration: Exploration | None
    bytes_read: int | None
    """Bytes that the layer ships; None until it has been read."""
    so_far: LayerStats | None = None
    """Its figures that later layers do not change, while these are read."""
    findings: Sequence[Finding] = ()
    """The findings above the base in what it ships, once they are known."""
    savings: LayerSavings | None = None
    """Its disposable bytes and fixes; None until they are computed, and for a step."""

    @property
    def layer(self) -> Layer | None:
        """The row's layer; None in an image without layers."""
        return self.image.layers[self.row.layer] if self.row.layer < len(self.image.layers) else None

    @property
    def stats(self) -> LayerStats | None:
        """The figures of the layer; None for a step, and until they are known."""
        is_known = self.exploration is not None and self.layer is not None and not self.row.is_empty
        return self.exploration.layers[self.row.layer] if self.exploration and is_known else None

    @property
    def title(self) -> str:
        """Title of the pane."""
        if self.row.folded:
            return "Metadata-only steps"
        if self.layer is None:
            return "Step"
        return f"Step after layer {self.row.layer}" if self.row.is_empty else f"Layer {self.row.layer}"

    def is_same(self, other: SelectedLayer | None) -> bool:
        """True if the other one shows the same; comparing images by identity is fast."""
        return (
            other is not None
            and other.image is self.image
            and other.exploration is self.exploration
            and other.so_far is self.so_far
            and other.savings is self.savings
            and other.findings is self.findings
            and (other.row, other.bytes_read) == (self.row, self.bytes_read)
        )


def layer_lines(
    selected: SelectedLayer, settings: Collection[Setting], width: int, key_of: Callable[[str], str]
) -> Iterator[Content]:
    """Yields the lines about a layer, or about a step and the settings that it makes."""
    if selected.row.folded:
        yield from _folded_lines(selected.row.folded, width, key_of("layers.steps"))
        return
    step, stats = selected.row.step or HistoryStep(), selected.stats
    instruction = list(instruction_lines(step, width, {setting.name for setting in settings}))
    is_cut = len(instruction) > _MAX_FIRST_LINES + 1
    yield from instruction[:_MAX_FIRST_LINES] if is_cut else instruction
    if is_cut:
        yield Content.styled(f"    … {len(instruction) - _MAX_FIRST_LINES} more lines below", "$muted")
    yield Content("")
    if selected.row.is_empty:
        yield Content.styled("metadata only", "$muted")
    elif stats is None or selected.exploration is None:
        yield Content.styled(
            _unread(selected.layer) if selected.bytes_read is None else size(selected.bytes_read), "$muted"
        )
        if selected.so_far is not None:
            yield from flow_lines(_changes(selected.so_far), width)
    elif stats.is_unread:
        words = f"Press {key_of('layers.fetch')} to fetch its {size(stats.layer.download_bytes or 0)}."
        yield from Content.assemble(("Not read. ", "bold"), words).wrap(width)
    else:
        waste = selected.exploration.waste_by_layer
        yield from flow_lines(_changes(stats), width)
        yield from waste_lines(stats, waste, width)
        yield from undone_lines(stats.layer.number, waste, width)
        yield from finding_lines(selected.findings, width, key_of("explore.findings"))
        if selected.savings is not None:
            yield from savings_lines(selected.savings, width, key_of("explore.waste"))
    yield from setting_lines(settings, width)
    if is_cut:
        yield Content("")
        yield from instruction
    if stats is not None and selected.exploration is not None:
        yield from marked_lines(stats.damage, "bold $waste", width)
        yield from marked_lines(stats.problems, "bold $change-modified", width)
    metadata = [(label, value) for label, value in _metadata(selected, step) if value]
    if metadata:
        yield Content("")
    for label, value in metadata:
        text = Content(printable(shortened(value, MAX_TEXT_CHARS)))
        yield from hanging_lines(Content.styled(label, "$muted"), _LABEL_CELLS, text, width)


def _unread(layer: Layer | None) -> str:
    """Returns words for a layer that is not read yet, with its size if it is fetched."""
    is_fetched = layer is not None and layer.is_remote and layer.download_bytes is not None
    return f"not read yet, {size(layer.download_bytes or 0)} compressed" if layer and is_fetched else "not read yet"


def _folded_lines(steps: Sequence[LayerRow], width: int, steps_key: str) -> Iterator[Content]:
    """Yields the instructions of metadata-only steps."""
    yield from Content.styled(f"Metadata only. Press {steps_key} to show each in its place.", "$muted").wrap(width)
    yield Content("")
    for row in steps[:_MAX_FOLDED_STEPS]:
        yield from instruction_lines(row.step or HistoryStep(), width)
    if len(steps) > _MAX_FOLDED_STEPS:
        yield Content.styled(more_text(len(steps) - _MAX_FOLDED_STEPS), "$muted")


def _changes(stats: LayerStats) -> Iterator[Content]:
    if stats.files:
        yield Content(counted(stats.files, "file"))
    counts = {Change.ADDED: stats.added, Change.MODIFIED: stats.modified, Change.REMOVED: stats.removed}
    for change, count in counts.items():
        if count:
            yield Content.styled(f"{MARKS[change]} {count:,} {change.value}", COLOURS[change])
    rewritten = f"{counted(stats.unchanged, 'file')} rewritten unchanged" if stats.unchanged else ""
    if any(counts.values()):
        if rewritten:
            yield Content.styled(f"{SAME} {rewritten}", "$muted")
    else:
        again = f"{rewritten}: {size(stats.bytes)}, see Waste (w)" if rewritten else "no file changed"
        yield Content.styled(again, "$muted")
    if stats.directories_changed:
        directories = counted(stats.directories_changed, "directory", "directories")
        yield Content.styled(f"{directories} changed", "$muted")


def _metadata(selected: SelectedLayer, step: HistoryStep) -> Iterator[tuple[str, str]]:
    """Yields labels and values, not yet printable; some values are empty."""
    yield "created", _created(selected, step)
    yield "comment", step.comment if step.created_by else ""
    yield "author", step.author
    layer = selected.layer
    if layer is not None and not selected.row.is_empty:
        yield "pull", _download(layer.download_bytes, selected.stats)
        yield "diff id", layer.diff_id
        yield "digest", (layer.digest or "") if layer.digest != layer.diff_id else ""
        yield "type", layer.media_type
        yield "listed", _FROM_TABLE if selected.stats is not None and selected.stats.is_from_table else ""


def _created(selected: SelectedLayer, step: HistoryStep) -> str:
    created = timestamp(step.created, clock.now())
    if not created or not selected.row.history_index:
        return created
    seconds = seconds_since_previous(selected.image.history, selected.row.history_index)
    return f"{created}, {naturaldelta(seconds)} after the previous step" if seconds else created


def _download(download_bytes: int | None, stats: LayerStats | None) -> str:
    """Returns the compressed size, and its share of the size on disk if that is known."""
    if download_bytes is None:
        return ""
    if stats is None or not stats.bytes:
        return size(download_bytes)
    return f"{size(download_bytes)}, {percent(download_bytes / stats.bytes)} of the {size(stats.bytes)} on disk"
