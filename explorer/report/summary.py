"""Figures that text and Markdown share: what to change, where the bytes are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.fixes.fix import SMALL_SHARE, Fix
from explorer.analysis.largest_directories import largest_directories, sizes_of_files, visible_sizes
from explorer.model import Cause, Waste
from explorer.pipeline import Exploration
from explorer.report import words
from explorer.text.units import counted, percent, size
from explorer.text.words import enumerated, layers_named

MAX_DIRECTORIES = 12
"""Directories that a report lists."""
NO_FIXES = "Nothing is wasted, and no file is disposable."
ELSEWHERE = "in other places"
_MAX_KINDS = 3


def headline(exploration: Exploration) -> str:
    """Returns the saving of all fixes: ``6 fixes save 413 MB of 861 MB``."""
    savings = exploration.savings
    if not savings.fixes:
        return "No change to the Dockerfile saves bytes"
    verb = "saves" if len(savings.fixes) == 1 else "save"
    fixes = counted(len(savings.fixes), "fix", "fixes")
    return f"{fixes} {verb} {size(savings.bytes)} of {size(exploration.usage.shipped_bytes)}"


def verdict(exploration: Exploration) -> Iterator[str]:
    """Yields what to change and what it saves, as sentences without their full stop."""
    savings, shipped = exploration.savings, exploration.usage.shipped_bytes
    figures = _in_words(savings.wasted_bytes, savings.disposable_bytes)
    share = percent(shipped and savings.bytes / shipped)
    yield f"{headline(exploration)} ({share}): {figures}" if savings.fixes else headline(exploration)
    kinds = [kind for kind in savings.kinds if kind.own_bytes]
    if kinds:
        named = [f"{kind.name} {size(kind.own_bytes)}" for kind in kinds[:_MAX_KINDS]]
        more = len(kinds) - len(named)
        names = ", ".join([*named, *([counted(more, "other kind")] if more else [])])
        yield f"Disposable: {names}"
    if savings.base:
        base = _in_words(savings.base_wasted_bytes, savings.base_disposable_bytes)
        yield f"The base image: {base}; only another base saves it"
    missing = words.without(exploration, " ")
    if missing:
        yield f"The figures are{missing}"


def _in_words(wasted: int, disposable: int, certainty: str = "") -> str:
    """Returns wasted and disposable bytes: ``72 MB wasted and 9 MB disposable``."""
    sure = f" ({certainty})" if certainty else ""
    parts = [f"{size(wasted)} wasted"] if wasted else []
    return enumerated([*parts, *([f"{size(disposable)} disposable{sure}"] if disposable else [])] or ["0 B"], "and")


def savings_of(fix: Fix) -> str:
    """Returns the bytes that a fix saves, the wasted ones and the visible ones."""
    return _in_words(fix.wasted_bytes, fix.disposable_bytes, fix.certainty.value)


def layers_of(fix: Fix) -> str:
    """Returns the layers whose steps a fix changes: ``layers 1, 2 and 5``."""
    return layers_named(fix.layers)


def is_small(fix: Fix, exploration: Exploration) -> bool:
    """True if a fix saves little of what all save, and keeps out no key or login."""
    return not fix.is_base and not fix.secrets and fix.bytes < SMALL_SHARE * exploration.savings.bytes


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
    # The first file of each reason stands for it, because words for each file take longer than all the rest.
    examples: dict[tuple[Cause, int, int], Waste] = {}
    by_reason: Counter[tuple[Cause, int, int]] = Counter()
    for waste in files:
        key = waste.cause, waste.shipped_in, waste.hidden_in
        examples.setdefault(key, waste)
        by_reason[key] += waste.bytes
    (most, _), *others = by_reason.most_common()
    reason = words.reason(examples[most])
    if others:
        reason = f"most {reason}"
    path = words.path(files[0].path) if len(files) == 1 else name
    return WastedDirectory(path, sum([waste.bytes for waste in files]), len(files), reason)
