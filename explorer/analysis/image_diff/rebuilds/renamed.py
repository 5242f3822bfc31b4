"""Files with a random part in their names, which differs between two images."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from explorer.analysis.image_diff.file_changes import FileChange
from explorer.model import Change

_RANDOM_PART = re.compile(r"[0-9A-Za-z_.:T+-]{2,64}")
_MAX_CANDIDATES = 200
"""Names of one directory that only one image has; more take too long to compare."""
_MIN_EQUAL_CHARS = 3


def renamed(changes: Iterable[FileChange]) -> list[FileChange]:
    """Returns the removed paths that the other image has under another random name.

    Each is a modified path: ``old`` and ``new`` have the two names. The files below a renamed directory are among them.
    """
    removed: defaultdict[str, list[FileChange]] = defaultdict(list)
    added: defaultdict[str, list[FileChange]] = defaultdict(list)
    one_sided = [change for change in changes if change.change is not Change.MODIFIED]
    for change in sorted(one_sided, key=lambda each: each.path):
        (removed if change.change is Change.REMOVED else added)[change.path.rpartition("/")[0]].append(change)
    found: list[FileChange] = []
    waiting = [(parent, parent) for parent in removed if parent in added]
    while waiting:
        old_parent, new_parent = waiting.pop()
        is_moved = old_parent != new_parent
        for old, new in _pairs(removed.get(old_parent, ()), added.get(new_parent, ()), is_moved=is_moved):
            found.append(FileChange(old.path, Change.MODIFIED, old.old, new.new, frozenset(("name",))))
            waiting.append((old.path, new.path))
    return found


def _pairs(
    removed: Sequence[FileChange], added: Sequence[FileChange], *, is_moved: bool
) -> list[tuple[FileChange, FileChange]]:
    """Returns the paths of one directory that belong together.

    If the directory itself has another name, equal names belong together.
    """
    if len(removed) > _MAX_CANDIDATES or len(added) > _MAX_CANDIDATES:
        return []
    left = list(added)
    pairs = []
    for old in removed:
        name = _name(old)
        same = [new for new in left if is_moved and _name(new) == name]
        alike = same or [new for new in left if _is_alike(name, _name(new)) and _is_same_kind(old, new)]
        if alike:
            new = min(alike, key=lambda each: (_size(each) != _size(old), each.path))
            left.remove(new)
            pairs.append((old, new))
    return pairs


def _is_alike(old: str, new: str) -> bool:
    """True if two names have the same form, and a part of each may be random."""
    if len(old) != len(new):
        return False
    differing = [at for at, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    if not differing:
        return True
    start, end = differing[0], differing[-1] + 1
    is_random = _RANDOM_PART.fullmatch(old, start, end) and _RANDOM_PART.fullmatch(new, start, end)
    return bool(is_random) and len(old) - (end - start) >= _MIN_EQUAL_CHARS


def _is_same_kind(old: FileChange, new: FileChange) -> bool:
    before, after = old.old and old.old.entry, new.new and new.new.entry
    return before is not None and after is not None and before.kind is after.kind and before.mode == after.mode


def _name(change: FileChange) -> str:
    return change.path.rpartition("/")[2]


def _size(change: FileChange) -> int:
    return change.old_bytes or change.new_bytes
