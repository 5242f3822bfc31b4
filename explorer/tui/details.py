"""The selected layer in words: its command, its figures, where its wasted bytes went, and what was odd about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from textual.content import Content

from explorer.model import Cause, Layer
from explorer.text import moment, printable, size
from explorer.tui.layer_list import command_of
from explorer.tui.prose import Prose, flowing, hanging

if TYPE_CHECKING:
    from explorer.analysis.waste import Ledger
    from explorer.pipeline import Exploration, LayerFigures

_FATES = 8
"""As many of a layer's fates are told, largest first."""
_VERBS = {
    Cause.REMOVED: "removed by layer {}",
    Cause.OVERWRITTEN: "overwritten by layer {}",
    Cause.RECOPIED: "shipped again, the same, by layer {}",
    Cause.DUPLICATE: "twice in this layer",
}


_COUNTED = (("added", "+", "$change-added"), ("modified", "~", "$change-modified"), ("removed", "−", "$change-removed"))
_LABEL = 10

Fates = Mapping[int, Counter[tuple[Cause, int]]]
"""Layer to what became of its wasted bytes: (cause, layer that hid them) to bytes."""


def fates(ledger: Ledger) -> Fates:
    """Every layer's wasted bytes by cause and by the layer that hid them."""
    found: defaultdict[int, Counter[tuple[Cause, int]]] = defaultdict(Counter)
    for waste in ledger.wasted:
        found[waste.shipped_in][waste.cause, waste.hidden_in] += waste.bytes
    return found


def description(
    layer: Layer, figures: LayerFigures | None, read: int | None, fate: Fates, width: int
) -> Iterator[Content]:
    """All that is known of a layer, in lines of at most ``width`` cells; ``read`` is its size once it has been read."""
    yield from _command(command_of(layer), width)
    yield Content("")
    if figures is None:
        yield Content.styled("not read yet" if read is None else size(read), "$muted")
    else:
        yield from flowing(_figures(figures), width)
        yield from _waste(figures, fate, width)
        for problem in figures.problems:
            yield from hanging(Content.styled("!", "bold $change-modified"), 2, Content(printable(problem)), width)
    identity = list(_identity(layer))
    if identity:
        yield Content("")
    for label, value in identity:
        yield from hanging(Content.styled(label, "$muted"), _LABEL, Content(value), width)


def _command(text: str, width: int) -> Iterator[Content]:
    """A command, each of the steps that ``&&`` joins on a line of its own."""
    steps = text.split(" && ")
    first, space, rest = steps[0].partition(" ")
    head = Content.assemble((first, "bold $key"), space + rest) if first.isupper() else Content(steps[0])
    yield from hanging(Content(""), 0, head, width)
    for step in steps[1:]:
        yield from hanging(Content.styled(" &&", "$muted"), 4, Content(step.strip()), width)


def _figures(figures: LayerFigures) -> Iterator[Content]:
    files = f" in {figures.files:,} file{'' if figures.files == 1 else 's'}"
    yield Content.assemble((size(figures.bytes), "bold"), files)
    counts = [(getattr(figures, what), what, mark, colour) for what, mark, colour in _COUNTED]
    for count, what, mark, colour in counts:
        if count:
            yield Content.styled(f"{mark} {count:,} {what}", colour)
    if not any(count for count, *_ in counts):
        yield Content.styled("no file changed", "$muted")


def _waste(figures: LayerFigures, fate: Fates, width: int) -> Iterator[Content]:
    if figures.wasted_bytes:
        yield Content.assemble((size(figures.wasted_bytes), "bold $waste"), " of it wasted:")
        for (cause, hidden_in), count in fate.get(figures.layer.number, Counter()).most_common(_FATES):
            words = Content(_VERBS[cause].format(hidden_in))
            yield from hanging(Content.styled(f"{size(count):>9}", "$waste"), 10, words, width)
    if figures.hides_bytes:
        words = Content.assemble((size(figures.hides_bytes), "bold $waste"), " of lower layers hidden here")
        yield from words.wrap(width)


def _identity(layer: Layer) -> Iterator[tuple[str, str]]:
    """What names the layer, and when it was made."""
    step = layer.step
    for label, value in (
        ("created", moment(step.created) if step else ""),
        ("comment", printable(step.comment) if step and step.created_by else ""),
        ("download", size(layer.download_bytes) if layer.download_bytes is not None else ""),
        ("diff id", printable(layer.diff_id)),
        ("digest", printable(layer.digest or "") if layer.digest != layer.diff_id else ""),
    ):
        if value:
            yield label, value


class Details(Prose):
    """The pane that shows it."""

    HELP = """\
    # The selected layer

    The command that made it, what it ships, what it changed against the layer below, and which later layers hid
    what it shipped.
    """

    def __init__(self) -> None:
        super().__init__(id="details")
        self._layer: Layer | None = None
        self._figures: LayerFigures | None = None
        self._bytes: int | None = None
        self._ledger: Ledger | None = None
        self._fates: Fates = {}

    def show(self, layer: Layer, exploration: Exploration | None, read: int | None) -> None:
        """Show one layer; ``read`` is its size once it has been read."""
        if exploration is not None and exploration.ledger is not self._ledger:
            self._ledger = exploration.ledger
            self._fates = fates(exploration.ledger)
        self._layer, self._bytes = layer, read
        self._figures = exploration.layers[layer.number] if exploration else None
        self.border_title = f"Layer {layer.number}"
        self.rewrite()
        self.scroll_home(animate=False)

    def wrapped(self, width: int) -> Iterator[Content]:
        if self._layer is None:
            return iter(())
        return description(self._layer, self._figures, self._bytes, self._fates, width)
