"""The report as Markdown, for a page, a ticket or the summary of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from explorer.analysis.layer_stats import LayerStats
from explorer.model import Waste
from explorer.pipeline import Exploration
from explorer.report import words
from explorer.report.markdown import code, more_waste, table
from explorer.text.printable import printable
from explorer.text.units import percent, size, timestamp


def report_markdown(exploration: Exploration, now: datetime) -> str:
    """The whole report as Markdown; the image's age refers to ``now``."""
    return "\n".join((*_image(exploration, now), "", *_layers(exploration), "", *_wasted(exploration), ""))


def _image(exploration: Exploration, now: datetime) -> Iterator[str]:
    image = exploration.image
    yield f"# {code(printable(image.reference))}"
    yield ""
    if exploration.damage:
        yield "**The image is damaged:**"
        yield ""
        yield from (f"- {code(damage)}" for damage in exploration.damage)
        yield ""
    yield from table(("Figure", "Value"), _figures(exploration, now))
    if image.problems:
        yield ""
        yield from (f"- problem: {code(problem)}" for problem in image.problems)


def _figures(exploration: Exploration, now: datetime) -> Iterator[Sequence[str]]:
    image, usage = exploration.image, exploration.usage
    for name, text in (
        ("platform", code(printable(image.platform))),
        ("tags", ", ".join(code(printable(tag)) for tag in image.tags)),
        ("id", code(printable(image.id))),
        ("created", code(timestamp(image.created, now))),
        ("source", code(printable(image.source))),
    ):
        if text:
            yield name, text
    for name, count in (
        ("shipped", usage.shipped_bytes),
        ("visible", usage.visible_bytes),
        ("wasted", usage.wasted_bytes),
        ("download", exploration.download_bytes),
    ):
        if count is not None:
            yield name, f"{size(count)}, {count:,} bytes{words.without(exploration) if name == 'shipped' else ''}"
    yield "efficiency", percent(usage.efficiency)


def _layers(exploration: Exploration) -> Iterator[str]:
    yield "## Layers"
    yield ""
    if not exploration.layers:
        yield "The image has no layers."
        return
    heads = ("Layer:", "Size:", "Wasted:", "Undoes:", "Added:", "Modified:", "Removed:", "Command")
    rows = map(words.layer_cells, exploration.layers)
    yield from table(heads, ((*figures, code(command)) for *figures, command in rows))
    remarks = [
        f"- layer {figures.layer.number}: {remark}" for figures in exploration.layers for remark in _remarks(figures)
    ]
    if remarks:
        yield ""
        yield from remarks


def _remarks(figures: LayerStats) -> Iterator[str]:
    yield from words.notes(figures)
    yield from (f"problem: {code(problem)}" for problem in figures.problems)


def _wasted(exploration: Exploration) -> Iterator[str]:
    usage = exploration.usage
    yield "## Waste"
    yield ""
    if not usage.wasted:
        yield "Nothing is wasted."
        return
    yield from table(("Size:", "Cause", "Meaning"), words.cause_cells(usage))
    yield ""
    yield f"### The {words.MAX_FILES} largest files" if len(usage.wasted) > words.MAX_FILES else "### Files"
    yield ""
    yield from table(("Size:", "Path", "Reason"), map(_waste, usage.wasted[: words.MAX_FILES]))
    more = usage.wasted[words.MAX_FILES :]
    if more:
        yield ""
        yield more_waste(more)


def _waste(waste: Waste) -> Sequence[str]:
    return size(waste.bytes), code(words.path(waste.path)), words.reason(waste)
