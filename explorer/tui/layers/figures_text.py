"""The figures of a layer as lines of text: waste, disposable files and fixes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from textual.content import Content

from explorer.analysis.findings.finding import Finding
from explorer.analysis.findings.finding_words import place_words
from explorer.analysis.layer_stats import LayerStats
from explorer.analysis.waste import WasteByLayer
from explorer.model import Cause
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.text.words import NOT_NEEDED, enumerated
from explorer.tui.layers.layer_columns import REPEATED, UNDONE
from explorer.tui.widgets.drawing import cut_middle
from explorer.tui.widgets.marks import DISPOSABLE, SEVERITY_COLOURS
from explorer.tui.widgets.prose import hanging_lines
from explorer.viewmodel.finding_rows import row_title
from explorer.viewmodel.layer_savings import LayerSavings

_SIZE_CELLS = 8
_MAX_LAYERS_NAMED = 4
_MAX_KINDS = 4
_MAX_FIXES = 4
_MAX_FINDINGS = 4
_HIDDEN = {
    Cause.REMOVED: "deleted by {layers}, too late",
    Cause.OVERWRITTEN: "replaced by {layers}",
    Cause.RECOPIED: "shipped again unchanged by {layers}",
    Cause.DUPLICATE: "twice in this layer, or never visible",
}
"""Cause to the fate of a layer's wasted bytes."""


def waste_lines(stats: LayerStats, waste: WasteByLayer, width: int) -> Iterator[Content]:
    """Yields how much of a layer is in the final image, and what hides the rest."""
    yield from _kept(stats).wrap(width)
    causes: defaultdict[Cause, Counter[int]] = defaultdict(Counter)
    for (cause, layer), count in waste.wasted.get(stats.layer.number, {}).items():
        causes[cause][layer] += count
    for cause, layers in sorted(causes.items(), key=lambda each: -each[1].total()):
        words = _HIDDEN[cause].format(layers=_layers(layers))
        yield from _figure_lines(layers.total(), "$waste", Content(words), width)


def _kept(stats: LayerStats) -> Content:
    shipped, wasted = size(stats.bytes), stats.wasted_bytes
    if not stats.bytes:
        return Content.styled("adds no data", "$muted")
    if not wasted:
        return Content.assemble((f"all {shipped}", "bold $change-added"), " is in the final image")
    kept = size(stats.bytes - wasted)
    if wasted == stats.bytes:
        amount = Content.styled(f"none of its {shipped}", "bold $waste")
    elif kept == shipped:
        amount = Content.styled(f"nearly all {shipped}", "bold")
    else:
        number, _, unit = kept.partition(" ")
        amount = Content.styled(f"{number if shipped.endswith(f' {unit}') else kept} of {shipped}", "bold $waste")
    return amount + " is in the final image"


def undone_lines(layer: int, waste: WasteByLayer, width: int) -> Iterator[Content]:
    """Yields what a layer does to the bytes of lower layers, which stay shipped."""
    undone, repeated = Counter[int](), Counter[int]()
    for below in waste.hides.get(layer, ()):
        for (cause, hidden_in), count in waste.wasted[below].items():
            if hidden_in == layer and cause is not Cause.DUPLICATE:
                (repeated if cause is Cause.RECOPIED else undone)[below] += count
    for mark, before, counts, after in (
        (UNDONE, "Deletes or replaces ", undone, "; the image gets no smaller."),
        (REPEATED, "Ships ", repeated, " again unchanged."),
    ):
        if counts:
            amount = (size(counts.total()), "bold $waste")
            words = Content.assemble(before, amount, f" from {_layers(counts)}", after)
            yield from hanging_lines(Content.styled(mark, "$waste"), 2, words, width)


def finding_lines(findings: Sequence[Finding], width: int, findings_key: str) -> Iterator[Content]:
    """Yields the most severe findings of a layer."""
    if not findings:
        return
    yield from Content.assemble("Findings (", (findings_key, "$key"), "):").wrap(width)
    for finding in findings[:_MAX_FINDINGS]:
        word = finding.severity.value
        head = Content.styled(f"{word:>{_SIZE_CELLS}}", SEVERITY_COLOURS.get(word, "$muted"))
        fate = "" if finding.hidden_in is None else f", deleted by layer {finding.hidden_in}"
        words = Content.assemble(
            row_title(finding), (f"  {cut_middle(place_words(finding), 2 * width)}{fate}", "$muted")
        )
        yield from hanging_lines(head, _SIZE_CELLS + 2, words, width)
    if len(findings) > _MAX_FINDINGS:
        yield Content.styled(f"{'':{_SIZE_CELLS}}  … and {len(findings) - _MAX_FINDINGS:,} more", "$muted")


def savings_lines(savings: LayerSavings, width: int, waste_key: str = "w") -> Iterator[Content]:
    """Yields the fixes of a layer's step, and its disposable bytes by kind."""
    fixes = [fix for fix in savings.fixes if not fix.is_base]
    if fixes:
        words = Content.assemble("Fixes (", (waste_key, "$key"), "), with the part that this layer ships:")
        yield from words.wrap(width)
    for fix in sorted(fixes, key=lambda fix: -savings.bytes_by_fix.get(fix.id, 0))[:_MAX_FIXES]:
        share = savings.bytes_by_fix.get(fix.id, 0)
        if share:
            # A fix may save bytes of several layers.
            whole = f"of {size(fix.bytes)}: " if share < fix.bytes else ""
            yield from _figure_lines(share, "bold", Content.assemble((whole, "$muted"), fix.title), width)
        else:
            words = Content.assemble(fix.title, (f"  {size(fix.bytes)}, all in other layers", "$muted"))
            yield from hanging_lines(Content.styled(f"{'–':>{_SIZE_CELLS}}", "$muted"), _SIZE_CELLS + 2, words, width)
    if len(fixes) > _MAX_FIXES:
        yield Content.styled(f"{'':{_SIZE_CELLS}}  … and {len(fixes) - _MAX_FIXES} more", "$muted")
    kinds = savings.disposables
    if kinds:
        amount = (size(savings.disposable_bytes), "bold $disposable")
        after = f" disposable, {NOT_NEEDED}" + ("; only the base image can leave it out" * savings.is_base)
        yield from hanging_lines(
            Content.styled(DISPOSABLE, "$disposable"),
            2,
            Content.assemble(amount, after, ":"),
            width,
        )
    for kind in kinds[:_MAX_KINDS]:
        words = Content.assemble(kind.name, (f"  {printable(f'/{kind.directory}')}", "$muted"))
        yield from _figure_lines(kind.bytes, "$disposable", words, width)
    if len(kinds) > _MAX_KINDS:
        others = kinds[_MAX_KINDS:]
        words = Content(f"{counted(len(others), 'other kind')}")
        yield from _figure_lines(sum(kind.bytes for kind in others), "$disposable", words, width)


def _figure_lines(count: int, style: str, words: Content, width: int) -> list[Content]:
    return hanging_lines(Content.styled(f"{size(count):>{_SIZE_CELLS}}", style), _SIZE_CELLS + 2, words, width)


def _layers(counts: Mapping[int, int] | Collection[int]) -> str:
    if len(counts) > _MAX_LAYERS_NAMED:
        return f"{len(counts)} layers"
    return f"layer{'s' if len(counts) > 1 else ''} {enumerated(map(str, sorted(counts)), 'and')}"
