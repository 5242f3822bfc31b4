"""The first line of the screen: the image, its bytes and its efficiency."""

from __future__ import annotations

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
from explorer.tui.widgets.marks import COLOURS, MARKS

_COUNTED = (Change.ADDED, Change.MODIFIED, Change.REMOVED)
_TO_LAYERS, _TO_FILES, _TO_WASTE = "app.focus('layer-list')", "screen.pane('files')", "screen.pane('waste')"
_TO_IMAGE = "screen.pane('image')"
_MAX_PLATFORM_CHARS = 100
"""More characters of a platform are cut, because they would never fit."""


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """The facts of the line. Figures are None until they are known."""

    reference: str
    platform: str = ""
    layers: int | None = None
    usage: ByteUsage | None = None
    is_damaged: bool = False

    @classmethod
    def of(cls, reference: str, image: Image | None, exploration: Exploration | None) -> ImageSummary:
        """Returns the facts that are known so far."""
        if image is None:
            return cls(printable(reference))
        name, platform = printable(image.reference), printable(shortened(image.platform, _MAX_PLATFORM_CHARS))
        if exploration is None:
            return cls(name, platform, len(image.layers), is_damaged=bool(image.damage))
        return cls(name, platform, len(image.layers), exploration.usage, bool(exploration.damage))


def summary_line(summary: ImageSummary, width: int) -> Content:
    """Returns the most important facts that fit into one line of ``width`` cells."""
    all_figures = _figures(summary)
    reference = Content(cut_start(summary.reference, max(24, width // 4))).stylize("bold $primary")
    for gap, gauge_width, words, platform, layers, figures in (
        (3, 24, True, True, True, all_figures),
        (3, 12, True, True, True, all_figures),
        (2, 8, True, True, True, all_figures),
        (2, 0, True, True, True, all_figures),
        (2, 0, False, True, True, all_figures),
        (2, 0, False, False, True, all_figures),
        (2, 0, False, False, False, all_figures),
        (2, 0, False, False, False, all_figures[2:]),
        (1, 0, False, False, False, []),
    ):
        parts = [reference]
        if summary.is_damaged:
            parts.append(_link(_TO_IMAGE, Content.styled("DAMAGED", "bold reverse $waste")))
        if platform and summary.platform:
            parts.append(_link("app.platform", Content.styled(summary.platform, "$muted")))
        if layers and summary.layers is not None:
            layers_ = Content.styled(counted(summary.layers, "layer"), "$muted")
            parts.append(_link(_TO_LAYERS, layers_))
        parts += figures
        joined = Content(" " * gap).join(parts)
        last = _gauge(summary.usage.efficiency, gauge_width, words) if summary.usage is not None else Content("")
        space = width - joined.cell_length - last.cell_length
        if space >= 2:
            return Content("").join([joined, Content(" " * space), last])
    return Content(cut_start(summary.reference, width)).stylize("bold $primary")


def _figures(summary: ImageSummary) -> list[Content]:
    usage = summary.usage
    if usage is None:
        return []
    colour = "$waste" if usage.wasted_bytes else "$change-added"
    return [
        _link(_TO_LAYERS, Content.assemble((size(usage.shipped_bytes), "bold"), (" shipped", "$muted"))),
        _link(_TO_FILES, Content.assemble((size(usage.visible_bytes), "bold"), (" visible", "$muted"))),
        _link(_TO_WASTE, Content.assemble((size(usage.wasted_bytes), f"bold {colour}"), (" wasted", "$muted"))),
    ]


def _link(action: str, words: Content) -> Content:
    """Returns words that take an action when they are clicked."""
    return words.stylize(Style.from_meta({"@click": action}))


def _gauge(efficiency: float, width: int, has_word: bool) -> Content:
    colour = "$change-added" if efficiency >= 0.95 else "$change-modified" if efficiency >= 0.8 else "$waste"
    words = Content.assemble((percent(efficiency), f"bold {colour}"), (" efficient" if has_word else "", "$muted"))
    if not width:
        return _link(_TO_WASTE, words)
    full, empty = gauge(efficiency, width)
    return _link(_TO_WASTE, Content.assemble((full, colour), (empty, "$faint"), " ", words))


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
