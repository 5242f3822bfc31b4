"""The action that saves a file: files with the same action share one fix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from explorer.analysis.advice.build_steps import BuildStep, step_of
from explorer.analysis.disposables.kinds import KINDS, leftover_of
from explorer.analysis.fixes.uses import Use, Uses
from explorer.model import Cause, Waste

# Because a lookup in the enumeration for each wasted file takes longer than the comparison.
_DUPLICATE, _REMOVED, _RECOPIED = Cause.DUPLICATE, Cause.REMOVED, Cause.RECOPIED
# Other actions have the IDs of remedies and the values of causes.
BASE = "base"
LEAVE_OUT = "leave-out"
MOVE = "move"
MOUNT = "mount"
UNINSTALL = "uninstall"
DELETE = "delete"
DELETE_AFTER_USE = "delete-after-use"
SET_ATTRIBUTES = "attributes"
RECORDS = "records"
APT = "apt"


def action_of_waste(
    waste: Waste,
    steps: Sequence[BuildStep],
    attributing: Set[int],
    uninstalling: Mapping[int, tuple[str, ...]],
    uses: Uses,
    ends_apart: bool = False,
) -> tuple[str, int | None]:
    """Returns the action that saves the waste, and its layer if it has one.

    Args:
        waste: One file.
        steps: All steps of the image.
        attributing: The layers whose steps change modes or owners.
        uninstalling: The layers whose steps uninstall packages, with the directories that they also delete by name.
        uses: The uses of removed files.
        ends_apart: True if several layers hide the names of the file.
    """
    shipper = step_of(steps, waste.shipped_in)
    cause = waste.cause
    if cause is _DUPLICATE:
        return cause.value, waste.shipped_in
    if shipper.is_base:
        return BASE, None
    leftover = leftover_of(waste.path)
    if leftover and not shipper.is_copy:
        return KINDS[leftover].remedy.id, None
    if ends_apart and shipper.is_run:
        return DELETE_AFTER_USE, waste.hidden_in
    if cause is _REMOVED:
        use = uses.of(waste.path, waste.shipped_in, waste.hidden_in)
        if shipper.is_copy:
            return {Use.NONE: LEAVE_OUT, Use.READ: MOUNT, Use.MOVED: MOVE}[use], waste.shipped_in
        if use is Use.READ:
            return DELETE_AFTER_USE, waste.hidden_in
        deleted = uninstalling.get(waste.hidden_in)
        is_deleted = deleted is None or f"/{waste.path}/".startswith(deleted)
        return (DELETE if is_deleted else UNINSTALL), waste.hidden_in
    if cause is _RECOPIED and waste.hidden_in in attributing:
        return SET_ATTRIBUTES, waste.hidden_in
    return cause.value, waste.hidden_in


def action_of_disposable(kind: str, layer: int, steps: Sequence[BuildStep]) -> tuple[str, int | None]:
    """Returns the action that saves a visible file, and its layer if it has one.

    Args:
        kind: The key of the file's kind in ``KINDS``.
        layer: The layer that first brought the file.
        steps: All steps of the image.
    """
    step = step_of(steps, layer)
    if step.is_base:
        return BASE, None
    if step.is_copy:
        return LEAVE_OUT, layer
    return KINDS[kind].remedy.id, None
