"""The differences between two images as a comment on a pull request: Markdown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from explorer.analysis.image_diff.config_changes import ConfigChange
from explorer.analysis.image_diff.layer_pair import LayerPair, PairStatus
from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause
from explorer.analysis.image_diff.steps import Step
from explorer.model import Cause
from explorer.pipeline import ImageDiff
from explorer.report import words
from explorer.report.compare import summary
from explorer.report.compare.rows import beyond_times, file_cells, layer_cells, package_cells
from explorer.report.markdown import code, running_text, table
from explorer.text.printable import cut, shortened
from explorer.text.units import counted, signed_size, size
from explorer.text.words import CAUSES

_MAX_NAME_CHARS = 300
_MAX_COMMAND_CHARS = 60
_MAX_VALUE_CHARS = 200
_MAX_REASONS = 5
_MAX_REASON_CHARS = 500
_MAX_TABLE_CHARS = 9_500
"""Six tables and the beginning are less than the 65,536 characters that a comment on GitHub has at most."""
_Row = TypeVar("_Row")


def comparison_markdown(diff: ImageDiff, max_rows: int | None) -> str:
    """Returns a comment with a newline at the end; tables are folded."""
    lines = [
        f"## {_headline(diff)}",
        "",
        " → ".join(code(summary.image_name(each, _MAX_NAME_CHARS)) for each in (diff.old, diff.new)),
        *_reasons("The figures may be wrong:", list(summary.damage(diff))),
        "",
        *table(
            ("Figure", "Old:", "New:", "Change:"),
            ((each.name, size(each.old), size(each.new), each.growth) for each in summary.figures(diff)),
        ),
        "",
        *(
            f"- **{fact.name}**: {running_text(shortened(fact.text, _MAX_REASON_CHARS), _commands(diff))}"
            for fact in summary.facts(diff)
        ),
        *_reasons("Differences may be missing:", list(summary.problems(diff))),
        *_tables(diff, max_rows),
        "",
    ]
    return "\n".join(lines)


def _commands(diff: ImageDiff) -> Collection[str]:
    """Returns the commands that the sentences about the first break name."""
    broken = diff.first_break.step if diff.first_break is not None else None
    steps: list[Step | None] = []
    while broken is not None:
        steps += [broken.old_step, broken.new_step, broken.changed.step if broken.changed is not None else None]
        broken = broken.beyond_times
    return {step.name for step in steps if step is not None}


def _headline(diff: ImageDiff) -> str:
    growth = diff.new.usage.shipped_bytes - diff.old.usage.shipped_bytes
    change = f"{size(abs(growth))} {'larger' if growth > 0 else 'smaller'}" if growth else "as large as before"
    update = diff.update
    about = "about " if update.is_estimated else ""
    return f"The new image is {change}, and an update needs {about}{size(update.download_bytes)}"


def _reasons(title: str, reasons: Sequence[str]) -> Iterator[str]:
    if reasons:
        yield from ("", title, "")
        yield from (f"- {running_text(shortened(reason, _MAX_REASON_CHARS))}" for reason in reasons[:_MAX_REASONS])
        if len(reasons) > _MAX_REASONS:
            yield f"- and {len(reasons) - _MAX_REASONS:,} more"


def _tables(diff: ImageDiff, max_rows: int | None) -> Iterator[str]:
    """Yields the tables of all that differs, each folded."""
    yield from _folded(
        "Causes",
        ("Why the builds differ", "Places:", "For example", "What to do"),
        summary.causes(diff),
        _cause,
        "cause",
    )
    if any(pair.status is not PairStatus.SAME for pair in diff.layer_pairs):
        heads = ("Old:", "New:", "Old size:", "New size:", "Status", "Command")
        yield from _folded("Layers", heads, diff.layer_pairs, lambda pair: _layer(diff, pair), "layer")
    yield from _folded(
        "Directories",
        ("Growth:", "Old:", "New:", "Directory"),
        summary.directories(diff),
        lambda each: (
            signed_size(each.growth),
            size(each.old_bytes),
            size(each.new_bytes),
            code(words.path(each.path)),
        ),
        "directory",
    )
    yield from _folded(
        "Files",
        ("Growth:", "Old:", "New:", "Differs in", "Path"),
        beyond_times(diff),
        lambda each: _with_code(file_cells(each)),
        "path",
        max_rows,
    )
    yield from _folded(
        "Packages",
        ("Growth:", "Old:", "New:", "Kind", "Change", "Package"),
        diff.package_changes.changes,
        lambda each: _with_code(package_cells(each), _MAX_VALUE_CHARS),
        "package",
        max_rows,
    )
    yield from _folded("Settings", ("Setting", "Old", "New"), diff.config_changes, _setting, "setting", max_rows)
    wasted = list(summary.waste_by_cause(diff))
    yield from _folded("Waste", ("Growth:", "Old:", "New:", "Cause"), wasted, _waste, "cause")


def _waste(figure: summary.Figure) -> Sequence[str]:
    return signed_size(figure.new - figure.old), size(figure.old), size(figure.new), CAUSES[Cause(figure.name)]


def _cause(cause: DifferenceCause) -> Sequence[str]:
    example = code(summary.place_words(cause.places[0])) if cause.places else ""
    return (
        f"**{running_text(cause.title)}**: {running_text(cause.why)}",
        f"{len(cause.places):,}",
        example,
        running_text(cause.do),
    )


def _layer(diff: ImageDiff, pair: LayerPair) -> Sequence[str]:
    *cells, command = layer_cells(diff, pair)
    return *cells, code(cut(command, _MAX_COMMAND_CHARS))


def _with_code(cells: Sequence[str], max_chars: int | None = None) -> Sequence[str]:
    """Returns cells with the last one, which is shortened, as code."""
    *others, last = cells
    return *others, code(last if max_chars is None else shortened(last, max_chars))


def _setting(change: ConfigChange) -> Sequence[str]:
    old, new = (code(shortened(value or "", _MAX_VALUE_CHARS)) for value in (change.old, change.new))
    return code(shortened(change.name, _MAX_VALUE_CHARS)), old, new if change.old != change.new else "(another secret)"


def _folded(
    title: str,
    heads: Sequence[str],
    items: Sequence[_Row],
    cells: Callable[[_Row], Sequence[str]],
    noun: str,
    max_rows: int | None = None,
) -> Iterator[str]:
    """Yields a folded table with the rows that fit, and the number of the others."""
    if not items:
        return
    yield from ("", f"<details><summary>{title} ({len(items):,})</summary>", "", *table(heads, ()))
    left, listed = _MAX_TABLE_CHARS, 0
    for item in items[:max_rows]:
        *_, line = table(heads, [cells(item)])
        left -= len(line) + 1
        if left < 0:
            break
        yield line
        listed += 1
    others = len(items) - listed
    if others:
        plural = "directories" if noun == "directory" else f"{noun}s"
        yield from ("", f"And {counted(others, f'more {noun}', f'more {plural}')}.")
    yield from ("", "</details>")
