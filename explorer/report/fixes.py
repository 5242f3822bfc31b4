"""The fixes as Markdown, for a report, a ticket or the clipboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.analysis.advice.sentences import Spans
from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.analysis.fixes.fixes import Fix, remaining_bytes
from explorer.pipeline import Exploration
from explorer.report.markdown import code, fenced
from explorer.text.units import counted, size
from explorer.text.words import enumerated

NO_FIXES = "Nothing to fix: no bytes are wasted or disposable."


def fixes_markdown(exploration: Exploration) -> str:
    """Returns all fixes as a Markdown document, the base's part last."""
    return "\n".join((f"## {headline(exploration)}", "", *fix_sections(exploration)))


def headline(exploration: Exploration) -> str:
    """Returns the saving of all fixes: ``6 fixes save 413 MB of 861 MB``."""
    fixes = [fix for fix in exploration.fixes if not fix.is_base]
    if not fixes:
        return "No change to the Dockerfile saves bytes"
    saved = sum(fix.bytes for fix in fixes)
    verb = "saves" if len(fixes) == 1 else "save"
    return f"{counted(len(fixes), 'fix', 'fixes')} {verb} {size(saved)} of {size(exploration.usage.shipped_bytes)}"


def savings(fix: Fix) -> str:
    """Returns the bytes that a fix saves, the wasted ones and the visible ones."""
    parts = []
    if fix.wasted_bytes:
        parts.append(f"{size(fix.wasted_bytes)} wasted")
    if fix.disposable_bytes:
        parts.append(f"{size(fix.disposable_bytes)} visible but disposable ({fix.certainty.value})")
    return ", ".join(parts)


def layers(fix: Fix) -> str:
    """Returns the layers whose steps a fix changes: ``layers 1, 2 and 5``."""
    numbers = enumerated(map(str, fix.layers), "and")
    return f"{'layer' if len(fix.layers) == 1 else 'layers'} {numbers}"


def fix_sections(exploration: Exploration) -> Iterator[str]:
    """Yields the lines of a section for each fix."""
    if not exploration.fixes:
        yield NO_FIXES
        yield ""
    remaining = remaining_bytes(exploration.fixes, exploration.usage.shipped_bytes)
    for number, (fix, left) in enumerate(zip(exploration.fixes, remaining, strict=True), 1):
        yield from _section(fix, "Base image" if fix.is_base else f"{number}", left)


def _section(fix: Fix, rank: str, remaining: int) -> Iterator[str]:
    yield f"### {rank}. {fix.title}: {size(fix.bytes)}"
    yield ""
    after = "" if fix.is_base else f"; the image is then {size(remaining)}"
    yield f"{savings(fix)}; {layers(fix)}{after}."
    yield ""
    yield _prose(fix.why)
    yield ""
    yield f"**Do:** {_prose(fix.do)}"
    yield ""
    if fix.diff:
        yield from fenced(_lines(fix.diff), "diff")
        yield ""


def _lines(diff: Sequence[DiffLine]) -> list[str]:
    return [str(line) for line in diff]


def _prose(spans: Spans) -> str:
    return "".join(code(span.text) if span.is_code else span.text for span in spans)
