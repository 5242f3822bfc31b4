"""The first line of the screen: the image, and its visible and wasted bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from explorer.analysis.comparison import Comparison
from explorer.analysis.waste import ByteUsage
from explorer.model import Change, Image
from explorer.pipeline import Exploration
from explorer.text.printable import printable, shortened
from explorer.text.units import counted, percent, size
from explorer.tui.widgets.drawing import cut_start, gauge
from explorer.tui.widgets.marks import COLOURS, DISPOSABLE, MARKS

_COUNTED = (Change.ADDED, Change.MODIFIED, Change.REMOVED)
_TO_LAYERS, _TO_FILES, _TO_WASTE = "app.focus('layer-list')", "screen.pane('files')", "screen.pane('waste')"
_TO_IMAGE, _TO_DISPOSABLE = "screen.pane('image')", "screen.disposable"
_WASTED_CELL = "╍"
"""A cell of the wasted part of the bar, which differs from the others without colours, too."""
_MAX_PLATFORM_CHARS = 100
"""More characters of a platform are cut, because they would never fit."""


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """The facts of the line. Figures are None until they are known."""

    reference: str
    platform: str = ""
    layers: int | None = None
    usage: ByteUsage | None = None
    disposable_bytes: int | None = None
    own_bytes: int | None = None
    """Bytes that the layers above the base ship; None if it is not certain where it ends."""
    is_damaged: bool = False
    layers_read: int = 0
    """The number of layers whose files show, before the image is read or if others are left out."""

    @classmethod
    def of(cls, reference: str, image: Image | None, exploration: Exploration | None, read: int = 0) -> ImageSummary:
        """Returns the facts that are known so far."""
        if image is None:
            return cls(printable(reference))
        name, platform = printable(image.reference), printable(shortened(image.platform, _MAX_PLATFORM_CHARS))
        if exploration is None:
            return cls(name, platform, len(image.layers), is_damaged=bool(image.damage), layers_read=read)
        read = len(image.layers) - len(exploration.missing_layers)
        is_damaged = bool(exploration.damage)
        return cls(name, platform, len(image.layers), exploration.usage, is_damaged=is_damaged, layers_read=read)


@dataclass(frozen=True, slots=True)
class _Level:
    """The parts of the line at a width; the narrower, the fewer."""

    gap: int
    gauge: int
    """Cells of the bar; 0 leaves it out."""
    platform: bool = True
    shipped_word: bool = True
    disposable: bool = True
    layers: bool = True
    visible: bool = True
    shipped: bool = True
    wasted: bool = True
    own: bool = False


_LEVELS = (
    _Level(3, 24, own=True),
    _Level(2, 16, own=True),
    _Level(2, 12, shipped_word=False, own=True),
    _Level(2, 8, shipped_word=False, own=True),
    _Level(2, 8, shipped_word=False, platform=False, own=True),
    _Level(2, 5, shipped_word=False, platform=False, own=True),
    _Level(2, 8, shipped_word=False, platform=False),
    _Level(2, 5, shipped_word=False, platform=False),
    _Level(2, 5, shipped_word=False, disposable=False, platform=False),
    _Level(2, 0, shipped_word=False, disposable=False, platform=False),
    _Level(2, 0, shipped_word=False, disposable=False, platform=False, layers=False),
    _Level(2, 0, disposable=False, platform=False, layers=False, visible=False),
    _Level(1, 0, disposable=False, platform=False, layers=False, visible=False, shipped=False),
    _Level(1, 0, disposable=False, platform=False, layers=False, visible=False, shipped=False, wasted=False),
)


def summary_line(summary: ImageSummary, width: int) -> Content:
    """Returns the most important facts that fit into one line of ``width`` cells."""
    reference = Content(cut_start(summary.reference, max(24, width // 4))).stylize("bold $primary")
    for level in _LEVELS:
        joined = Content(" " * level.gap).join([reference, *_facts(summary, level)])
        usage = summary.usage if level.wasted else None
        last = _usage(usage, level) if usage is not None else Content("")
        space = width - joined.cell_length - last.cell_length
        if space >= 2:
            return Content("").join([joined, Content(" " * space), last])
    return Content(cut_start(summary.reference, width)).stylize("bold $primary")


def _facts(summary: ImageSummary, level: _Level) -> Iterator[Content]:
    """Yields the facts after the reference, except the visible and wasted bytes."""
    if summary.is_damaged:
        yield _link(_TO_IMAGE, Content.styled("DAMAGED", "bold reverse $waste"))
    if level.platform and summary.platform:
        yield _link("app.platform", Content.styled(summary.platform, "$muted"))
    layers = counted(summary.layers, "layer") if level.layers and summary.layers is not None else ""
    if layers and summary.layers_read != summary.layers and (summary.layers_read or summary.usage is not None):
        layers = f"{summary.layers_read:,} of {layers}"
    if summary.usage is None:
        layers += " ready" if layers and summary.layers_read else ""
        yield _link(_TO_LAYERS, Content.styled(layers, "$muted"))
    elif level.shipped:
        word = " shipped" if level.shipped_word else ""
        words = f"{word} in {layers}" if layers else " shipped"
        if not layers and summary.layers_read != summary.layers:
            words = f" in {summary.layers_read:,} of {summary.layers:,}"
        yield _link(_TO_LAYERS, Content.assemble((size(summary.usage.shipped_bytes), "bold"), (words, "$muted")))
        if level.own and summary.own_bytes is not None:
            yield _link(_TO_IMAGE, Content.assemble((size(summary.own_bytes), "bold"), (" yours", "$muted")))
    if level.disposable and summary.disposable_bytes:
        figure = f"{DISPOSABLE} {size(summary.disposable_bytes)}"
        yield _link(_TO_DISPOSABLE, Content.assemble((figure, "bold $disposable"), (" disposable", "$muted")))


def _usage(usage: ByteUsage, level: _Level) -> Content:
    """Returns the visible and the wasted bytes with a bar between them."""
    colour = "$waste" if usage.wasted_bytes else "$change-added"
    share = f", {percent(1 - usage.efficiency)}" if usage.wasted_bytes else ""
    wasted = _link(
        _TO_WASTE, Content.assemble((size(usage.wasted_bytes), f"bold {colour}"), (" wasted", "$muted"), share)
    )
    if not level.visible:
        return wasted
    visible = _link(_TO_FILES, Content.assemble((size(usage.visible_bytes), "bold"), (" visible", "$muted")))
    if not level.gauge:
        return Content.assemble(visible, "  ", wasted)
    kept, lost = gauge(usage.efficiency, level.gauge)
    bar = _link(_TO_WASTE, Content.assemble(" ", (kept, "$bar"), (_WASTED_CELL * len(lost), "$waste-bar"), " "))
    return Content.assemble(visible, bar, wasted)


def _link(action: str, words: Content) -> Content:
    """Returns words that take an action when they are clicked."""
    return words.stylize(Style.from_meta({"@click": action}))


class ImageHeader(Widget):
    """The first line of the screen."""

    # The figures keep their own colours.
    auto_links = False
    summary: reactive[ImageSummary] = reactive(ImageSummary(""))
    comparison: reactive[Comparison | None] = reactive(None)
    """The comparison of two layers; while there is one, it takes the place of the figures."""

    def render(self) -> Content:
        width = self.size.width
        return (
            comparison_line(self.summary, self.comparison, width)
            if self.comparison
            else summary_line(self.summary, width)
        )


def comparison_line(summary: ImageSummary, comparison: Comparison, width: int) -> Content:
    """Returns the image, which may be cut, and a comparison in ``width`` cells."""
    words = comparison_summary(comparison)
    room = width - words.cell_length - 3
    reference = Content.styled(cut_start(summary.reference, min(room, max(24, width // 4))), "bold $primary")
    joined = Content("   ").join([reference, words]) if room >= min(12, len(summary.reference)) else words
    hint = _link("screen.stop_comparing", Content.styled("m: stop comparing", "$muted"))
    space = width - joined.cell_length - hint.cell_length
    return Content.assemble(joined, " " * space, hint) if space >= 3 else joined.truncate(max(1, width), ellipsis=True)


def comparison_summary(comparison: Comparison) -> Content:
    """Returns the comparison in words."""
    points = [
        Content.assemble(("layer ", "$muted"), (str(point), "bold $key"))
        for point in (comparison.base, comparison.layer)
    ]
    parts = [Content(" → ").join(points)]
    if comparison.layer == comparison.base:
        return Content.assemble("Compare ", points[0], (" with …: pick a layer", "$muted"))
    if comparison.layer < comparison.base:
        parts.append(Content.styled("reversed", "$key"))
    counts = [
        Content.styled(f"{MARKS[change]} {comparison.counts[change]:,}", COLOURS[change])
        for change in _COUNTED
        if comparison.counts[change]
    ]
    if counts:
        word = "file" if sum(comparison.counts[change] for change in _COUNTED) == 1 else "files"
        parts.append(Content(" ").join([*counts, Content.styled(word, "$muted")]))
    else:
        parts.append(Content.styled("no file differs", "$muted"))
    for mark, count, change in (("+", comparison.more, Change.ADDED), ("−", comparison.less, Change.REMOVED)):
        if count:
            parts.append(Content.styled(f"{mark}{size(count)}", f"bold {COLOURS[change]}"))
    return Content("  ").join(parts)
