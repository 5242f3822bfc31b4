"""Sentences on the first step that differs; all are printable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.analysis.image_diff.break_evidence import downloading_command
from explorer.analysis.image_diff.broken_step import BreakCause, BrokenStep
from explorer.analysis.image_diff.layer_difference import LayerDifference
from explorer.analysis.image_diff.steps import Step, have_other_secrets
from explorer.text.dockerfile import assignments
from explorer.text.printable import cut, printable, shortened
from explorer.text.units import counted, size
from explorer.text.words import capitalized, enumerated

_MAX_FILES_NAMED = 2
_MAX_PATH_CHARS = 60
_MAX_VALUE_CHARS = 40
_MAX_SETTINGS_NAMED = 3
_MAX_PART_CHARS = 60
_WORDS_BEFORE_DIFFERENCE = 2


def reason(found: BrokenStep) -> str:
    """Returns the step and its difference."""
    old, new = found.old_step, found.new_step
    where = step_words(new or old)
    if found.is_end:
        image, steps = ("new", "continues") if old is None else ("old", "continued")
        return f"The {image} image {steps} with {where} after the last step of the other one"
    if found.cause is BreakCause.BASE:
        if new is None:
            return f"{_base_words(found)} does not have {where}"
        return f"{_base_words(found)} differs at {where}: {_files_or_words(found)}"
    if found.cause is BreakCause.PLATFORM:
        old_platform, new_platform = found.platforms
        return f"The images are for {old_platform} and {new_platform}, and differ from {where} on"
    if found.cause is BreakCause.INSERTED:
        return f"{capitalized(where)} is new"
    if found.cause is BreakCause.REMOVED:
        return f"The new image does not have {where}"
    if old is None or new is None or found.cause is BreakCause.REORDERED:
        return f"The steps have another order: {where} is where the old image has {old.name if old else 'nothing'}"
    return f"{capitalized(where)}: {_difference(found, old, new)}"


def _difference(found: BrokenStep, old: Step, new: Step) -> str:
    """Returns the difference between two steps at the same place."""
    files = difference_words(found.difference)
    if found.cause in (BreakCause.ARGUMENT, BreakCause.SETTING, BreakCause.COMMAND):
        if have_other_secrets(old, new):
            words = "a masked value differs"
        else:
            words = settings_words(old, new) or f"{_command_change(old, new)}{_ending(found)}"
        return f"{words}; {files}" if found.difference is not None else words
    if found.cause is BreakCause.COMMENT:
        return "only a comment or blanks of the command differ"
    if found.cause is BreakCause.SPACES:
        return f"the text of the command changed, only in spaces; {files}"
    if found.cause is BreakCause.REBUILT:
        return f"built again with the same result, but {files}"
    return f"the same command made other files: {files}" if found.cause is BreakCause.RESULTS else files


def _ending(found: BrokenStep) -> str:
    """Names the layers that belong together, if they are not those at the same place."""
    if found.removed is not None:
        return f", and {step_words(found.removed)} of the old image is gone"
    return f", whose files are now in layer {found.moved_to}" if found.moved_to is not None else ""


def _command_change(old: Step, new: Step) -> str:
    """Returns the command before, or the words that differ if the name lacks them."""
    if old.name != new.name:
        is_elsewhere = old.layer is not None and old.layer != new.layer
        return f"it was {step_words(old) if is_elsewhere else old.name}"
    before, after = old.command.split(), new.command.split()
    same = next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), len(before))
    start = max(min(same, len(before), len(after)) - _WORDS_BEFORE_DIFFERENCE, 0)
    parts = [" ".join(words[start:]) for words in (after, before)]
    new_part, old_part = (f"{'… ' if start else ''}{cut(part, _MAX_PART_CHARS)}" for part in parts)
    return f"{new_part}, it was {old_part}"


def _base_words(found: BrokenStep) -> str:
    old_name, new_name = map(printable, found.base_names)
    if has_other_base(found):
        return f"The base changed: {old_name} → {new_name}. It"
    return f"The base image {new_name}".rstrip()


def has_other_base(found: BrokenStep) -> bool:
    """True if the names of both bases are known, and differ."""
    old_name, new_name = found.base_names
    return "" != old_name != new_name != ""


def _files_or_words(found: BrokenStep) -> str:
    if found.difference is not None:
        return difference_words(found.difference)
    return (
        f"it was {found.old_step.name}" if found.old_step and found.old_step.layer is not None else "the layer is new"
    )


def step_words(step: Step | None) -> str:
    """Names a step: ``layer 3 (COPY . /app)``."""
    if step is None:
        return "nothing"
    return f"the step {step.name}" if step.layer is None else f"layer {step.layer} ({step.name})"


def difference_words(difference: LayerDifference | None) -> str:
    """Counts the files that differ.

    ``3 files differ (/app/a, /app/b, …), 21 only in their time``.
    """
    if difference is None:
        return "its files were not compared"
    differing = [*difference.contents, *difference.added, *difference.removed]
    groups = (
        (differing, f" ({_named(differing)})"),
        (difference.attributes, f" only in mode, owner or attributes ({_named(difference.attributes)})"),
        (difference.times, f" only in {'its' if len(difference.times) == 1 else 'their'} time"),
    )
    clauses: list[str] = []
    for paths, ending in groups:
        # The words of the first clause are understood in the others: "3 files differ (…), 21 only in their time".
        words = f"{len(paths):,}" if clauses else counted(len(paths), "file differs", "files differ")
        clauses += [f"{words}{ending}"] if paths else []
    if difference.unknown:
        clauses.append(f"{counted(len(difference.unknown), 'file')} of equal size not read")
    if not clauses:
        return "only times of directories differ" if difference.directory_times else "its files are the same"
    return ", ".join(clauses)


def settings_words(old: Step, new: Step) -> str:
    """Names variables and their values before and after: ``VERSION is 2, was 1``."""
    before, after = dict(assignments(old.instruction)), dict(assignments(new.instruction))
    changed = [name for name in {**after, **before} if before.get(name) != after.get(name)]
    words = [f"{printable(name)} {_value_change(before.get(name), after.get(name))}" for name in changed]
    if len(words) > _MAX_SETTINGS_NAMED:
        words[_MAX_SETTINGS_NAMED:] = [f"{len(words) - _MAX_SETTINGS_NAMED} more"]
    return enumerated(words, "and") if words else ""


def _value_change(before: str | None, after: str | None) -> str:
    if before is None:
        return "is new"
    if after is None:
        return "is no longer set"
    return f"is {_value(after)}, was {_value(before)}"


def _value(text: str) -> str:
    return printable(shortened(text, _MAX_VALUE_CHARS)) or "empty"


def _named(paths: Sequence[str]) -> str:
    names = [f"/{path}" if len(path) < _MAX_PATH_CHARS else f"…{path[-_MAX_PATH_CHARS:]}" for path in paths]
    return ", ".join([*map(printable, names[:_MAX_FILES_NAMED]), *(["…"] if len(names) > _MAX_FILES_NAMED else [])])


def consequence(found: BrokenStep) -> str:
    """Returns the layers that were built again, and their bytes."""
    if not found.rebuilt:
        return "No layer is new because of it"
    count, same = len(found.rebuilt), len(found.unchanged)
    words = f"{counted(count, 'layer')} from there on {'is' if count == 1 else 'are'} new, {size(found.rebuilt_bytes)}"
    if same == count:
        words += f"; {'it has' if count == 1 else 'all of them have'} the same files as before"
    elif same:
        verb = "has" if same == 1 else "have"
        words += f"; {same:,} of them {verb} the same files as before, {size(found.unchanged_bytes)}"
    if found.beyond_times is not None:
        beyond = reason(found.beyond_times)
        words += f". The first difference beyond times: {beyond[:1].lower()}{beyond[1:]}"
    if found.changed is not None:
        files = difference_words(found.changed.difference)
        words += f". The first with other files is {step_words(found.changed.step)}: {files}"
    return words


def advice(found: BrokenStep) -> str:
    """Returns the change that keeps the cache; empty if there is none."""
    own = found.new_step.layer if found.new_step else None
    if not found.rebuilt or found.is_end or (found.rebuilt == [own] and found.cause in _NECESSARY):
        return ""
    if found.cause is BreakCause.RESULTS:
        return _pinning(found.new_step) or _ADVICE[found.cause]
    if has_other_base(found):
        return ""
    beyond = found.beyond_times
    if beyond is not None and beyond.cause is BreakCause.RESULTS:
        return ". ".join(filter(None, (_ADVICE[found.cause], _pinning(beyond.new_step))))
    return _ADVICE[found.cause]


def _pinning(step: Step | None) -> str:
    """Returns the advice for a step whose command fetches what is current, else empty."""
    command = downloading_command(step.instruction) if step else ""
    if not command:
        return ""
    return (
        f"The command {printable(command)} fetches what is current at the time of the build: pin the versions, "
        "or keep the cache of the build (--cache-from) if the old packages will do"
    )


_NECESSARY = (BreakCause.FILES, BreakCause.COMMAND, BreakCause.INSERTED, BreakCause.REMOVED, BreakCause.REORDERED)
"""Causes for which a build must make the layer of the step."""
_ADVICE: Mapping[BreakCause, str] = {
    BreakCause.PLATFORM: "Compare images of the same platform: add --platform",
    BreakCause.BASE: "Name the base by its digest in FROM, and move to a new one only when you want to",
    BreakCause.FILES: (
        "Copy what changes often last, and only the files that the next step needs: first the lists of dependencies, "
        "then the sources"
    ),
    BreakCause.ATTRIBUTES: (
        "Set modes with COPY --chmod and owners with --chown, so that those of the sources do not count"
    ),
    BreakCause.TIMES: (
        "Build with a cache that knows this step (--cache-from), or set SOURCE_DATE_EPOCH and rewrite-timestamp=true, "
        "so that times do not count"
    ),
    BreakCause.ARGUMENT: "Declare the ARG after the steps that do not need it",
    BreakCause.SETTING: "Move the step after those that do not need it: its change breaks the cache of all later steps",
    BreakCause.COMMAND: "Put the steps that change often last",
    BreakCause.COMMENT: "Write comments on lines of their own, outside of the command: they do not count there",
    BreakCause.SPACES: "Builders compare the text of a command: change its spaces only together with its words",
    BreakCause.RESULTS: (
        "Keep the cache of the build (--cache-from), or make the command give the same result each time"
    ),
    BreakCause.REBUILT: (
        "The build had no cache: leave out --no-cache, or give it one with --cache-from. "
        "With SOURCE_DATE_EPOCH and rewrite-timestamp=true, layers with the same files are the same"
    ),
    BreakCause.REORDERED: (
        "If you want the new order, keep it: the next build takes the steps from its cache. If not, restore the old one"
    ),
    BreakCause.INSERTED: (
        "Add steps after those that need the most time or bytes; the next build takes the later ones from its cache"
    ),
    BreakCause.REMOVED: "The next build takes the later steps from its cache",
}
