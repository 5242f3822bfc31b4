"""The words of the list of images: headline, problems, rows, marked images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content

from explorer.analysis.engine_images.storage import Removal, SharedLayers, StorageTotal
from explorer.text.printable import printable
from explorer.text.units import age, counted, size
from explorer.text.words import enumerated
from explorer.tui import clock
from explorer.tui.widgets.cursor_list import StyledText
from explorer.tui.widgets.drawing import cut, cut_middle
from explorer.tui.widgets.filter_bar import no_match_words
from explorer.viewmodel.image_catalog import ImageCatalog, ImageRow, image_name
from explorer.viewmodel.image_rows import ImagesView

_MAX_CONTAINERS = 3
_MAX_SHARING = 2
"""The other images that share most, by name."""
_ENGINE_NAMES = {"docker": "Docker", "podman": "Podman"}
_MUTED = "image--muted"
NO_ENGINE = "No container engine answers, so the list has only the demo and what was opened before."


def row_words(row: ImageRow, width: int) -> Iterator[StyledText]:
    """Yields the name of an image and its state in ``width`` cells."""
    state = "  ".join(_state(row))
    name = printable(row.name)
    if row.is_missing:
        yield cut(f"{name}  {state}", width), _MUTED
        return
    shown = cut_middle(name, max(width - (cell_len(state) + 2 if state else 0), min(width, 20)))
    yield shown, "image--muted" if row.is_untagged else ""
    room = width - cell_len(shown) - 2
    if state and room > 0:
        yield f"  {cut(state, room)}", _MUTED


def _state(row: ImageRow) -> Iterator[str]:
    if row.is_untagged:
        yield "untagged"
    elif row.other_names:
        yield f"+{counted(len(row.other_names), 'name')}"
    if row.is_used:
        yield "in use"
    if row.is_missing:
        yield "not there any more"
    elif row.before is not None:
        yield f"opened {age(row.before.opened, clock.now())}"


def details(row: ImageRow, problem: str, shared: Sequence[SharedLayers], width: int) -> Content:
    """Returns the line about the selected image."""
    words = [f"waste: {problem}"] if problem else []
    if row.image is not None:
        words += _sharing(shared)
        words += [printable(row.image.id), *(printable(name) for name in row.other_names)]
        if row.image.containers:
            words.insert(0, f"in use by {_first(row.image.containers, _MAX_CONTAINERS)}")
    else:
        words.append(printable(row.reference))
    return Content.styled(cut("  ".join(words), width), "$muted")


def _sharing(shared: Sequence[SharedLayers]) -> Iterator[str]:
    """Yields the images with which one shares most."""
    if shared:
        yield f"shares {size(shared[0].bytes)} with {_first([image_name(each.image) for each in shared], _MAX_SHARING)}"


def _first(names: Sequence[str], limit: int) -> str:
    """Returns the first names, printable, and the number of the others."""
    more = [f"{len(names) - limit:,} more"] if len(names) > limit else []
    return enumerated([*map(printable, names[:limit]), *more], "and")


def totals_words(totals: Sequence[StorageTotal], width: int) -> Content:
    """Returns the line about the bytes of all images, and of each engine."""
    if not totals:
        return Content("")
    *engines, together = totals
    line = Content.assemble(
        (f"{counted(together.images, 'image')} together: ", "bold"),
        f"{_bytes(together.bytes)}; removing all would free {_bytes(together.freed_bytes)}",
    )
    for each in engines:
        words = (
            f"   {_ENGINE_NAMES.get(each.engine, each.engine)} {_bytes(each.bytes)}, frees {_bytes(each.freed_bytes)}"
        )
        if line.cell_length + len(words) <= width:
            line = Content.assemble(line, (words, "$muted"))
    return line if line.cell_length <= width else Content("")


def _bytes(count: int | None) -> str:
    return "an unknown size" if count is None else size(count)


def marked_words(marked: Collection[ImageRow], removal: Removal, width: int) -> Content:
    """Returns the line about the bytes that removing the marked images frees."""
    outside = sum(row.image is None for row in marked)
    freed = _bytes(removal.freed_bytes)
    line = Content.assemble(
        (f"{len(marked):,} marked: ", "bold $key"), "removing them would free ", (freed, "bold $waste")
    )
    parents = len(removal.removed) + len(removal.in_use) - (len(marked) - outside)
    for words in (
        f"{len(removal.in_use):,} in use would stay" if removal.in_use else "",
        f"with {counted(parents, 'untagged parent')}" if parents > 0 else "",
        f"{outside:,} in no engine" if outside else "",
    ):
        if words and line.cell_length + len(words) + 2 <= width:
            line = Content.assemble(line, (f"; {words}", "$muted"))
    if line.cell_length > width:
        return Content.assemble((f"{len(marked):,}: ", "bold $key"), (f"{freed}", "bold $waste"), " freed")
    return line


def asking_words(catalog: ImageCatalog) -> str:
    """Returns the engines that have not answered yet."""
    names = [_ENGINE_NAMES.get(engine, engine) for engine in catalog.waiting]
    return f"Asking {enumerated(names, 'and')} for {'their' if len(names) > 1 else 'its'} images…"


def headline(catalog: ImageCatalog, width: int) -> Content:
    """Returns the first line: the numbers of images."""
    line = Content.styled("Images", "bold")
    counts = Counter(image.engine for image in catalog.storage.listed)
    parts = [f"{count:,} in {_ENGINE_NAMES.get(engine, engine)}" for engine, count in sorted(counts.items())]
    if catalog.opened and catalog.is_read:
        parts.append(f"{len(catalog.opened):,} opened before")
    for part in [*parts, asking_words(catalog)] if catalog.waiting else parts:
        if line.cell_length + len(part) + 3 <= width:
            line = Content.assemble(line, (f"   {part}", "$muted"))
    return line


def problem_words(catalog: ImageCatalog) -> Content:
    """Returns why images of engines are missing, and what to do; empty if none are."""
    if not catalog.problems:
        return Content("")
    lines = [] if catalog.storage.images else [Content.styled(NO_ENGINE, "bold $text-warning")]
    for each in catalog.problems:
        hint = each.hint.partition("\n")[0]
        lines.append(Content.assemble((each.problem, "$text-warning"), f"  {hint}" if hint else ""))
    return Content("\n").join(lines)


def no_rows_words(view: ImagesView) -> str:
    """Returns the reason for no rows."""
    return no_match_words("No image", view.query.text).replace("explore.clear-filter", "images.clear-filter")
