"""The words of the packages pane: the sum, a row, the reason for no rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from explorer.model import Progress
from explorer.text.units import counted, percent, size
from explorer.text.words import UNOWNED_FILES
from explorer.tui.history.history_items import PathHistory, facts_history
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.filter_bar import no_match_words
from explorer.viewmodel.file_kind_rows import FileKindGroup
from explorer.viewmodel.package_rows import PackageGroup, PackageGrouping, PackageItem, PackageRows, PackagesView

if TYPE_CHECKING:
    from explorer.analysis.packages.image_packages import ImagePackages

_FETCH = "The package databases are in the registry. Press {packages.fetch} to fetch them."


def summary(packages: ImagePackages, width: int) -> Content:
    """Returns the bytes of all packages and of unowned files, as much of it as fits."""
    owned = sum([usage.bytes for usage in packages.usages])
    unowned = packages.unowned.bytes
    wasted = sum([usage.wasted_bytes for usage in packages.usages]) + packages.unowned.wasted_bytes
    removed = sum([usage.package.removed_in is not None for usage in packages.usages])
    count = counted(len(packages.usages) - removed, "package")
    count += f" + {removed:,} removed:" if removed else ""
    line = Content.assemble(
        f"{count} {size(owned)}",
        (" + unowned ", "$muted"),
        size(unowned),
        (" = visible ", "$muted"),
        size(owned + unowned),
    )
    with_waste = Content.assemble(line, ("   wasted ", "$muted"), (size(wasted), "bold $waste"))
    short = Content.assemble(f"{count} {size(owned)}", (" of ", "$muted"), size(owned + unowned))
    middle = Content.assemble(
        f"{count} {size(owned)}", (" + unowned ", "$muted"), size(unowned), (" = ", "$muted"), size(owned + unowned)
    )
    choices = (with_waste, line, middle) if wasted else (line, middle)
    return next((choice for choice in choices if choice.cell_length <= width), short)


def found_words(rows: PackageRows) -> Content:
    """Returns the number and the bytes of the rows that pass the filter."""
    line = Content.assemble(f"{counted(rows.matches, rows.noun)}: {size(rows.match_bytes)}", (" visible", "$muted"))
    if not rows.match_wasted_bytes:
        return line
    return Content.assemble(line, ", ", (size(rows.match_wasted_bytes), "bold $waste"), (" wasted", "$muted"))


def incomplete_words(packages: ImagePackages) -> str:
    """Returns the layers of which packages may be missing."""
    layers = sorted({layer for layer, _ in packages.problems})
    return f"layer {layers[0]} incomplete" if len(layers) == 1 else f"{len(layers):,} layers incomplete"


def progress_words(progress: Progress | None) -> str:
    """Returns the progress of reading the databases."""
    if progress is None:
        return "Reading package databases…"
    if progress.share is None:
        return f"{progress.step}…"
    return f"Reading package databases… {percent(progress.share)}"


def no_rows_reason(view: PackagesView, *, needs_fetch: bool) -> str:
    """Returns why there are no rows, with the keys that lead out."""
    noun = "kind of files" if view.grouping is PackageGrouping.FILE_KIND else "package"
    if view.query:
        return no_match_words(f"No {noun}", view.query.text)
    return _FETCH if needs_fetch else "No layer has a package database."


def row_words(item: PackageItem, room: int) -> Iterator[tuple[str, str]]:
    """Yields the name of a row in ``room`` cells, and its version or the number in it."""
    if isinstance(item, FileKindGroup):
        name, rest, style = item.name, item.change and f"· {item.change}", ""
    elif isinstance(item, PackageGroup):
        name, rest, style = item.name, counted(len(item.usages), "package"), "package--group"
    elif item.package is None:
        name, rest, style = UNOWNED_FILES, "", "package--group"
    else:
        name, rest, style = item.package.full_name, item.package.version, ""
        if item.package.upgraded_to:
            rest += f", replaced by {item.package.upgraded_to}"
    shown = cut(name, room)
    yield shown, style
    left = room - cell_len(shown)
    if rest and left > 2:
        yield cut(f" {rest}", left), "package--muted"


def item_history(item: PackageItem) -> PathHistory:
    """Returns the facts of a row for the line below the panes."""
    return facts_history(*_facts(item))


def _facts(item: PackageItem) -> Iterator[str]:
    """Yields the name of a row, then the other facts, the most important first."""
    files = counted(item.files, "file")
    if isinstance(item, FileKindGroup):
        yield item.name
        if item.disposable_bytes:
            yield f"{size(item.disposable_bytes)} disposable"
        if item.change:
            yield item.change
    elif isinstance(item, PackageGroup):
        yield from (item.name, counted(len(item.usages), "package"), files)
    elif item.package is None:
        yield from (UNOWNED_FILES, "no package database lists them", files)
    else:
        package = item.package
        yield f"{package.name_and_version} ({package.kind})"
        words = f"installed by layer {package.installed_in}"
        words += f" in place of {package.upgraded_from}" if package.upgraded_from else ""
        if package.upgraded_to:
            words += f", replaced by {package.upgraded_to} in layer {package.removed_in}"
        elif package.removed_in is not None:
            words += f", removed by layer {package.removed_in}"
        yield words
        if item.files:
            yield files
        yield f"in {package.place}"
