"""The first line of the screen: which image, and how much of what it ships is of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from explorer.text import percent, printable, shortened, size
from explorer.tui.paint import cut_start, gauge

if TYPE_CHECKING:
    from explorer.model import Image
    from explorer.pipeline import Exploration

_LONGEST = 100
"""Characters of a platform that are looked at."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the line says. Figures are None while they are not known."""

    reference: str
    platform: str = ""
    layers: int | None = None
    shipped: int | None = None
    visible: int | None = None
    wasted: int | None = None
    efficiency: float | None = None

    @classmethod
    def of(cls, reference: str, image: Image | None, exploration: Exploration | None) -> Facts:
        """The facts as far as they are known."""
        if image is None:
            return cls(printable(reference))
        name, platform = printable(image.reference), printable(shortened(image.platform, _LONGEST))
        if exploration is None:
            return cls(name, platform, len(image.layers))
        account = exploration.ledger
        return cls(
            name,
            platform,
            len(image.layers),
            account.shipped_bytes,
            account.visible_bytes,
            account.wasted_bytes,
            account.efficiency,
        )


def line(facts: Facts, width: int) -> Content:
    """The facts in one line of ``width`` cells; when it is narrow, what matters least is left out first."""
    all_figures = _figures(facts)
    reference = Content(cut_start(facts.reference, max(24, width // 4))).stylize("bold $primary")
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
        if platform and facts.platform:
            parts.append(Content.styled(facts.platform, "$muted"))
        if layers and facts.layers is not None:
            parts.append(Content.styled(f"{facts.layers} layer{'' if facts.layers == 1 else 's'}", "$muted"))
        parts += figures
        joined = Content(" " * gap).join(parts)
        last = _gauge(facts.efficiency, gauge_width, words) if facts.efficiency is not None else Content("")
        space = width - joined.cell_length - last.cell_length
        if space >= 2:
            return Content("").join([joined, Content(" " * space), last])
    return Content(cut_start(facts.reference, width)).stylize("bold $primary")


def _figures(facts: Facts) -> list[Content]:
    if facts.shipped is None or facts.visible is None or facts.wasted is None:
        return []
    colour = "$waste" if facts.wasted else "$change-added"
    return [
        Content.assemble((size(facts.shipped), "bold"), (" shipped", "$muted")),
        Content.assemble((size(facts.visible), "bold"), (" visible", "$muted")),
        Content.assemble((size(facts.wasted), f"bold {colour}"), (" wasted", "$muted")),
    ]


def _gauge(efficiency: float, width: int, words: bool) -> Content:
    colour = "$change-added" if efficiency >= 0.95 else "$change-modified" if efficiency >= 0.8 else "$waste"
    said = Content.assemble((percent(efficiency), f"bold {colour}"), (" efficient" if words else "", "$muted"))
    if not width:
        return said
    full, empty = gauge(efficiency, width)
    return Content.assemble((full, colour), (empty, "$faint"), " ", said)


class Headline(Widget):
    """The line, as wide as the screen."""

    facts: reactive[Facts] = reactive(Facts(""))

    def render(self) -> Content:
        return line(self.facts, self.size.width)
