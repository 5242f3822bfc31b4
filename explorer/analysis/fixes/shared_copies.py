"""Copies that two fixes save belong to the larger one, which comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.analysis.advice.build_steps import BuildStep, names_path, step_of
from explorer.analysis.disposables.secrets import secrets
from explorer.analysis.fixes.actions import BASE, SET_ATTRIBUTES
from explorer.analysis.fixes.dockerfile_diff import attributes_of
from explorer.analysis.fixes.fix_members import FixMembers
from explorer.model import Cause, Waste


def move_shared_copies(members: Mapping[tuple[str, int | None], FixMembers], steps: Sequence[BuildStep]) -> None:
    """Moves copies that a late mode or owner makes to its fix, if this comes first.

    Before, they are with the fixes that keep the files themselves out of the image.
    """
    setting = [(layer, each) for (action, layer), each in members.items() if action == SET_ATTRIBUTES]
    others = [each for (action, _), each in members.items() if action not in (BASE, SET_ATTRIBUTES)]
    # Files are many, so their bytes are added up once.
    sizes = {id(each): each.bytes for each in members.values()} if setting else {}
    has_moved = bool(setting)
    # Each move makes other fixes smaller.
    while has_moved:
        has_moved = False
        for layer, first in setting:
            for other in others:
                if layer is None or sizes[id(first)] < sizes[id(other)]:
                    continue
                if moved := _move(other, first, layer, steps):
                    sizes[id(first)] += moved
                    sizes[id(other)] -= moved
                    has_moved = True


def _move(source: FixMembers, target: FixMembers, layer: int, steps: Sequence[BuildStep]) -> int:
    """Moves what the commands of a layer copy, and returns the bytes."""
    hider = step_of(steps, layer)
    commands = attributes_of(hider, target.first_path)

    def is_shared(waste: Waste) -> bool:
        is_copied = waste.cause is Cause.RECOPIED and waste.hidden_in == hider.number
        return is_copied and any(names_path(command, waste.path) for command in commands)

    # A key or a login is a matter of the fix that keeps all its copies out.
    kept = set(secrets([waste.path for waste in source.wasted]))
    pairs = list(zip(source.wasted, source.origins, strict=True))
    is_moved = [waste.path not in kept and is_shared(waste) for waste in source.wasted]
    moved = [pair for pair, moves in zip(pairs, is_moved, strict=True) if moves]
    if not moved or (len(moved) == len(pairs) and not source.disposables):
        return 0
    source.set_wasted([pair for pair, moves in zip(pairs, is_moved, strict=True) if not moves])
    copied = [
        (waste, first._replace(cause=Cause.RECOPIED, hidden_in=waste.hidden_in))  # The end of the file is another fix.
        for waste, first in moved
    ]
    target.set_wasted([*zip(target.wasted, target.origins, strict=True), *copied])
    for waste, first in copied:
        # The command for a RUN names its files; a COPY has an option.
        if step_of(steps, first.shipped_in).is_run:
            target.by_layer[first.shipped_in].append(waste.path)
    return sum([waste.bytes for waste, _ in copied])
