"""The fixes as Markdown, for a report, a ticket or the clipboard."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.analysis.advice.sentences import plain_text, sentence
from explorer.analysis.fixes.fix import Fix, remaining_bytes
from explorer.analysis.fixes.savings import merge_advice
from explorer.pipeline import Exploration
from explorer.report.dockerfile import lines_of_layers
from explorer.report.markdown import fenced, running_text, spans
from explorer.report.summary import NO_FIXES, headline, layers_of, savings_of
from explorer.text.units import size


def fixes_markdown(exploration: Exploration) -> str:
    """Returns all fixes as a Markdown document, the base's part last."""
    return "\n".join((f"## {headline(exploration)}", "", *fix_sections(exploration)))


def fix_as_text(fix: Fix) -> str:
    """Returns one fix as plain text: its title, what to do, and the lines that change."""
    return "\n".join((f"{fix.title}: {size(fix.bytes)}", plain_text(fix.do), *map(str, fix.diff)))


def fix_sections(exploration: Exploration) -> Iterator[str]:
    """Yields the lines of a section for each fix."""
    if not exploration.fixes:
        yield from (NO_FIXES, "")
    if advice := merge_advice(exploration.fixes):
        yield from (spans(sentence(advice)), "")
    remaining = remaining_bytes(exploration.fixes, exploration.usage.shipped_bytes)
    for rank, (fix, left) in enumerate(zip(exploration.fixes, remaining, strict=True), 1):
        lines = "" if fix.is_base else lines_of_layers(exploration, fix.layers)
        yield from _section(fix, "Base image" if fix.is_base else f"{rank}", lines, left)


def _section(fix: Fix, rank: str, lines: str, left: int) -> Iterator[str]:
    after = "" if fix.is_base else f"; the image is then {size(left)}"
    yield from (f"### {rank}. {fix.title}: {size(fix.bytes)}", "")
    yield from (f"{savings_of(fix)}; {layers_of(fix)}{running_text(lines)}{after}.", "")
    yield from (spans(fix.why), "")
    yield from (f"**Do:** {spans(fix.do)}", "")
    if fix.diff:
        yield from fenced([str(line) for line in fix.diff], "diff")
        yield ""
