"""The fixes of an image: the changes to its Dockerfile that save bytes.

One fix saves wasted and disposable bytes. Each wasted file belongs to one fix, so the wasted bytes of all fixes add up
to those of the image.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from explorer.analysis.advice.advice import deleted_directories, uninstalls_packages
from explorer.analysis.advice.build_steps import BuildStep, step_of
from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.fixes.actions import LEAVE_OUT, action_of_disposable, action_of_waste
from explorer.analysis.fixes.fix import SMALL_SHARE, Fix
from explorer.analysis.fixes.fix_members import FixMembers
from explorer.analysis.fixes.fix_writer import FixWriter
from explorer.analysis.fixes.origins import ends_of_names, first_shipper, linked_names
from explorer.analysis.fixes.shared_copies import move_shared_copies
from explorer.analysis.fixes.uses import Uses
from explorer.layers.tree import Tree
from explorer.model import Cause, Waste

_RECOPIED = Cause.RECOPIED


def fixes(
    tree: Tree,
    wasted: Sequence[Waste],
    origins: Sequence[Waste],
    disposables: Sequence[Disposable],
    steps: Sequence[BuildStep],
    working_directory: str = "",
) -> tuple[Fix, ...]:
    """Returns the fixes, the largest saving first and that of the base last.

    A fix that keeps out what is named like a key or a login comes before the small ones.

    ``origins`` are the wasted files from the layers that first brought them.
    """
    members = _members(tree, wasted, origins, disposables, steps)
    move_shared_copies(members, steps)
    found = [
        FixWriter(action, layer, each, steps, tree.layers, working_directory).write()
        for (action, layer), each in members.items()
    ]
    own_bytes = sum([fix.bytes for fix in found if not fix.is_base])

    def is_late(fix: Fix) -> bool:
        return not fix.secrets and fix.bytes < SMALL_SHARE * own_bytes

    return tuple(sorted(found, key=lambda fix: (fix.is_base, is_late(fix), -fix.bytes, fix.id)))


def _members(
    tree: Tree,
    wasted: Sequence[Waste],
    origins: Sequence[Waste],
    disposables: Sequence[Disposable],
    steps: Sequence[BuildStep],
) -> dict[tuple[str, int | None], FixMembers]:
    """Returns the files of each fix, by its action and layer."""
    members: defaultdict[tuple[str, int | None], FixMembers] = defaultdict(FixMembers)
    # Wasted files are many, so the commands of a step are read once.
    attributing = {step.number for step in steps if step.changes_attributes}
    uninstalling = {step.number: deleted_directories(step) for step in steps if uninstalls_packages(step)}
    uses = Uses(steps)
    disposable_paths = {disposable.path for disposable in disposables}
    linked = linked_names(tree)
    for waste, first in zip(wasted, origins, strict=True):
        is_recopied = first.cause is _RECOPIED
        ends = []
        if linked and not is_recopied:
            ends = ends_of_names(tree, waste, linked.get((waste.shipped_in, waste.path), ()))
        if is_recopied and first.path in disposable_paths and step_of(steps, first.shipped_in).is_copy:
            # A file that is not copied at all has no second copy either.
            key: tuple[str, int | None] = (LEAVE_OUT, first.shipped_in)
        else:
            ends_apart = bool(ends) and len({end.hidden_in for end in ends}) > 1
            key = action_of_waste(first, steps, attributing, uninstalling, uses, ends_apart)
        of_fix = members[key]
        of_fix.wasted.append(waste)
        of_fix.origins.append(first)
        of_fix.by_layer[first.shipped_in] += [end.path for end in ends] or [first.path]
    for disposable in disposables:
        layer = first_shipper(tree, disposable)
        key = action_of_disposable(disposable.kind, layer, steps)
        of_fix = members[key]
        of_fix.disposables.append(disposable)
        names = linked.get((disposable.shipped_in, disposable.path), ())
        of_fix.by_layer[layer] += [name.entry.path for name in names] or [disposable.path]
    return members
