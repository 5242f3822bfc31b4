"""The report as Markdown, for a page, a ticket or the summary of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from explorer.analysis.layer_stats import LayerStats
from explorer.pipeline import Exploration
from explorer.report import dockerfile, summary, words
from explorer.report.fixes import fix_sections
from explorer.report.markdown import code, running_text, table
from explorer.text.printable import printable
from explorer.text.units import percent, size, timestamp
from explorer.text.words import NOT_NEEDED


def report_markdown(exploration: Exploration, now: datetime) -> str:
    """The whole report as Markdown; the image's age refers to ``now``."""
    parts: tuple[Iterator[str], ...] = (
        _image(exploration, now),
        _fixes(exploration),
        _disposables(exploration),
        _directories(exploration),
        _wasted(exploration),
        _layers(exploration),
    )
    if dockerfile.title(exploration):
        parts = (*parts, _dockerfile(exploration))
    return "\n".join(line for part in parts for line in (*part, ""))


def _image(exploration: Exploration, now: datetime) -> Iterator[str]:
    image = exploration.image
    yield f"# {code(printable(image.reference))}"
    yield ""
    if exploration.damage:
        yield "**The image is damaged:**"
        yield ""
        yield from (f"- {code(damage)}" for damage in exploration.damage)
        yield ""
    yield from (f"- {sentence}" for sentence in summary.verdict(exploration))
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
    savings = exploration.savings
    in_base = f", {size(savings.base_disposable_bytes)} of them in the base" if savings.base_disposable_bytes else ""
    yield "shipped", _bytes(usage.shipped_bytes, words.without(exploration))
    for figure in words.base_figures(exploration):
        about = "; ".join(
            filter(None, (figure.wasted, figure.layers if figure.name == "yours" else code(figure.layers)))
        )
        yield figure.name, about if figure.bytes is None else _bytes(figure.bytes, f", {about}")
    for name, count in (
        ("visible", usage.visible_bytes),
        ("wasted", usage.wasted_bytes),
        ("disposable", savings.all_disposable_bytes),
        ("download", exploration.download_bytes),
    ):
        if count is not None:
            yield name, _bytes(count, in_base if name == "disposable" else "")
    yield "efficiency", percent(usage.efficiency)


def _bytes(count: int, remark: str = "") -> str:
    return f"{size(count)}, {count:,} bytes{remark}"


def _fixes(exploration: Exploration) -> Iterator[str]:
    yield "## Fixes"
    yield ""
    *lines, _ = fix_sections(exploration)
    yield from lines


def _disposables(exploration: Exploration) -> Iterator[str]:
    yield "## Disposable"
    yield ""
    kinds = exploration.savings.kinds
    if not kinds:
        yield "No file is disposable."
        return
    yield f"Visible files {NOT_NEEDED}. {words.CERTAINTIES}"
    yield ""
    rows = ((*_sizes(kind.own_bytes, kind.base_bytes), f"{kind.files:,}", kind.name, kind.certainty) for kind in kinds)
    yield from table(("Yours:", "Base:", "Files:", "Kind", "Certainty"), rows)


def _directories(exploration: Exploration) -> Iterator[str]:
    yield "## Biggest directories"
    yield ""
    visible = exploration.usage.visible_bytes
    if not visible:
        yield "No file has content."
        return
    rows = (
        (size(count), percent(count / visible), code(path) if path else summary.ELSEWHERE)
        for count, path in summary.biggest_directories(exploration)
    )
    yield from table(("Size:", "Share:", "Directory"), rows)


def _layers(exploration: Exploration) -> Iterator[str]:
    yield "## Layers"
    yield ""
    if not exploration.layers:
        yield "The image has no layers."
        return
    heads = ("Layer:", "Size:", "Wasted:", "Undoes:", "Added:", "Modified:", "Removed:", "Command")
    rows = map(words.layer_cells, exploration.layers)
    yield from table(heads, ((*figures, code(command)) for *figures, command in rows))
    yield ""
    yield words.UNDOES
    remarks = [
        f"- layer {figures.layer.number}: {remark}" for figures in exploration.layers for remark in _remarks(figures)
    ]
    if remarks:
        yield ""
        yield from remarks


def _dockerfile(exploration: Exploration) -> Iterator[str]:
    yield f"## {running_text(dockerfile.title(exploration))}"
    yield ""
    heads = [f"{head}:" for head in dockerfile.HEADS[:-1]]
    rows = ((*cells, code(text)) for *cells, text in dockerfile.rows(exploration))
    yield from table((*heads, dockerfile.HEADS[-1]), rows)
    if remark := dockerfile.remark(exploration):
        yield from ("", remark)


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
    rows = (
        (size(each.bytes), f"{each.files:,}", code(each.path) if each.path else summary.ELSEWHERE, each.reason)
        for each in summary.wasted_directories(usage.wasted)
    )
    yield from table(("Size:", "Files:", "Directory", "Reason"), rows)


def _sizes(*counts: int) -> Iterator[str]:
    return (size(count) if count else "" for count in counts)
