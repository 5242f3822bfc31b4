"""The selected layer in words: its command, its figures, where its wasted bytes went, and what was odd about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from explorer.model import Cause, Change, Layer
from explorer.text import layer_command, printable, shortened, size, timestamp
from explorer.tui.marks import COLOURS, MARKS, SAME
from explorer.tui.prose import LONGEST, Prose, bounded, flowing, hanging, more, several

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


_COUNTED = (Change.ADDED, Change.MODIFIED, Change.REMOVED)
_LABEL = 10


@dataclass(frozen=True, slots=True)
class Fates:
    """Which layer did what to the bytes of which."""

    lost: Mapping[int, Counter[tuple[Cause, int]]]
    """Layer to what became of its wasted bytes: (cause, layer that hid them) to bytes."""
    hid: Mapping[int, Counter[int]]
    """Layer to the bytes that it hid of lower layers: layer that shipped them to bytes."""

    @classmethod
    def of(cls, ledger: Ledger) -> Fates:
        """What the ledger says, by layers."""
        lost: defaultdict[int, Counter[tuple[Cause, int]]] = defaultdict(Counter)
        hid: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for waste in ledger.wasted:
            lost[waste.shipped_in][waste.cause, waste.hidden_in] += waste.bytes
            if waste.hidden_in != waste.shipped_in:
                hid[waste.hidden_in][waste.shipped_in] += waste.bytes
        return cls(lost, hid)


def description(
    layer: Layer, figures: LayerFigures | None, read: int | None, fates: Fates, width: int
) -> Iterator[Content]:
    """All that is known of a layer, in lines of at most ``width`` cells; ``read`` is its size once it has been read."""
    yield from _command(layer_command(layer, LONGEST), width)
    yield Content("")
    if figures is None:
        yield Content.styled("not read yet" if read is None else size(read), "$muted")
    else:
        yield from flowing(_figures(figures), width)
        yield from _waste(figures, fates, width)
        for problem in several(figures.problems, len(figures.problems)):
            yield from hanging(Content.styled("!", "bold $change-modified"), 2, Content(problem), width)
    identity = list(_identity(layer))
    if identity:
        yield Content("")
    for label, value in identity:
        yield from hanging(Content.styled(label, "$muted"), _LABEL, Content(value), width)


def shipped_again(figures: LayerFigures) -> str:
    """What a layer that changes no path ships all the same; empty when it ships no file."""
    if not figures.recopied:
        return ""
    files = "1 file" if figures.recopied == 1 else f"{figures.recopied:,} files"
    return f"ships {files} again, unchanged: {size(figures.bytes)}, see Waste (w)"


def _command(text: str, width: int) -> Iterator[Content]:
    """A command, each of the steps that ``&&`` joins on a line of its own."""
    steps = text.split(" && ")
    first, space, rest = steps[0].partition(" ")
    head = Content.assemble((first, "bold $key"), space + rest) if first.isupper() else Content(steps[0])
    yield from hanging(Content(""), 0, head, width)
    joined = list(bounded(steps[1:]))
    for step in joined:
        yield from hanging(Content.styled(" &&", "$muted"), 4, Content(step.strip()), width)
    if len(joined) < len(steps) - 1:
        yield Content(more(len(steps) - 1 - len(joined)))


def _figures(figures: LayerFigures) -> Iterator[Content]:
    files = f" in {figures.files:,} file{'' if figures.files == 1 else 's'}"
    yield Content.assemble((size(figures.bytes), "bold"), files)
    counts = [(change, getattr(figures, change.value)) for change in _COUNTED]
    for change, count in counts:
        if count:
            yield Content.styled(f"{MARKS[change]} {count:,} {change.value}", COLOURS[change])
    if not any(count for _, count in counts):
        yield Content.styled(shipped_again(figures) or "no file changed", "$muted")
    elif figures.recopied:
        yield Content.styled(f"{SAME} {figures.recopied:,} again, unchanged", "$muted")
    if figures.directories:
        directories = f"{figures.directories:,} director{'y' if figures.directories == 1 else 'ies'}"
        yield Content.styled(f"{directories} changed", "$muted")


def _waste(figures: LayerFigures, fates: Fates, width: int) -> Iterator[Content]:
    if figures.wasted_bytes:
        yield Content.assemble((size(figures.wasted_bytes), "bold $waste"), " of it wasted:")
        for (cause, hidden_in), count in fates.lost.get(figures.layer.number, Counter()).most_common(_FATES):
            words = Content(_VERBS[cause].format(hidden_in))
            yield from hanging(Content.styled(f"{size(count):>9}", "$waste"), 10, words, width)
    if figures.hides_bytes:
        shipped_by = _enumerated(sorted(fates.hid.get(figures.layer.number, ())))
        words = Content.assemble(
            (size(figures.hides_bytes), "bold $change-modified"),
            f" of lower layers hidden here: shipped by {shipped_by}, nothing saved",
        )
        yield from words.wrap(width)


def _enumerated(layers: Sequence[int]) -> str:
    """``layer 3``, ``layers 0 and 1``, ``layers 0, 1 and 4``."""
    *others, last = map(str, layers)
    return f"layers {', '.join(others)} and {last}" if others else f"layer {last}"


def _identity(layer: Layer) -> Iterator[tuple[str, str]]:
    """What names the layer, and when it was made."""
    step = layer.step
    for label, value in (
        ("created", timestamp(step.created) if step else ""),
        ("comment", printable(step.comment) if step and step.created_by else ""),
        ("download", size(layer.download_bytes) if layer.download_bytes is not None else ""),
        ("diff id", printable(layer.diff_id)),
        ("digest", printable(layer.digest or "") if layer.digest != layer.diff_id else ""),
    ):
        if value:
            yield label, shortened(value, LONGEST)


class Details(Prose):
    """The pane that shows it."""

    HELP = """\
    # The selected layer

    The command that made it, what it ships, what it changed against the layer below, which later layers hid what it
    shipped, and what it hid of lower layers. Hiding saves nothing: the bytes stay in the layer that shipped them.
    """

    def __init__(self) -> None:
        super().__init__(id="details")
        self._layer: Layer | None = None
        self._figures: LayerFigures | None = None
        self._bytes: int | None = None
        self._ledger: Ledger | None = None
        self._fates = Fates({}, {})

    def show(self, layer: Layer, exploration: Exploration | None, read: int | None) -> None:
        """Show one layer; ``read`` is its size once it has been read."""
        if exploration is not None and exploration.ledger is not self._ledger:
            self._ledger = exploration.ledger
            self._fates = Fates.of(exploration.ledger)
        self._layer, self._bytes = layer, read
        self._figures = exploration.layers[layer.number] if exploration else None
        self.border_title = f"Layer {layer.number}"
        self.rewrite()
        self.scroll_home(animate=False)

    def allow_focus(self) -> bool:
        """Only where there is something to scroll."""
        return super().allow_focus() and self.max_scroll_y > 0

    def wrapped(self, width: int) -> Iterator[Content]:
        if self._layer is None:
            return iter(())
        return description(self._layer, self._figures, self._bytes, self._fates, width)
