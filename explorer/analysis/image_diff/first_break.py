"""The first step at which the histories of two images differ, and why.

A builder takes a step from its cache only if all steps below it are the same. So the first step that differs is the
reason why all above it were built again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple

from explorer.analysis.common_subsequence import common_subsequence
from explorer.analysis.image_diff.break_evidence import is_log, without_comments
from explorer.analysis.image_diff.break_words import advice, consequence, reason
from explorer.analysis.image_diff.broken_step import BreakCause, BrokenStep, ChangedLayer
from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.layer_difference import LayerDifference
from explorer.analysis.image_diff.layer_pair import LayerPair, PairStatus
from explorer.analysis.image_diff.moved_base import base_name, is_above_base, is_in_bases
from explorer.analysis.image_diff.steps import (
    COPYING,
    Step,
    differ_only_in_spaces,
    have_other_secrets,
    image_steps,
    is_same_command,
)


class FirstBreak(NamedTuple):
    """The first step that differs between two images, in words that are printable."""

    step: BrokenStep
    reason: str
    """The step and its difference."""
    consequence: str
    """The layers that were built again."""
    advice: str
    """The change that keeps the cache."""

    @property
    def old(self) -> int | None:
        """Number of the old image's layer; None if the step made none."""
        return self.step.old_step.layer if self.step.old_step else None

    @property
    def new(self) -> int | None:
        """Number of the new image's layer; None if the step made none."""
        return self.step.new_step.layer if self.step.new_step else None


def first_break(old: ComparedImage, new: ComparedImage, pairs: Sequence[LayerPair]) -> FirstBreak | None:
    """Returns the first difference of the steps of two images; None if there is none.

    ``pairs`` are the aligned layers.
    """
    search = _Search(old, new, pairs)
    broken = search.without_ignored_steps().broken_step() or search.broken_step()
    return FirstBreak(broken, reason(broken), consequence(broken), advice(broken)) if broken else None


