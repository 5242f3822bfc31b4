"""Practices of bytes that the image ships without need."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from explorer.analysis.advice.build_steps import step_of
from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.kinds import KINDS, Certainty, leftover_of
from explorer.analysis.findings.finding import PathPlace, Severity
from explorer.analysis.findings.practices.practice_case import Evidence, Finder, PracticeCase
from explorer.model import Cause, Waste
from explorer.text.printable import printable
from explorer.text.units import counted
from explorer.text.words import layers_named

_MIN_BYTES = 100_000
"""Fewer bytes are not worth a change."""
_MIN_USUAL_BYTES = 1_000_000
"""The least bytes of documentation, tests and logs, which every installation brings."""
_MANY_BYTES = 10_000_000
_APT_KINDS = ("apt_lists", "apt_cache")
_CACHE_IDS = {
    "apk": ("DKL-DI-0004", "DL3019"),
    "dnf": ("DL3040", "DL3032"),
    "pip": ("DL3042",),
    "zypper": ("DL3036",),
    "yarn": ("DL3060",),
}
_CACHE_KINDS = frozenset(
    key
    for key, kind in KINDS.items()
    if kind.is_leftover and kind.is_disposable and kind.certainty is Certainty.CERTAIN and key not in _APT_KINDS
)
_GIT_OBJECT = re.compile(r"(?:.*/)?\.git/(?:.+/)?objects/(?:[0-9a-f]{2}/[0-9a-f]{38,62}|pack/[^/]+\.pack)", re.DOTALL)
"""A file with commits, or with the files of them; also that of a submodule."""
_REPOSITORY = re.compile(r"(?:.*/)?\.(?:git|hg|svn|bzr)/.*", re.DOTALL)


def package_cache(case: PracticeCase) -> Iterator[Evidence]:
    """Finds the caches of other package managers."""
    for key in sorted(_CACHE_KINDS):
        kind = KINDS[key]
        for evidence in _of_kinds((key,), kind.name)(case):
            yield evidence._replace(do=kind.remedy.do, other_ids=_CACHE_IDS.get(key, ()))


def version_control(case: PracticeCase) -> Iterator[Evidence]:
    """Finds repositories of version control that no package owns."""

    def is_repository(each: Disposable) -> bool:
        node = case.tree.find(each.path) if each.kind == "version_control" and _REPOSITORY.match(each.path) else None
        return node is not None and case.packages.owner(node, each.shipped_in) is None

    files = [each for each in case.disposables if each.shipped_in >= case.base_layers and is_repository(each)]
    total = sum([each.bytes for each in files])
    if not total:
        return
    origins = [_first_layer(case, each) for each in files]
    again = sorted({each.shipped_in for each, origin in zip(files, origins, strict=True) if each.shipped_in != origin})
    layers = layers_named(sorted(set(origins)))
    largest = f"{'the largest is ' if len(files) > 1 else ''}{printable('/' + files[0].path)}"
    why = f"{layers.capitalize()}: {counted(len(files), 'file')} of repositories, {largest}."
    if again:
        why = f"{why} {layers_named(again).capitalize()} {'ships' if len(again) == 1 else 'ship'} them again."
    has_objects = any(each.bytes and _GIT_OBJECT.fullmatch(each.path) for each in files)
    if has_objects:
        why = f"{why} Whoever has the image can read all commits, with files that were deleted, such as secrets."
    severity = Severity.HIGH if has_objects else None
    yield Evidence(PathPlace(files[0].path), why, origins[0], total, severity=severity)


def _first_layer(case: PracticeCase, each: Disposable) -> int:
    """Returns the layer above the base that brings a file, or its older version."""
    node = case.tree.find(each.path)
    first = each.shipped_in
    for version in reversed(node.history if node is not None else ()):
        if version.entry is None or version.layer < case.base_layers:
            break
        first = min(first, version.layer)
    return first


def late_cleanup(case: PracticeCase) -> Iterator[Evidence]:
    """Finds steps that delete files of earlier steps, which are shipped all the same."""
    for hidden_in, wasted in _by_hiding_layer(case, Cause.REMOVED, case.base_layers):
        layers = layers_named(sorted({waste.shipped_in for waste in wasted}))
        why = f"Layer {hidden_in} deletes {counted(len(wasted), 'file')} of {layers}, which can still be downloaded."
        largest, total = wasted[0], sum([waste.bytes for waste in wasted])
        place = PathPlace(largest.path)
        yield Evidence(place, why, largest.shipped_in, total, largest.hidden_in, _severity(total))


def shipped_again(case: PracticeCase) -> Iterator[Evidence]:
    """Finds steps that ship files again without a change of their contents."""
    # Package managers write their records again in each RUN, and cannot help it.
    for hidden_in, wasted in _by_hiding_layer(case, Cause.RECOPIED, 0, lambda path: not leftover_of(path)):
        is_by_command = step_of(case.build_steps, hidden_in).changes_attributes
        files = counted(len(wasted), "file")
        how = "changes the mode, the owner or the time of" if is_by_command else "brings the same contents of"
        largest, total = wasted[0], sum([waste.bytes for waste in wasted])
        node = case.tree.find(largest.path)
        later = node.version_after(hidden_in) if node is not None else None
        yield Evidence(
            PathPlace(largest.path),
            f"Layer {hidden_in} {how} {files}, and so ships them again.",
            hidden_in,
            total,
            later.layer if later is not None else None,
            _severity(total),
        )


def _by_hiding_layer(
    case: PracticeCase, cause: Cause, first_layer: int, counts: Callable[[str], bool] = bool
) -> Iterator[tuple[int, Sequence[Waste]]]:
    """Yields the waste that own layers hide, the largest files first.

    Args:
        case: The image.
        cause: The cause of the waste.
        first_layer: The lowest layer whose files count.
        counts: True for the paths that count.
    """
    groups: defaultdict[int, list[Waste]] = defaultdict(list)
    for waste in case.usage.wasted:
        is_between = waste.shipped_in >= first_layer and waste.hidden_in >= case.base_layers
        if waste.cause is cause and is_between and counts(waste.path):
            groups[waste.hidden_in].append(waste)
    for hidden_in, wasted in sorted(groups.items()):
        if sum([waste.bytes for waste in wasted]) >= _MIN_BYTES:
            yield hidden_in, wasted


def _severity(wasted_bytes: int) -> Severity:
    return Severity.MEDIUM if wasted_bytes >= _MANY_BYTES else Severity.LOW


def _of_kinds(kinds: Collection[str], name: str, min_bytes: int = _MIN_BYTES) -> Finder:
    """Returns a finder of disposable files of some kinds."""
    return lambda case: _disposable(case, lambda each: each.kind in kinds, name, min_bytes)


def _disposable(
    case: PracticeCase, is_one: Callable[[Disposable], bool], name: str, min_bytes: int
) -> Iterator[Evidence]:
    """Yields evidence for disposable files above the base; the largest is its place."""
    files = [each for each in case.disposables if each.shipped_in >= case.base_layers and is_one(each)]
    total = sum([each.bytes for each in files])
    if files and total >= min_bytes:
        layers = layers_named(sorted({each.shipped_in for each in files}))
        largest = f"{'the largest is ' if len(files) > 1 else ''}{printable('/' + files[0].path)}"
        why = f"{layers.capitalize()}: {counted(len(files), 'file')} of {name}, {largest}."
        yield Evidence(PathPlace(files[0].path), why, files[0].shipped_in, total)


FINDERS: Mapping[str, Finder] = {
    "package-lists": _of_kinds(_APT_KINDS, "apt's lists and cache"),
    "package-cache": package_cache,
    "late-cleanup": late_cleanup,
    "shipped-again": shipped_again,
    "version-control": version_control,
    "crash-dump": _of_kinds(("crash_dumps",), "crash dumps", 1),
    "temporary-files": _of_kinds(("temporary", "logs"), "temporary data and logs", _MIN_USUAL_BYTES),
    "documentation": _of_kinds(("documentation", "manuals"), "documentation", _MIN_USUAL_BYTES),
    "package-tests": _of_kinds(("package_tests",), "tests", _MIN_USUAL_BYTES),
}
