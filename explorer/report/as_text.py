"""The report for people: the figures, the layers, and the largest waste with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.model import Cause, Waste
from explorer.pipeline import Exploration, LayerFigures
from explorer.text import layer_command, percent, printable, size

_WORST = 20

_CAUSES = {
    Cause.REMOVED: "removed by a later layer",
    Cause.OVERWRITTEN: "overwritten with something else",
    Cause.RECOPIED: "shipped again with the same bytes",
    Cause.DUPLICATE: "twice in one layer",
}


def report_text(exploration: Exploration) -> str:
    """The whole report, lines of text that end with a newline."""
    return "\n".join((*_image(exploration), "", *_layers(exploration), "", *_wasted(exploration), ""))


def _image(exploration: Exploration) -> Iterator[str]:
    image, ledger = exploration.image, exploration.ledger
    yield f"{printable(image.reference)}  {printable(image.platform)}".rstrip()
    if image.tags:
        yield f"  tags        {', '.join(map(printable, image.tags))}"
    yield f"  id          {printable(image.id)}"
    yield f"  source      {printable(image.source)}"
    yield f"  shipped     {_bytes(ledger.shipped_bytes)}"
    yield f"  visible     {_bytes(ledger.visible_bytes)}"
    yield f"  wasted      {_bytes(ledger.wasted_bytes)}"
    if exploration.download_bytes is not None:
        yield f"  download    {_bytes(exploration.download_bytes)}"
    yield f"  efficiency  {percent(ledger.efficiency)}"
    for problem in image.problems:
        yield f"  problem: {problem}"


def _bytes(count: int) -> str:
    return f"{size(count):>8}  {count:,} bytes"


def _layers(exploration: Exploration) -> Iterator[str]:
    yield f"{'Layer':>5} {'Size':>8} {'Wasted':>8} {'Hides':>8} {'Added':>7} {'Modified':>8} {'Removed':>7}  Command"
    for figures in exploration.layers:
        yield (
            f"{figures.layer.number:>5} {size(figures.bytes):>8} {_or_blank(figures.wasted_bytes):>8} "
            f"{_or_blank(figures.hides_bytes):>8} {figures.added or '':>7} {figures.modified or '':>8} "
            f"{figures.removed or '':>7}  {_command(figures)}"
        )
        for note in _notes(figures):
            yield f"      {note}"
        for problem in figures.problems:
            yield f"      problem: {problem}"
    if not exploration.layers:
        yield "      the image has no layers"


def _command(figures: LayerFigures) -> str:
    text = layer_command(figures.layer)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _notes(figures: LayerFigures) -> Iterator[str]:
    """What the columns leave out: directories, where nothing else changed, and what is shipped for no reason at all."""
    if figures.directories and not (figures.added or figures.modified or figures.removed):
        yield f"changes {_counted(figures.directories, 'directory', 'directories')}"
    if figures.recopied:
        yield f"ships {_counted(figures.recopied, 'file', 'files')} again, unchanged"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _or_blank(count: int) -> str:
    return size(count) if count else ""


def _wasted(exploration: Exploration) -> Iterator[str]:
    ledger = exploration.ledger
    if not ledger.wasted:
        yield "Nothing is wasted."
        return
    yield "Wasted, by cause"
    for cause, count in sorted(ledger.by_cause.items(), key=lambda item: -item[1]):
        if count:
            yield f"  {size(count):>8}  {cause.value:<11}  {_CAUSES[cause]}"
    yield ""
    yield f"Wasted, the {_WORST} largest files" if len(ledger.wasted) > _WORST else "Wasted files"
    yield from (_waste(waste) for waste in ledger.wasted[:_WORST])
    left = ledger.wasted[_WORST:]
    if left:
        yield f"  {size(sum(waste.bytes for waste in left)):>8}  in {len(left):,} more files"


def _waste(waste: Waste) -> str:
    if waste.cause is Cause.DUPLICATE:
        reason = f"twice in layer {waste.shipped_in}"
    else:
        reason = f"shipped by layer {waste.shipped_in}, {waste.cause.value} by layer {waste.hidden_in}"
    return f"  {size(waste.bytes):>8}  /{printable(waste.path)}  ({reason})"