class _Search:
    """Compares two histories."""

    def __init__(self, old: ComparedImage, new: ComparedImage, pairs: Sequence[LayerPair]) -> None:
        self._old, self._new = old, new
        self._ignores_times = False
        self._pairs: Mapping[int, LayerPair] = {pair.new: pair for pair in pairs if pair.new is not None}
        self._new_of = {pair.old: pair.new for pair in pairs if pair.old is not None and pair.new is not None}
        self._old_steps, self._new_steps = image_steps(old.image), image_steps(new.image)
        if not old.image.history or not new.image.history:
            self._old_steps, self._new_steps = map(_only_with_layers, (self._old_steps, self._new_steps))

    def without_ignored_steps(self) -> _Search:
        """Returns a search in the steps that matter to the cache."""
        search = copy(self)
        ignored = {step.key for step in (*self._old_steps, *self._new_steps) if not step.may_break}
        search._old_steps = [step for step in self._old_steps if step.key not in ignored]
        search._new_steps = [step for step in self._new_steps if step.key not in ignored]
        return search

    def _beyond_times(self) -> _Search:
        """Returns a search for which layers are equal that differ only in times and logs."""
        search = copy(self)
        search._ignores_times = True
        return search

    def broken_step(self) -> BrokenStep | None:
        """Returns the first step that differs."""
        position = self._first_difference()
        if position is None:
            return None
        before, after = self._old_steps[position:], self._new_steps[position:]
        cause, old_step, new_step = self._cause(before, after)
        removed = None
        if cause is BreakCause.COMMAND and old_step is not None and new_step is not None:
            partner = self._partner(before, new_step)
            if partner is not None:
                removed = old_step if old_step.layer is None or old_step.layer not in self._new_of else None
                old_step = partner
        difference = self._difference_of(old_step, new_step)
        above = [step.layer for step in after if step.layer is not None]
        rebuilt = [number for number in above if self._is_rebuilt(number)]
        own = new_step.layer if new_step else None
        unchanged = [number for number in rebuilt if self._is_same_but_times(number)]
        is_only_times = cause in (BreakCause.REBUILT, BreakCause.TIMES)
        beyond_times = self._beyond_times().broken_step() if is_only_times else None
        return BrokenStep(
            cause,
            old_step,
            new_step,
            difference,
            rebuilt,
            self._bytes(rebuilt),
            unchanged,
            self._bytes(unchanged),
            None if beyond_times else self._first_changed(after, own),
            beyond_times,
            not before or not after,
            (self._old.image.platform, self._new.image.platform),
            removed,
            self._moved_to(old_step, new_step) if cause is BreakCause.COMMAND else None,
            self._base_names(before, after) if cause is BreakCause.BASE else ("", ""),
        )

    def _partner(self, before: Sequence[Step], new: Step) -> Step | None:
        """Returns the later step of the old image whose layer belongs to that of a step."""
        partner = self._pairs[new.layer].old if new.layer is not None else None
        return next((step for step in before[1:] if step.layer is not None and step.layer == partner), None)

    def _moved_to(self, old: Step | None, new: Step | None) -> int | None:
        """Returns the layer of the new image with an old step's files, if not its own."""
        layer = self._new_of.get(old.layer) if old is not None and old.layer is not None else None
        return layer if new is not None and layer != new.layer else None

    def _first_changed(self, steps: Sequence[Step], own: int | None) -> ChangedLayer | None:
        """Returns the first layer with other files, if it is not the step's own one."""
        for step in steps:
            pair = self._pairs[step.layer] if step.layer is not None else None
            if pair is not None and pair.difference is not None and not _is_only_times_and_logs(pair.difference):
                return None if step.layer == own else ChangedLayer(step, pair.difference)
        return None

    def _base_names(self, before: Sequence[Step], after: Sequence[Step]) -> tuple[str, str]:
        return base_name(self._old, before), base_name(self._new, after)

    def _first_difference(self) -> int | None:
        """Returns the position of the first steps that differ."""
        count = max(len(self._old_steps), len(self._new_steps))
        return next((position for position in range(count) if not self._are_equal(position)), None)

    def _are_equal(self, position: int) -> bool:
        if position >= len(self._old_steps) or position >= len(self._new_steps):
            return False
        old, new = self._old_steps[position], self._new_steps[position]
        if old.key == new.key and old.instruction.build_arguments != new.instruction.build_arguments:
            return False
        return is_same_command(old, new) and not have_other_secrets(old, new) and not self._layers_differ(old, new)

    def _layers_differ(self, old: Step, new: Step) -> bool:
        if old.layer is None or new.layer is None:
            return old.layer is not new.layer
        pair = self._pairs[new.layer]
        if self._ignores_times and pair.old == old.layer and pair.difference is not None:
            return not _is_only_times_and_logs(pair.difference)
        return pair.old != old.layer or pair.status is not PairStatus.SAME

    def _cause(self, before: Sequence[Step], after: Sequence[Step]) -> tuple[BreakCause, Step | None, Step | None]:
        old, new = before[0] if before else None, after[0] if after else None
        platforms = {self._old.image.platform, self._new.image.platform} - {""}
        if len(platforms) > 1:
            return BreakCause.PLATFORM, old, new
        if old is None or new is None:
            return (BreakCause.INSERTED if old is None else BreakCause.REMOVED), old, new
        if is_in_bases(self._old, before, self._new, after):
            is_longer, is_shorter = is_above_base(self._old, before), is_above_base(self._new, after)
            return BreakCause.BASE, None if is_longer else old, None if is_shorter else new
        if is_same_command(old, new):
            return self._cause_of_same(old, new), old, new
        kept_old = {place for place, _ in common_subsequence([s.key for s in before], [s.key for s in after])}
        old_keys, new_keys = {step.key for step in before}, {step.key for step in after}
        if old.key in new_keys and new.key in old_keys:
            return BreakCause.REORDERED, old, new
        if 0 in kept_old or (old.key in new_keys and new.key not in old_keys):
            return BreakCause.INSERTED, None, new
        if new.key in old_keys:
            return BreakCause.REMOVED, old, None
        return _cause_of_other_command(old, new)

    def _cause_of_same(self, old: Step, new: Step) -> BreakCause:
        """Returns the cause for two steps with the same command."""
        if old.key == new.key and old.instruction.build_arguments != new.instruction.build_arguments:
            return BreakCause.ARGUMENT
        if have_other_secrets(old, new):
            return BreakCause.ARGUMENT if new.instruction.build_arguments else BreakCause.SETTING
        if differ_only_in_spaces(old, new):
            return BreakCause.SPACES
        difference = self._difference_of(old, new)
        is_copy = new.instruction.keyword in COPYING
        if difference is None:
            return BreakCause.FILES if is_copy else BreakCause.RESULTS
        if is_copy:
            if difference.is_only_times:
                return BreakCause.TIMES if difference.times else BreakCause.REBUILT
            only_attributes = not (difference.added or difference.removed or difference.contents or difference.unknown)
            return BreakCause.ATTRIBUTES if only_attributes else BreakCause.FILES
        return BreakCause.REBUILT if _is_only_times_and_logs(difference) else BreakCause.RESULTS

    def _difference_of(self, old: Step | None, new: Step | None) -> LayerDifference | None:
        """Returns the differences between the layers of two steps."""
        if old is None or new is None or old.layer is None or new.layer is None:
            return None
        pair = self._pairs[new.layer]
        return pair.difference if pair.old == old.layer else None

    def _is_rebuilt(self, number: int) -> bool:
        """True if a layer of the new image is at no place in the old image."""
        pair = self._pairs[number]
        return pair.status is not PairStatus.SAME and not (pair.status is PairStatus.MOVED and pair.difference is None)

    def _is_same_but_times(self, number: int) -> bool:
        return self._pairs[number].status in (PairStatus.SAME_BUT_TIMES, PairStatus.MOVED)

    def _bytes(self, numbers: Sequence[int]) -> int:
        return sum(self._new.usage.shipped_by_layer[number] for number in numbers)


def _only_with_layers(steps: Sequence[Step]) -> Sequence[Step]:
    return [step for step in steps if step.layer is not None]


def _is_only_times_and_logs(difference: LayerDifference) -> bool:
    return all(map(is_log, difference.beyond_times))


def _cause_of_other_command(old: Step, new: Step) -> tuple[BreakCause, Step, Step]:
    """Returns the cause for two steps with different commands at the same place."""
    if old.layer is None and new.layer is None:
        return BreakCause.SETTING, old, new
    is_run = old.instruction.keyword == new.instruction.keyword == "RUN"
    if is_run and without_comments(old.instruction) == without_comments(new.instruction):
        return BreakCause.COMMENT, old, new
    return BreakCause.COMMAND, old, new
