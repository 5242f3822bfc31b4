"""The fixes that help a rule which fails, and the part of the base image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.fixes.fix import Fix
from explorer.analysis.main_directory import main_directory
from explorer.gate.limits import Outcome
from explorer.gate.value_types import Unit
from explorer.model import Waste
from explorer.text.patterns import path_matcher


class HelpfulFix(NamedTuple):
    """A fix, and the bytes that count for a rule."""

    fix: Fix
    bytes: int
    """The bytes that the rule counts and the fix saves."""


@dataclass(frozen=True, slots=True)
class BaseShare:
    """The bytes that a rule counts and only the base image can save."""

    hidden_bytes: int = 0
    """Files of the base that layers above it delete or replace."""
    excluded_bytes: int = 0
    """Bytes that a rule does not count if it knows the base: waste inside the base, and disposable files."""
    other_bytes: int = 0
    """Files of the base that a rule about sizes counts."""
    directory: str = ""
    """The directory of most hidden bytes; empty if there is none, or if too much else is in it."""
    has_own_files: bool = False
    """True if fixes save files in that directory, too."""

    @property
    def bytes(self) -> int:
        """Sum of the three."""
        return self.hidden_bytes + self.excluded_bytes + self.other_bytes


@dataclass(frozen=True, slots=True)
class HelpfulFixes:
    """The changes that help a rule."""

    fixes: tuple[HelpfulFix, ...] = ()
    """The fixes of the image itself, the most helpful first."""
    base: BaseShare = BaseShare()


def helpful_fixes(
    outcome: Outcome, fixes: Sequence[Fix], ignored_paths: Sequence[str], base_layers: int
) -> HelpfulFixes:
    """Returns the fixes that save bytes which a rule counts.

    Args:
        outcome: The result of the rule.
        fixes: All fixes of the image.
        ignored_paths: Patterns of paths that rules about sizes do not count.
        base_layers: The number of lowest layers that are the base, or seem to be.
    """
    if outcome.unit is Unit.LAYERS:
        return HelpfulFixes()
    counted = _Counted(outcome, ignored_paths)
    own: list[HelpfulFix] = []
    of_base: list[Waste | Disposable] = []
    own_files: list[Waste | Disposable] = []
    for fix in fixes:
        files = [*counted.files(fix)]
        if fix.is_base or (fix.layers and fix.layers[-1] < base_layers):
            of_base += files
        elif files:
            own_files += files
            own.append(HelpfulFix(fix, sum([file.bytes for file in files])))
    own.sort(key=lambda helpful: -helpful.bytes)
    return HelpfulFixes(tuple(own), _base_share(outcome, of_base, own_files, base_layers))


class _Counted:
    """The files that a rule counts."""

    def __init__(self, outcome: Outcome, ignored_paths: Sequence[str]) -> None:
        self.files_by_rule: set[Waste | Disposable] = {*outcome.wasted, *outcome.disposables}
        self.forbidden = {(file.path, file.shipped_in) for file in outcome.paths}
        self.layers = {layer.layer for layer in outcome.layers}
        counts_ignored = not ignored_paths or outcome.figure
        self.is_ignored = None if counts_ignored else path_matcher(ignored_paths)

    def files(self, fix: Fix) -> Iterator[Waste | Disposable]:
        """Yields the files of a fix that the rule counts."""
        files: list[Waste | Disposable] = [*fix.wasted, *fix.disposables]
        for file in files:
            if file.shipped_in in self.layers:
                if self.is_ignored is None or not self.is_ignored(file.path):
                    yield file
            elif file in self.files_by_rule or (file.path, file.shipped_in) in self.forbidden:
                yield file


def _base_share(
    outcome: Outcome, files: Sequence[Waste | Disposable], own_files: Iterable[Waste | Disposable], base_layers: int
) -> BaseShare:
    if outcome.layers:
        return BaseShare(other_bytes=sum([file.bytes for file in files]))
    hidden = [file for file in files if isinstance(file, Waste) and file.hidden_in >= base_layers]
    hidden_bytes = sum([file.bytes for file in hidden])
    directory = main_directory((file.path, file.bytes) for file in hidden)
    has_own_files = bool(directory) and any(file.path.startswith(f"{directory}/") for file in own_files)
    if has_own_files and "/" not in directory:
        # Fixes save too much of it.
        directory, has_own_files = "", False
    return BaseShare(hidden_bytes, sum([file.bytes for file in files]) - hidden_bytes, 0, directory, has_own_files)
