"""The report as text: figures, layers and the largest wasted files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from explorer.pipeline import Exploration
from explorer.report import words
from explorer.text.printable import printable
from explorer.text.units import percent, size, timestamp

_ROW = "{:>5} {:>8} {:>8} {:>8} {:>7} {:>8} {:>7}  {}"


def report_text(exploration: Exploration, now: datetime) -> str:
    """The whole report as text; the image's age refers to ``now``."""
    return "\n".join((*_image(exploration, now), "", *_layers(exploration), "", *_wasted(exploration), ""))


def _image(exploration: Exploration, now: datetime) -> Iterator[str]:
    image, usage = exploration.image, exploration.usage
    yield f"{printable(image.reference)}  {printable(image.platform)}".rstrip()
    for damage in exploration.damage:
        yield f"  DAMAGED: {damage}"
    if image.tags:
        yield f"  tags        {', '.join(map(printable, image.tags))}"
    yield f"  id          {printable(image.id)}"
    created = timestamp(image.created, now)
    if created:
        yield f"  created     {created}"
    yield f"  source      {printable(image.source)}"
    yield f"  shipped     {_bytes(usage.shipped_bytes)}{words.without(exploration)}"
    yield f"  visible     {_bytes(usage.visible_bytes)}"
    yield f"  wasted      {_bytes(usage.wasted_bytes)}"
    if exploration.download_bytes is not None:
        yield f"  download    {_bytes(exploration.download_bytes)}"
    yield f"  efficiency  {percent(usage.efficiency)}"
    for problem in image.problems:
        yield f"  problem: {problem}"


def _bytes(count: int) -> str:
    return f"{size(count):>8}  {count:,} bytes"


def _layers(exploration: Exploration) -> Iterator[str]:
    yield _ROW.format("Layer", "Size", "Wasted", "Undoes", "Added", "Modified", "Removed", "Command")
    for figures in exploration.layers:
        yield _ROW.format(*words.layer_cells(figures))
        for note in words.notes(figures):
            yield f"      {note}"
        for problem in figures.problems:
            yield f"      problem: {problem}"
    if not exploration.layers:
        yield "      the image has no layers"


def _wasted(exploration: Exploration) -> Iterator[str]:
    usage = exploration.usage
    if not usage.wasted:
        yield "Nothing is wasted."
        return
    yield "Wasted, by cause"
    yield from (f"  {count:>8}  {cause:<11}  {meaning}" for count, cause, meaning in words.cause_cells(usage))
    yield ""
    yield f"Wasted, the {words.MAX_FILES} largest files" if len(usage.wasted) > words.MAX_FILES else "Wasted files"
    yield from (f"  {line}" for line in words.largest_waste(usage.wasted, words.MAX_FILES))
