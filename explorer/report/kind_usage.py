"""The bytes of each kind of file, of an image or of one layer, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.analysis.advice.sentences import plain_text, sentence
from explorer.analysis.file_kinds.kind_usage import KindUsage, image_kinds, shipped_kinds
from explorer.pipeline import Exploration
from explorer.report.json_text import dumps
from explorer.report.page import Page
from explorer.text.units import percent, size


def kind_usage(exploration: Exploration, path: str, layer: int | None, base_layers: int = 0) -> list[KindUsage]:
    """Returns the kinds of the files below a directory, the largest first.

    Args:
        exploration: The image.
        path: The directory, without slashes at its ends.
        layer: The layer that ships the bytes; None for what a container sees, and for what is wasted.
        base_layers: The number of lowest layers that are the base's.
    """
    tree = exploration.tree
    if layer is None:
        usages = image_kinds(tree, exploration.disposables, exploration.usage.wasted, base_layers, path)
        return sorted(usages, key=lambda usage: (-usage.bytes, -usage.files, usage.kind))
    return shipped_kinds(tree.layers[layer], layer, exploration.usage.wasted, base_layers, path)


def as_text(usages: Sequence[KindUsage], layer: int | None, max_rows: int | None, page: Page) -> Iterator[str]:
    """Yields a line for each kind, one for all others, and the sums."""
    total = sum([usage.bytes for usage in usages])
    shown, rest = usages[:max_rows], usages[len(usages[:max_rows]) :]
    rows = [_cells([usage], layer, total, _kind_cell(usage, layer)) for usage in shown]
    for some, name in ((rest, "other kinds"), (usages, "all kinds")):
        if some:
            rows.append(_cells(some, layer, total, name))
    saved = ("disposable", "wasted") if layer is None else ("wasted",)
    heads = ("size", "share", *saved, "files", "kind")
    for lines in page.table(heads, rows):
        yield from lines


def _kind_cell(usage: KindUsage, layer: int | None) -> str:
    return f"{usage.name}: {usage.title}" if layer is None and usage.can_be_kept_out else usage.name


def _cells(usages: Sequence[KindUsage], layer: int | None, total: int, name: str) -> tuple[str, ...]:
    bytes_, files = sum([usage.bytes for usage in usages]), sum([usage.files for usage in usages])
    saved = [sum([usage.saved_bytes for usage in usages])]
    if layer is None:
        saved.append(sum([usage.wasted_bytes for usage in usages]))
    figures = [size(count) if count else "" for count in saved]
    return size(bytes_), percent(bytes_ / max(total, 1)), *figures, f"{files:,}", name


def as_json(usage: KindUsage, layer: int | None, has_base: bool) -> str:
    """A JSON object on one line, without a newline."""
    is_visible = layer is None
    return dumps(
        {
            "kind": usage.kind,
            "name": usage.name,
            "files": usage.files,
            "bytes": usage.bytes,
            "disposable_bytes": usage.saved_bytes if is_visible else None,
            "wasted_bytes": usage.wasted_bytes if is_visible else usage.saved_bytes,
            "base_bytes": usage.base_bytes if has_base else None,
            "layer": layer,
            "do": plain_text(sentence(usage.do)) if is_visible and usage.can_be_kept_out else None,
        }
    )
