"""The selected layer in words: how much of it survives, its figures, its command, and what was odd about it.

Of a step that made no layer: what it set in the configuration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from humanize import naturaldelta
from textual.binding import BindingType
from textual.content import Content

from explorer.analysis.config_history import Setting, config_changes, seconds_since_previous
from explorer.analysis.waste import WasteByLayer
from explorer.model import Change, HistoryStep, Layer
from explorer.text.printable import printable, shortened
from explorer.text.units import counted, percent, size, timestamp
from explorer.text.words import enumerated, hidden_by
from explorer.tui import clock
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.layers.layer_list import LAYER_KEYS, LayerList
from explorer.tui.layers.step_text import instruction_lines, setting_lines
from explorer.tui.widgets.marks import COLOURS, MARKS, SAME
from explorer.tui.widgets.prose import MAX_TEXT_CHARS, Prose, flow_lines, hanging_lines, shortened_list

if TYPE_CHECKING:
    from explorer.analysis.layer_stats import LayerStats
    from explorer.model import Image
    from explorer.pipeline import Exploration
    from explorer.viewmodel.layer_rows import LayerRow

_MAX_WASTE_PARTS = 8
"""Parts of a layer's waste that are listed, largest first."""

_COUNTED = (Change.ADDED, Change.MODIFIED, Change.REMOVED)
_LABEL = 10


@dataclass(frozen=True, slots=True)
class Selected:
    """What the pane is about: a layer, or a step of the history that made none."""

    image: Image
    layer: Layer | None
    """For a step that made none, the layer whose files there are; None in an image without layers."""
    step: HistoryStep | None
    place: int | None
    """The step's place in the history."""
    is_empty: bool
    exploration: Exploration | None
    read: int | None
    """The layer's size, once it has been read."""

    @classmethod
    def of(cls, image: Image, line: LayerRow, exploration: Exploration | None, read: int | None) -> Selected:
        """What a line of the layers stands for."""
        layer = image.layers[line.layer] if line.layer < len(image.layers) else None
        return cls(image, layer, line.step, line.history_index, line.is_empty, exploration, read)

    @property
    def figures(self) -> LayerStats | None:
        """The layer's figures, once they are known."""
        return self.exploration.layers[self.layer.number] if self.exploration and self.layer else None

    @property
    def title(self) -> str:
        """What it is called."""
        if self.layer is None:
            return "Step"
        return f"Step after layer {self.layer.number}" if self.is_empty else f"Layer {self.layer.number}"


def description(
    selected: Selected, waste: WasteByLayer, settings: Collection[Setting], width: int
) -> Iterator[Content]:
    """All that is known of a layer or step, in lines of at most ``width`` cells."""
    figures = selected.figures
    if selected.is_empty:
        yield Content.styled("made no layer", "$muted")
    elif figures is None:
        yield Content.styled("not read yet" if selected.read is None else size(selected.read), "$muted")
    else:
        yield from survival(figures, waste).wrap(width)
        yield from flow_lines(_figures(figures), width)
    yield Content("")
    yield from instruction_lines(selected.step or HistoryStep(), width, {setting.name for setting in settings})
    if settings:
        yield Content("")
    yield from setting_lines(settings, width)
    if figures is not None and not selected.is_empty:
        yield from _hidden_here(figures, waste, width)
        for problem in shortened_list(figures.problems, len(figures.problems)):
            yield from hanging_lines(Content.styled("!", "bold $change-modified"), 2, Content(problem), width)
    identity = list(_identity(selected))
    if identity:
        yield Content("")
    for label, value in identity:
        yield from hanging_lines(Content.styled(label, "$muted"), _LABEL, Content(value), width)


def survival(figures: LayerStats, waste: WasteByLayer) -> Content:
    """How much of what a layer ships survives, and what became of the rest."""
    shipped, lost = figures.bytes, figures.wasted_bytes
    if not shipped:
        return Content.styled("ships no bytes", "$muted")
    if not lost:
        return Content.assemble((f"all {size(shipped)}", "bold $change-added"), " survive")
    left, all_ = size(shipped - lost), size(shipped)
    if left == all_:
        said = Content.assemble((f"nearly all {all_}", "bold"), " survive; ")
    else:
        number, _, unit = left.partition(" ")
        left = "none" if lost == shipped else number if all_.endswith(f" {unit}") else left
        verb = "survives" if lost == shipped else "survive"
        said = Content.assemble((f"{left} of {all_}", "bold $waste"), f" {verb}; ")
    known = waste.wasted.get(figures.layer.number, Counter()).most_common()
    parts = [
        Content.assemble((size(count), "$waste"), f" {hidden_by(hidden_in, cause)}")
        for (cause, hidden_in), count in known[:_MAX_WASTE_PARTS]
    ]
    if len(known) > _MAX_WASTE_PARTS:
        parts.append(Content(f"{size(sum(count for _, count in known[_MAX_WASTE_PARTS:]))} otherwise"))
    return said + Content(", ").join(parts)


def shipped_again(figures: LayerStats) -> str:
    """What a layer that changes no path ships all the same; empty when it ships no file."""
    if not figures.unchanged:
        return ""
    return f"ships {counted(figures.unchanged, 'file')} again, unchanged: {size(figures.bytes)}, see Waste (w)"


