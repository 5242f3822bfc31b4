"""Two points of an image's history compared, in one line: what came, changed and went from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from explorer.model import Change
from explorer.text.units import size
from explorer.tui.widgets.marks import COLOURS, MARKS

if TYPE_CHECKING:
    from explorer.analysis.comparison import Comparison

_COUNTED = (Change.ADDED, Change.MODIFIED, Change.REMOVED)


def sentence(found: Comparison) -> Content:
    """The comparison in words."""
    points = [Content.assemble(("layer ", "$muted"), (str(point), "bold $key")) for point in (found.base, found.layer)]
    parts = [Content(" → ").join(points)]
    if found.layer == found.base:
        return Content.assemble("compared with ", points[0], (": select another one", "$muted"))
    if found.layer < found.base:
        parts.append(Content.styled("back in time", "$key"))
    counts = [
        Content.styled(f"{MARKS[change]} {found.counts[change]:,}", COLOURS[change])
        for change in _COUNTED
        if found.counts[change]
    ]
    if counts:
        word = "file" if sum(found.counts[change] for change in _COUNTED) == 1 else "files"
        parts.append(Content(" ").join([*counts, Content.styled(word, "$muted")]))
    else:
        parts.append(Content.styled("no file differs", "$muted"))
    for mark, count, change in (("+", found.more, Change.ADDED), ("−", found.less, Change.REMOVED)):
        if count:
            parts.append(Content.styled(f"{mark}{size(count)}", f"bold {COLOURS[change]}"))
    return Content("  ").join(parts)
