"""The first line of the screen: which image, and how much of what it ships is of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from explorer.text.printable import printable, shortened
from explorer.text.units import counted, percent, size
from explorer.tui.main.comparison_text import sentence
from explorer.tui.widgets.drawing import cut_start, gauge

if TYPE_CHECKING:
    from textual import events

    from explorer.analysis.comparison import Comparison
    from explorer.model import Image
    from explorer.pipeline import Exploration

_LEADS = "leads"
_TO_LAYERS, _TO_FILES, _TO_WASTE = "app.focus('layer-list')", "screen.pane('files')", "screen.pane('waste')"
_LONGEST = 100
"""Characters of a platform that are looked at."""


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """What the line says. Figures are None while they are not known."""

    reference: str
    platform: str = ""
    layers: int | None = None
    shipped: int | None = None
    visible: int | None = None
    wasted: int | None = None
    efficiency: float | None = None

    @classmethod
    def of(cls, reference: str, image: Image | None, exploration: Exploration | None) -> ImageSummary:
        """The figures as far as they are known."""
        if image is None:
            return cls(printable(reference))
        name, platform = printable(image.reference), printable(shortened(image.platform, _LONGEST))
        if exploration is None:
            return cls(name, platform, len(image.layers))
        usage = exploration.usage
        return cls(
            name,
            platform,
            len(image.layers),
            usage.shipped_bytes,
            usage.visible_bytes,
            usage.wasted_bytes,
            usage.efficiency,
        )


def summary_line(summary: ImageSummary, width: int) -> Content:
    """The summary in one line of ``width`` cells; when it is narrow, what matters least is left out first."""
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
        if platform and summary.platform:
            parts.append(_leading("app.platform", Content.styled(summary.platform, "$muted")))
        if layers and summary.layers is not None:
            layers_ = Content.styled(counted(summary.layers, "layer"), "$muted")
            parts.append(_leading(_TO_LAYERS, layers_))
        parts += figures
        joined = Content(" " * gap).join(parts)
        last = _gauge(summary.efficiency, gauge_width, words) if summary.efficiency is not None else Content("")
        space = width - joined.cell_length - last.cell_length
        if space >= 2:
            return Content("").join([joined, Content(" " * space), last])
    return Content(cut_start(summary.reference, width)).stylize("bold $primary")


def _figures(summary: ImageSummary) -> list[Content]:
    if summary.shipped is None or summary.visible is None or summary.wasted is None:
        return []
    colour = "$waste" if summary.wasted else "$change-added"
    return [
        _leading(_TO_LAYERS, Content.assemble((size(summary.shipped), "bold"), (" shipped", "$muted"))),
        _leading(_TO_FILES, Content.assemble((size(summary.visible), "bold"), (" visible", "$muted"))),
        _leading(_TO_WASTE, Content.assemble((size(summary.wasted), f"bold {colour}"), (" wasted", "$muted"))),
    ]


def _leading(action: str, words: Content) -> Content:
    """The words, of which a click means an action."""
    return words.stylize(Style.from_meta({_LEADS: action}))


def _gauge(efficiency: float, width: int, words: bool) -> Content:
    colour = "$change-added" if efficiency >= 0.95 else "$change-modified" if efficiency >= 0.8 else "$waste"
    said = Content.assemble((percent(efficiency), f"bold {colour}"), (" efficient" if words else "", "$muted"))
    if not width:
        return _leading(_TO_WASTE, said)
    full, empty = gauge(efficiency, width)
    return _leading(_TO_WASTE, Content.assemble((full, colour), (empty, "$faint"), " ", said))


class ImageHeader(Widget):
    """The line, as wide as the screen."""

    summary: reactive[ImageSummary] = reactive(ImageSummary(""))
    comparison: reactive[Comparison | None] = reactive(None)
    """What differs between two layers, while they are compared; it takes the place of the figures."""

    def render(self) -> Content:
        width = self.size.width
        return (
            comparison_line(self.summary, self.comparison, width)
            if self.comparison
            else summary_line(self.summary, width)
        )

    async def on_click(self, event: events.Click) -> None:
        """A figure leads to where it comes from."""
        action = event.style.meta.get(_LEADS)
        if action:
            event.stop()
            await self.run_action(action)


def comparison_line(summary: ImageSummary, comparison: Comparison, width: int) -> Content:
    """The image and a comparison in one line of ``width`` cells; the comparison is what matters."""
    said = sentence(comparison)
    room = width - said.cell_length - 3
    reference = Content.styled(cut_start(summary.reference, min(room, max(24, width // 4))), "bold $primary")
    joined = Content("   ").join([reference, said]) if room >= min(12, len(summary.reference)) else said
    hint = _leading("screen.stop_comparing", Content.styled("Esc ends it", "$muted"))
    space = width - joined.cell_length - hint.cell_length
    return Content.assemble(joined, " " * space, hint) if space >= 3 else joined.truncate(max(1, width), ellipsis=True)
