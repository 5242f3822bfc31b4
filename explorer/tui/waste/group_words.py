"""The words of a group of the waste: its title, and a note after it."""

from __future__ import annotations

from explorer.analysis.disposables.kinds import KINDS
from explorer.text.printable import printable, shortened
from explorer.text.units import counted
from explorer.text.words import CAUSES, saved
from explorer.tui.widgets.drawing import cut_pair
from explorer.tui.widgets.marks import DISPOSABLE
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_tree import WasteTree
from explorer.viewmodel.waste_view import Grouping

_MAX_COMMAND_CHARS = 300


def title_and_note(tree: WasteTree, group: Group, room: int) -> tuple[str, str]:
    """Returns the title of a group, and a note; both printable.

    Args:
        tree: The tree that the group belongs to.
        group: The group.
        room: The cells for the title.
    """
    files = counted(group.files, "file")
    if group.smaller:
        return f"{len(group.smaller):,} smaller {'fixes' if tree.view.grouping is Grouping.FIX else 'rows'}", files
    if group.is_part:
        return ("wasted" if group.wasted_bytes else f"{DISPOSABLE} disposable"), files
    if group.fix is not None and group.directory is None:
        return group.fix.title, saved(group.wasted_bytes, group.disposable_bytes, f"{DISPOSABLE} ")
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
