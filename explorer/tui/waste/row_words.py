"""The words of a row of the waste: a file, or the title of a group and a note."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.kinds import KINDS, leftover_of
from explorer.model import Waste
from explorer.text.printable import printable, shortened
from explorer.text.units import counted
from explorer.text.words import CAUSES, saved
from explorer.tui.widgets.drawing import cut, cut_middle, cut_pair, cut_start
from explorer.tui.widgets.marks import DISPOSABLE
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_packages import package_title, removed_packages
from explorer.viewmodel.waste_tree import WasteTree
from explorer.viewmodel.waste_view import Grouping

Words = Iterator[tuple[str, str]]
"""Texts and the names of their styles; an empty name is the style of the row."""

_MAX_COMMAND_CHARS = 300
_CAUSE_CELLS = 12
_MIN_CELLS_WITH_CAUSE = 32
"""Cells that the name and the cause of a file need together; with fewer the cause is left out."""
_MIN_NAME_CELLS = 8
"""Cells that a file's name needs beside the name of its kind."""
_MIN_NOTE_CELLS = 8
_MUTED = "waste--muted"


def file_words(file: Waste | Disposable, prefix_chars: int, grouping: Grouping, room: int, *, is_alone: bool) -> Words:
    """Yields the name of a file in ``room`` cells, and its kind or cause.

    ``prefix_chars`` are those of the directory that a row above shows; 0 shows the whole path.
    """
    name = printable(file.path[prefix_chars:] if prefix_chars else f"/{file.path}")
    if isinstance(file, Disposable):
        mark = cut(f"{DISPOSABLE} ", room)
        yield mark, "waste--disposable"
        yield _cut_name(name, room - cell_len(mark)), ""
    elif grouping in (Grouping.CAUSE, Grouping.FIX):
        # A file that is alone in its group shows the name of its kind, which says more than the path.
        kind = leftover_of(file.path) if is_alone else ""
        label = f"{KINDS[kind].name}  " if kind and grouping is Grouping.CAUSE else ""
        label = label if room - cell_len(label) >= _MIN_NAME_CELLS else ""
        yield label, ""
        yield _cut_name(name, room - cell_len(label)), _MUTED if label else ""
    elif room < _MIN_CELLS_WITH_CAUSE:
        yield _cut_name(name, room), ""
    else:
        path = _cut_name(name, room - _CAUSE_CELLS)
        yield path, ""
        yield file.cause.value.rjust(room - cell_len(path)), _MUTED


def _cut_name(name: str, cells: int) -> str:
    """Cuts the start of a path, but the middle of a name without directory."""
    return cut_start(name, cells) if "/" in name else cut_middle(name, cells)


def group_words(tree: WasteTree, group: Group, room: int) -> Words:
    """Yields the title of a group in ``room`` cells, and a note if it fits."""
    title, note = _title_and_note(tree, group, room)
    if group.disposable_bytes == group.bytes and group.directory:
        mark = cut(f"{DISPOSABLE} ", room)
        yield mark, "waste--disposable"
        room -= cell_len(mark)
    title = (cut_start if group.directory and title.startswith("/") else cut)(title, room)
    yield title, _MUTED if group.smaller else "" if group.is_part else "waste--cause"
    room -= cell_len(title)
    if note and room >= _MIN_NOTE_CELLS:
        yield cut(f"  {note}", room), _MUTED


def _title_and_note(tree: WasteTree, group: Group, room: int) -> tuple[str, str]:
    """Returns the printable title of a group, made for ``room`` cells, and a note."""
    files = counted(group.files, "file")
    if group.smaller:
        return f"{len(group.smaller):,} smaller {'fixes' if tree.view.grouping is Grouping.FIX else 'rows'}", files
    if group.is_part:
        return ("wasted" if group.wasted_bytes else f"{DISPOSABLE} disposable"), files
    if group.packages is not None:
        return package_title(group.packages), files
    if group.fix is not None and group.directory is None:
        names = removed_packages(tree.files, group.fix)
        return f"{group.fix.title}{f': {names}' if names else ''}", saved(
            group.wasted_bytes, group.disposable_bytes, f"{DISPOSABLE} "
        )
    if group.reason is not None:
        advice = tree.advice(group)
        # Advice that follows bytes to their end may be about another layer than the row.
        hidden_by = next((each.hidden_by for each in advice if each.reason.hidden_in == group.hidden_in), "")
        command = f" · {shortened(hidden_by, _MAX_COMMAND_CHARS)}" if hidden_by else ""
        kind = group.reason.leftover
        if not kind and not group.directory:
            first = tree.files.paths[group.members[0]]
            return printable(f"/{first}"), f"and {group.files - 1:,} more{command}"
        return KINDS[kind].name if kind else printable(f"/{group.directory}"), f"{files}{command}"
    if group.cause is not None:
        return group.cause.value, f"{files} · {CAUSES[group.cause]}"
    if group.shipped_in is not None and group.hidden_in is not None:
        shipped_by, hidden_by = _command(tree, group.shipped_in), _command(tree, group.hidden_in)
        is_one_layer = group.shipped_in == group.hidden_in
        return shipped_by if is_one_layer else cut_pair(shipped_by, " → ", hidden_by, room), files
    is_outermost = group.directory == group.name
    return printable(f"{'/' if is_outermost else ''}{group.name}/"), files


def _command(tree: WasteTree, layer: int) -> str:
    steps = tree.files.build_steps
    return shortened(steps[layer].text, _MAX_COMMAND_CHARS).removeprefix("RUN ") if layer < len(steps) else ""
