"""The sums of all fixes: what the Dockerfile can save, and what only the base can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.analysis.disposables.groups import DisposableGroup, disposable_groups
from explorer.analysis.fixes.commands import CLEAN_APT
from explorer.analysis.fixes.fix import Fix

_MERGE_ADVICE = (
    "The `-` lines are your present Dockerfile. If several fixes change one step, make all their changes, "
    "in this order{last}."
)
_CLEANS_LAST = "; `apt-get clean` comes last"


def merge_advice(fixes: Sequence[Fix]) -> str:
    """Returns how to make several fixes; empty if no two of them change the same step."""
    changed = Counter(step for fix in fixes for step in {line.text for line in fix.diff if line.sign == "-"})
    if not any(count > 1 for count in changed.values()):
        return ""
    cleans = any(CLEAN_APT in line.text for fix in fixes for line in fix.diff if line.sign == "+")
    return _MERGE_ADVICE.format(last=_CLEANS_LAST if cleans else "")


@dataclass(frozen=True, slots=True)
class Savings:
    """Bytes that the fixes save, with the part of the base image apart."""

    fixes: Sequence[Fix]
    """The fixes that the Dockerfile of the image can make, in the order of all fixes."""
    base: Fix | None
    """The fix that only the base image can make."""
    wasted_bytes: int
    disposable_bytes: int
    base_wasted_bytes: int
    base_disposable_bytes: int
    kinds: Sequence[DisposableGroup]
    """The disposable files by kind, with those of the base."""

    @property
    def bytes(self) -> int:
        """Wasted and disposable bytes that the fixes save."""
        return self.wasted_bytes + self.disposable_bytes

    @property
    def all_fixes(self) -> Sequence[Fix]:
        """The fixes of the Dockerfile, and then that of the base."""
        return self.fixes if self.base is None else (*self.fixes, self.base)

    @property
    def base_bytes(self) -> int:
        """Wasted and disposable bytes that only the base image can save."""
        return self.base_wasted_bytes + self.base_disposable_bytes

    @property
    def all_disposable_bytes(self) -> int:
        """Disposable bytes of the image, with those of the base."""
        return self.disposable_bytes + self.base_disposable_bytes


NO_SAVINGS = Savings((), None, 0, 0, 0, 0, ())
"""The savings of an image without fixes."""


def savings(fixes: Sequence[Fix]) -> Savings:
    """Returns the sums of all fixes of an image."""
    own = [fix for fix in fixes if not fix.is_base]
    base = next((fix for fix in fixes if fix.is_base), None)
    return Savings(
        fixes=own,
        base=base,
        wasted_bytes=sum([fix.wasted_bytes for fix in own]),
        disposable_bytes=sum([fix.disposable_bytes for fix in own]),
        base_wasted_bytes=base.wasted_bytes if base else 0,
        base_disposable_bytes=base.disposable_bytes if base else 0,
        kinds=disposable_groups((each for fix in own for each in fix.disposables), base.disposables if base else ()),
    )
