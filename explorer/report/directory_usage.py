"""The bytes below directories, of an image or of one layer, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.largest_directories import largest_directories, sizes_of_files, visible_sizes
from explorer.model import Kind
from explorer.pipeline import Exploration
from explorer.report.json_text import dumps
from explorer.report.page import Page, Style
from explorer.text.printable import printable
from explorer.text.units import percent, size

_DEFAULT_ROWS = 15
"""The most directories to list if the user names neither a depth nor a number."""
_BAR_CELLS = 12
_FIGURES_CHARS = 17
"""Characters of size and share, with the gaps."""
_MIN_PATH_CELLS = 40


@dataclass(frozen=True)
class Usage:
    """The bytes below each directory that has some; the root is the empty path."""

    bytes: Mapping[str, int]
    saved: Mapping[str, int]
    """The bytes among them that could be saved: disposable ones, or of a layer the wasted ones."""
    layer: int | None = None
    """The layer that ships the bytes; None for what a container sees."""


class DirectoryUsage(NamedTuple):
    """The bytes below one directory."""

    path: str | None
    """None for all that is in no other row."""
    bytes: int
    saved: int
    """The bytes among them that could be saved."""


def visible_usage(exploration: Exploration) -> Usage:
    """Returns the bytes that a container sees, each inode once."""
    sizes = visible_sizes(exploration.directories, exploration.sizes)
    return Usage(sizes, sizes_of_files((each.path, each.bytes) for each in exploration.disposables))


def shipped_usage(exploration: Exploration, layer: int) -> Usage:
    """Returns the bytes that a layer ships."""
    index = exploration.tree.layers[layer]
    named = ((entry.path, entry.size) for entry in index.entries if entry.kind is Kind.FILE)
    sizes = sizes_of_files(named) + sizes_of_files((entry.path, entry.size) for entry in index.superseded)
    wasted = ((each.path, each.bytes) for each in exploration.usage.wasted if each.shipped_in == layer)
    return Usage(sizes, sizes_of_files(wasted), layer)


def directory_usage(usage: Usage, path: str, depth: int | None, max_rows: int | None) -> list[DirectoryUsage]:
    """Returns the directories to list below a path, which comes last itself.

    Args:
        usage: The bytes.
        path: The directory, without slashes at its ends.
        depth: The directories down to this depth; None for the largest ones that do not overlap.
        max_rows: The most directories below the path.
    """
    total = _row(usage, path)
    if depth is not None:
        return [*_to_depth(usage, path, depth, max_rows), total]
    below = {at: count for at, count in usage.bytes.items() if _is_inside(at, path)}
    relative = {at.removeprefix(path).lstrip("/"): count for at, count in below.items()}
    # The most that are asked for may be too few to begin with: then none would be chosen.
    largest = largest_directories(relative, max(max_rows or 0, _DEFAULT_ROWS))[: max_rows or _DEFAULT_ROWS]
    rows = [_row(usage, f"{path}/{each.path}".lstrip("/")) for each in largest if each.path]
    rest = total.bytes - sum(row.bytes for row in rows), total.saved - sum(row.saved for row in rows)
    return [*rows, *([DirectoryUsage(None, *rest)] if rows and rest[0] else []), total]


def _row(usage: Usage, path: str) -> DirectoryUsage:
    return DirectoryUsage(path, usage.bytes.get(path, 0), usage.saved.get(path, 0))


def _is_inside(path: str, directory: str) -> bool:
    return not directory or f"{path}/".startswith(f"{directory}/")


def _level(path: str) -> int:
    return path.count("/") + 1 if path else 0


def _to_depth(usage: Usage, path: str, depth: int, max_rows: int | None) -> Iterator[DirectoryUsage]:
    """Yields the largest directories down to a depth, each after those inside it."""
    deepest = _level(path) + depth
    chosen = [at for at in usage.bytes if at != path and _is_inside(at, path) and _level(at) <= deepest]
    # A directory is as large as those inside it, or larger, and comes before them by its path.
    chosen.sort(key=lambda at: (-usage.bytes[at], at))
    inside: dict[str, list[str]] = {}
    for at in chosen[:max_rows]:
        inside.setdefault(at.rpartition("/")[0], []).append(at)
    waiting = list(reversed(inside.get(path, ())))
    while waiting:
        at = waiting[-1]
        if at in inside:
            waiting += reversed(inside.pop(at))
        else:
            yield _row(usage, waiting.pop())


def as_text(rows: Sequence[DirectoryUsage], usage: Usage, page: Page) -> Iterator[str]:
    """Yields a line for each row: size, share, bytes that could be saved, path."""
    total = max(rows[-1].bytes, 1)
    word, style = ("disposable", Style.DISPOSABLE) if usage.layer is None else ("wasted", Style.WASTED)
    saved = [f"{size(row.saved)} {word}" if row.saved else "" for row in rows]
    saved_chars = max(map(len, saved))
    taken = _FIGURES_CHARS + (saved_chars + 2 if saved_chars else 0)
    # Paths are worth more than bars.
    has_bar = page.has_colours and page.width - taken - _BAR_CELLS >= _MIN_PATH_CELLS
    taken += _BAR_CELLS + 2 if has_bar else 0
    for row, text in zip(rows, saved, strict=True):
        share = row.bytes / total
        bar = page.bar(share, _BAR_CELLS) if has_bar else ""
        columns = [f"{size(row.bytes):>8}", f"{percent(share):>5}"]
        columns += [bar.rstrip(" ")] if bar else []
        columns += [page.styled(text.rjust(saved_chars), style)] if saved_chars else []
        path = "elsewhere" if row.path is None else page.fitted(f"/{printable(row.path)}", taken)
        yield "  ".join([*columns, path])


def as_json(row: DirectoryUsage, usage: Usage) -> str:
    """A JSON object on one line, without a newline."""
    is_visible = usage.layer is None
    return dumps(
        {
            "path": f"/{row.path}",
            "bytes": row.bytes,
            "disposable_bytes": row.saved if is_visible else None,
            "wasted_bytes": None if is_visible else row.saved,
            "layer": usage.layer,
        }
    )
