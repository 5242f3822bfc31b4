"""Figures that text and Markdown share: what to change, where the bytes are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.kinds import KINDS
from explorer.analysis.fixes.fixes import Fix
from explorer.analysis.largest_directories import largest_directories, sizes_of_files, visible_sizes
from explorer.model import Waste
from explorer.pipeline import Exploration
from explorer.report import words
from explorer.text.units import counted, percent, size
from explorer.text.words import enumerated

MAX_DIRECTORIES = 12
"""Directories that a report lists."""
NO_FIXES = "Nothing is wasted, and no file is disposable."
ELSEWHERE = "in other places"
_MAX_KINDS = 3
_SMALL_SHARE = 0.01
"""The share of all savings below which a fix is small."""


class DisposableKindFigures(NamedTuple):
    """The visible files of one kind that a container should not need."""

    kind: str
    """The key in ``KINDS``."""
    bytes: int
    base_bytes: int
    """The part of the bytes that the base image ships."""
    files: int

    @property
    def own_bytes(self) -> int:
        """The part of the bytes that the image itself ships."""
        return self.bytes - self.base_bytes

    @property
    def name(self) -> str:
        """The name for people."""
        return KINDS[self.kind].name

    @property
    def certainty(self) -> str:
        """``certain`` or ``likely``."""
        return KINDS[self.kind].certainty.value


def own_fixes(exploration: Exploration) -> Sequence[Fix]:
    """Returns the fixes that the Dockerfile of the image can make."""
    return [fix for fix in exploration.fixes if not fix.is_base]


def base_fix(exploration: Exploration) -> Fix | None:
    """Returns the fix that only the base image can make, if there is one."""
    return next((fix for fix in exploration.fixes if fix.is_base), None)


def disposable_bytes(exploration: Exploration) -> tuple[int, int]:
    """Returns the disposable bytes of the image, and the base's part of them."""
    base = base_fix(exploration)
    return sum([each.bytes for each in exploration.disposables]), base.disposable_bytes if base else 0


def disposable_kinds(exploration: Exploration) -> list[DisposableKindFigures]:
    """Returns the disposable bytes by kind, those outside of the base first."""
    base = base_fix(exploration)
    by_kind: defaultdict[str, list[Disposable]] = defaultdict(list)
    for each in exploration.disposables:
        by_kind[each.kind].append(each)
    base_bytes = Counter[str]()
    for each in base.disposables if base else ():
        base_bytes[each.kind] += each.bytes
    figures = [
        DisposableKindFigures(kind, sum([each.bytes for each in files]), base_bytes[kind], len(files))
        for kind, files in by_kind.items()
    ]
    return sorted(figures, key=lambda kind: (-kind.own_bytes, -kind.base_bytes, kind.kind))


def headline(exploration: Exploration) -> str:
    """Returns the saving of all fixes: ``6 fixes save 413 MB of 861 MB``."""
    fixes = own_fixes(exploration)
    if not fixes:
        return "No change to the Dockerfile saves bytes"
    saved = sum(fix.bytes for fix in fixes)
    verb = "saves" if len(fixes) == 1 else "save"
    return f"{counted(len(fixes), 'fix', 'fixes')} {verb} {size(saved)} of {size(exploration.usage.shipped_bytes)}"


def verdict(exploration: Exploration) -> Iterator[str]:
    """Yields what to change and what it saves, as sentences without their full stop."""
    fixes, base = own_fixes(exploration), base_fix(exploration)
    wasted, disposable = sum(fix.wasted_bytes for fix in fixes), sum(fix.disposable_bytes for fix in fixes)
    share = exploration.usage.shipped_bytes and (wasted + disposable) / exploration.usage.shipped_bytes
    yield (
        f"{headline(exploration)} ({percent(share)}): {savings(wasted, disposable)}" if fixes else headline(exploration)
    )
    kinds = [kind for kind in disposable_kinds(exploration) if kind.own_bytes]
    if kinds:
        named = [f"{kind.name} {size(kind.own_bytes)}" for kind in kinds[:_MAX_KINDS]]
        more = len(kinds) - len(named)
        names = ", ".join([*named, *([counted(more, "other kind")] if more else [])])
        yield f"Disposable: {names}"
    if base:
        yield f"The base image: {savings(base.wasted_bytes, base.disposable_bytes)}; only another base saves it"


def savings(wasted: int, disposable: int, certainty: str = "") -> str:
    """Returns wasted and disposable bytes: ``72 MB wasted and 9 MB disposable``."""
    sure = f" ({certainty})" if certainty else ""
    parts = [f"{size(wasted)} wasted"] if wasted else []
    return enumerated([*parts, *([f"{size(disposable)} disposable{sure}"] if disposable else [])] or ["0 B"], "and")


def savings_of(fix: Fix) -> str:
    """Returns the bytes that a fix saves, the wasted ones and the visible ones."""
    return savings(fix.wasted_bytes, fix.disposable_bytes, fix.certainty.value)


def layers_of(fix: Fix) -> str:
    """Returns the layers whose steps a fix changes: ``layers 1, 2 and 5``."""
    return f"{'layer' if len(fix.layers) == 1 else 'layers'} {enumerated(map(str, fix.layers), 'and')}"


def is_small(fix: Fix, exploration: Exploration) -> bool:
    """True if a fix saves little compared with all fixes."""
    return not fix.is_base and fix.bytes < _SMALL_SHARE * sum(each.bytes for each in own_fixes(exploration))


def biggest_directories(exploration: Exploration) -> Iterator[tuple[int, str]]:
    """Yields bytes and path of the biggest directories; the path of the rest is empty."""
    sizes = visible_sizes(exploration.directories, exploration.sizes)
    rest = sizes.get("", 0)
    for path, count in largest_directories(sizes, MAX_DIRECTORIES):
        yield count, words.path(path)
        rest -= count
    if rest:
        yield rest, ""


class WastedDirectory(NamedTuple):
    """The wasted files of a directory, or one file."""

    path: str
    """Printable; empty for files elsewhere."""
    bytes: int
    files: int
    reason: str
    """The reason of most of the bytes: ``shipped by layer 1, removed by layer 5``."""


def wasted_directories(wasted: Sequence[Waste]) -> list[WastedDirectory]:
    """Returns the wasted bytes by directory, those elsewhere last."""
    sizes = sizes_of_files((waste.path, waste.bytes) for waste in wasted)
    chosen = {path: number for number, (path, _) in enumerate(largest_directories(sizes, MAX_DIRECTORIES))}
    groups: defaultdict[int, list[Waste]] = defaultdict(list)
    places: dict[str, int] = {}
    for waste in wasted:
        parent = waste.path.rpartition("/")[0]
        if parent not in places:
            places[parent] = _place(parent, chosen)
        groups[places[parent]].append(waste)
    names = {number: words.path(path) for path, number in chosen.items()}
    return [_wasted_directory(names.get(number, ""), groups[number]) for number in sorted(groups)]


def _place(path: str, chosen: dict[str, int]) -> int:
    """Returns the number of the chosen directory above a path, or one more than all."""
    while path not in chosen:
        if not path:
            return len(chosen)
        path = path.rpartition("/")[0]
    return chosen[path]


def _wasted_directory(name: str, files: Sequence[Waste]) -> WastedDirectory:
    by_reason: Counter[str] = Counter()
    for waste in files:
        by_reason[words.reason(waste)] += waste.bytes
    (reason, _), *others = by_reason.most_common()
    if others:
        reason = f"most {reason}"
    path = words.path(files[0].path) if len(files) == 1 else name
    return WastedDirectory(path, sum([waste.bytes for waste in files]), len(files), reason)