def _figures(figures: LayerStats) -> Iterator[Content]:
    if figures.files:
        yield Content(counted(figures.files, "file"))
    counts = [(change, getattr(figures, change.value)) for change in _COUNTED]
    for change, count in counts:
        if count:
            yield Content.styled(f"{MARKS[change]} {count:,} {change.value}", COLOURS[change])
    if not any(count for _, count in counts):
        yield Content.styled(shipped_again(figures) or "no file changed", "$muted")
    elif figures.unchanged:
        yield Content.styled(f"{SAME} {figures.unchanged:,} again, unchanged", "$muted")
    if figures.directories_changed:
        directories = counted(figures.directories_changed, "directory", "directories")
        yield Content.styled(f"{directories} changed", "$muted")


def _hidden_here(figures: LayerStats, waste: WasteByLayer, width: int) -> Iterator[Content]:
    if figures.hides_bytes:
        shipped_by = _enumerated(sorted(waste.hides.get(figures.layer.number, ())))
        words = Content.assemble(
            (size(figures.hides_bytes), "bold $change-modified"),
            f" of lower layers hidden here: shipped by {shipped_by}, nothing saved",
        )
        yield Content("")
        yield from words.wrap(width)


def _enumerated(layers: Sequence[int]) -> str:
    """``layer 3``, ``layers 0 and 1``, ``layers 0, 1 and 4``."""
    return f"layer{'s' if len(layers) > 1 else ''} {enumerated(map(str, layers), 'and')}"


def _identity(selected: Selected) -> Iterator[tuple[str, str]]:
    """What names the layer, when it was made and what it takes to pull."""
    layer, step = selected.layer, selected.step
    found = [
        ("created", _created(selected)),
        ("comment", step.comment if step and step.created_by else ""),
        ("author", step.author if step else ""),
    ]
    if layer is not None and not selected.is_empty:
        found += [
            ("pull", _pull(layer, selected.figures)),
            ("diff id", layer.diff_id),
            ("digest", (layer.digest or "") if layer.digest != layer.diff_id else ""),
            ("type", layer.media_type),
        ]
    for label, value in found:
        if value:
            yield label, printable(shortened(value, MAX_TEXT_CHARS))


def _created(selected: Selected) -> str:
    """When a step was made, and how long after the one before it."""
    said = timestamp(selected.step.created, clock.now()) if selected.step else ""
    if not said or not selected.place:
        return said
    seconds = seconds_since_previous(selected.image.history, selected.place)
    return f"{said}, {naturaldelta(seconds)} after the previous step" if seconds else said


def _pull(layer: Layer, figures: LayerStats | None) -> str:
    """What is pulled, beside what it takes on a disk."""
    pulled = layer.download_bytes
    if pulled is None:
        return ""
    if figures is None or not figures.bytes:
        return size(pulled)
    return f"{size(pulled)}, {percent(pulled / figures.bytes)} of the {size(figures.bytes)} on disk"


class Details(ActionOwner, Prose):
    """The pane that shows it."""

    HELP = """\
    # The selected layer

    How much of what it ships survives, and which later layers hid the rest; what it changed against the layer below;
    the instruction that made it, in lines; and what it hid of lower layers. Hiding saves nothing: the bytes stay in the
    layer that shipped them. **pull** is its compressed size.

    Of a step that made no layer: what it set in the configuration, and what that was before.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*LAYER_KEYS]

    def __init__(self) -> None:
        super().__init__(id="details")
        self._selected: Selected | None = None
        self._settings_of: tuple[Image, Sequence[tuple[Setting, ...]]] | None = None

    def show(self, image: Image, line: LayerRow, exploration: Exploration | None, read: int | None) -> None:
        """Show what a line of the layers stands for; ``read`` is the layer's size once it has been read."""
        selected = Selected.of(image, line, exploration, read)
        before = self._selected
        if before is not None and before.image is image and before.exploration is exploration and before == selected:
            return
        self._selected = selected
        self.border_title = selected.title
        self.rewrite()
        self.scroll_home(animate=False)

    def allow_focus(self) -> bool:
        """Only where there is something to scroll."""
        return super().allow_focus() and self.max_scroll_y > 0

    # The keys of the layer are those of the list

    @property
    def _layers(self) -> LayerList:
        return self.screen.query_one(LayerList)

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """What has no digest has none to copy."""
        is_of_layer = action in ("copy_digest", "copy_command")
        return self._layers.availability(action, parameters) if is_of_layer else True

    def action_digit(self, digit: int) -> None:
        self._layers.action_digit(digit)

    def action_copy_digest(self) -> None:
        self._layers.action_copy_digest()

    def action_copy_command(self) -> None:
        self._layers.action_copy_command()

    def wrapped(self, width: int) -> Iterator[Content]:
        selected = self._selected
        if selected is None:
            return iter(())
        waste = selected.exploration.waste_by_layer if selected.exploration else WasteByLayer({}, {})
        return description(selected, waste, self._settings(selected), width)

    def _settings(self, selected: Selected) -> Collection[Setting]:
        """What the step set. The whole history is gone through when this is asked first."""
        if selected.place is None:
            return ()
        if self._settings_of is None or self._settings_of[0] is not selected.image:
            self._settings_of = (selected.image, config_changes(selected.image))
        return self._settings_of[1][selected.place]
