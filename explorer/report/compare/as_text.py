"""The differences between two images as text."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.model import Change
from explorer.pipeline import ImageDiff
from explorer.report import words
from explorer.report.page import Page, Style
from explorer.text.printable import printable
from explorer.text.units import counted, size


def comparison_text(diff: ImageDiff, page: Page) -> str:
    """Returns the differences as text, with a newline at the end."""
    return "\n".join([*_lines(diff, page), ""])


def _lines(diff: ImageDiff, page: Page) -> Iterator[str]:
    for name, each in (("old", diff.old), ("new", diff.new)):
        text = f"{printable(each.image.reference)}  {printable(each.image.platform)}".rstrip()
        yield from (page.styled(line, Style.HEADING) for line in page.wrapped(text, f"{name}  "))
    yield ""
    old, new = diff.old.usage, diff.new.usage
    for name, before, after in (
        ("shipped", old.shipped_bytes, new.shipped_bytes),
        ("visible", old.visible_bytes, new.visible_bytes),
        ("wasted", old.wasted_bytes, new.wasted_bytes),
    ):
        yield f"  {name:<10}  {size(before):>8}  {size(after):>8}  {signed_size(after - before)}"
    changes = diff.file_changes
    counts = (f"{sum(each.change is change for each in changes):,} {change.value}" for change in list(Change)[:3])
    yield f"  files       {', '.join(counts)}"
    yield ""
    largest = sorted(changes, key=lambda each: -abs(each.new_bytes - each.old_bytes))
    rows = [
        (size(each.old_bytes), size(each.new_bytes), each.change.value, words.path(each.path))
        for each in largest[: words.MAX_FILES]
    ]
    for lines in page.table(("Old", "New", "Change", "Path"), rows):
        yield from lines
    if len(largest) > words.MAX_FILES:
        yield f"and {counted(len(largest) - words.MAX_FILES, 'more path')}"


def signed_size(count: int) -> str:
    """Returns a difference of bytes with its sign: ``+4.5 MB``."""
    return f"{'+' if count > 0 else '-' if count else ''}{size(abs(count))}"
