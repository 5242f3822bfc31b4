"""The words above the rows of the waste pane, or in their place."""

from __future__ import annotations

from textual.content import Content

from explorer.analysis.fixes.savings import NO_SAVINGS, merge_advice
from explorer.analysis.waste import ByteUsage
from explorer.text.units import fine_size, size
from explorer.text.words import saved
from explorer.tui.widgets.filter_bar import no_match_words
from explorer.tui.widgets.marks import DISPOSABLE
from explorer.viewmodel.layers_read import LayersRead
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_view import NEED_FIXES, Grouping, WasteView

_IN_THIS_ORDER = "merge in this order"
_MERGE_THE_LINES = "merge the lines in this order"


def summary(usage: ByteUsage) -> Content:
    """Returns the wasted bytes as the shipped bytes minus the visible ones."""
    if not usage.wasted_bytes:
        return Content.assemble(
            ("Nothing is wasted: ", "bold $change-added"),
            f"all {size(usage.shipped_bytes)} shipped are visible.",
        )
    return Content.assemble(
        (size(usage.wasted_bytes), "bold $waste"),
        (" wasted", "$muted"),
        f"  =  {size(usage.shipped_bytes)}",
        (" shipped", "$muted"),
        f"  −  {size(usage.visible_bytes)}",
        (" visible", "$muted"),
    )


def summary_so_far(usage: ByteUsage, read: LayersRead, width: int) -> Content:
    """Returns the wasted bytes of the layers that are read, with the sum if it fits."""
    head = Content.styled(f"{read.numbers}: ", "$key")
    if not usage.wasted_bytes:
        return head + "nothing is wasted so far"
    long = head + summary(usage)
    return long if long.cell_length <= width else head + f"{size(usage.wasted_bytes)} wasted so far"


def fixes_summary(files: WasteFiles, width: int) -> Content:
    """Returns what all fixes save, as much of it as fits."""
    savings, usage = files.savings or NO_SAVINGS, files.usage
    base = savings.base_bytes
    if not savings.fixes:
        return Content.assemble((f"Only the base image can save {size(base)}.", "bold")) if base else summary(usage)
    head = f"Do all {len(savings.fixes):,}" if len(savings.fixes) > 1 else "Do it"
    short = Content.assemble(
        (f"{head}: ", "bold"),
        fine_size(usage.shipped_bytes),
        (" → ", "$muted"),
        (fine_size(usage.shipped_bytes - savings.bytes), "bold $change-added"),
    )
    words = saved(savings.wasted_bytes, savings.disposable_bytes, f"{DISPOSABLE} ")
    choices = [f"{words}, {size(base)} in the base"] if base else []
    choices += [words, f"saves {size(savings.bytes)}"]
    if merge_advice(savings.fixes):
        # The base has a row of its own, so its share may give way to the order.
        shortest = [f"{words}, base {size(base)}; {_IN_THIS_ORDER}"] if base else []
        choices = [
            f"{choices[0]}; {_MERGE_THE_LINES}",
            *shortest,
            f"{words}; {_MERGE_THE_LINES}",
            f"{words}; {_IN_THIS_ORDER}",
            *choices,
        ]
    longer = [short + Content.styled(f"  {choice}", "$muted") for choice in choices]
    return next((choice for choice in longer if choice.cell_length <= width), short)


def no_rows_reason(files: WasteFiles, shown: WasteView) -> str:
    """Returns why there are no rows although there is waste, or not yet."""
    is_by_fix = shown.grouping is Grouping.FIX
    if shown.grouping in NEED_FIXES and files.savings is None:
        return "Finding the fixes…"
    if shown.grouping is Grouping.PACKAGE and files.packages is None:
        return "Reading package databases…"
    if not is_by_fix and not files.wasted:
        return f"Press {{waste.group}} to group by fix: {size(files.saved_bytes)} of the image {DISPOSABLE} disposable."
    at = "" if shown.layer is None else f" at layer {shown.layer}"
    if shown.query:
        what = "No file of a fix" if is_by_fix else "Nothing wasted"
        return no_match_words(f"{what}{at}", shown.query.text)
    what = "No fix saves files of" if is_by_fix else "Nothing is wasted or hidden by"
    return f"{what} layer {shown.layer}.\n\nPress {{waste.all}} to show all layers."
