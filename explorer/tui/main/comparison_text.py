"""The comparison of two layers in one line: added, modified, removed files."""

from __future__ import annotations

from textual.content import Content

from explorer.analysis.comparison import Comparison
from explorer.model import Change
from explorer.text.units import size
from explorer.tui.widgets.marks import COLOURS, MARKS

_COUNTED = (Change.ADDED, Change.MODIFIED, Change.REMOVED)


def comparison_summary(comparison: Comparison) -> Content:
    """Returns the comparison in words."""
    points = [
        Content.assemble(("layer ", "$muted"), (str(point), "bold $key"))
        for point in (comparison.base, comparison.layer)
    ]
    parts = [Content(" → ").join(points)]
    if comparison.layer == comparison.base:
        return Content.assemble("Compare ", points[0], (" with …: pick a layer", "$muted"))
    if comparison.layer < comparison.base:
        parts.append(Content.styled("reversed", "$key"))
    counts = [
        Content.styled(f"{MARKS[change]} {comparison.counts[change]:,}", COLOURS[change])
        for change in _COUNTED
        if comparison.counts[change]
    ]
    if counts:
        word = "file" if sum(comparison.counts[change] for change in _COUNTED) == 1 else "files"
        parts.append(Content(" ").join([*counts, Content.styled(word, "$muted")]))
    else:
        parts.append(Content.styled("no file differs", "$muted"))
    for mark, count, change in (("+", comparison.more, Change.ADDED), ("−", comparison.less, Change.REMOVED)):
        if count:
            parts.append(Content.styled(f"{mark}{size(count)}", f"bold {COLOURS[change]}"))
    return Content("  ").join(parts)
