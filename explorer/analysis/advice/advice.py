"""Advice about waste: how to avoid it, and the bytes that this saves.

Wasted files share one piece of advice if they share a reason: the cause, the layer that ships them, the layer that
hides them, and the leftovers of a package manager that they are. The words follow from the reason and from the commands
of the two layers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.advice.build_steps import ATTRIBUTES, BuildStep, named_directory, names_path, step_of
from explorer.analysis.advice.sentences import Spans, sentence
from explorer.analysis.disposables.kinds import KINDS, leftover_of
from explorer.model import Cause, Waste

_MAX_COMMAND_CHARS = 46

DELETES = re.compile(r"^(?:sudo )?(?:rm|unlink|find|rmdir|mv|git clean|truncate)\b")
UNINSTALLS = re.compile(
    r"^(?:sudo )?(?:(?:apt|apt-get|aptitude)\b.*\b(?:auto)?(?:remove|purge)\b|apk\b.*\bdel\b"
    r"|(?:dnf|microdnf|yum|zypper)\b.*\b(?:remove|erase|autoremove)\b|(?:pip3?|npm|gem|conda)\b.*\b(?:uninstall|remove)\b)"
)
_CHOWN = re.compile(r"\bchown\s+(?:-\S+\s+)*([^\s-]\S*)")
_CHMOD = re.compile(r"\bchmod\s+(?:-\S+\s+)*(0?[0-7]{3,4})\b")


class Reason(NamedTuple):
    """The reason of some waste; all files with one reason share their advice."""

    cause: Cause
    shipped_in: int
    hidden_in: int
    leftover: str
    """The name in ``KINDS``; empty if the file is not a leftover."""


@dataclass(frozen=True, slots=True)
class Advice:
    """An explanation of some waste, and how to avoid it. Printable."""

    reason: Reason
    bytes: int
    """The bytes that are wasted for this reason, and that the advice saves."""
    files: int
    hidden_by: str
    """The command that hides the files, among the commands of its layer."""
    why: Spans
    do: Spans

    @property
    def subject(self) -> str:
        """The name of the files, if they have one: ``apt's package lists``."""
        return KINDS[self.reason.leftover].name if self.reason.leftover else ""


def reasons(wasted: Iterable[Waste]) -> list[Reason]:
    """Returns the reason of each wasted file, in the same order."""
    return [Reason(waste.cause, waste.shipped_in, waste.hidden_in, leftover_of(waste.path)) for waste in wasted]


def advise(
    wasted: Sequence[Waste], steps: Sequence[BuildStep], known_reasons: Sequence[Reason] | None = None
) -> list[Advice]:
    """Returns the advice for some wasted files, the largest saving first.

    ``known_reasons`` are the reasons of the files, if they have been computed before.
    """
    # A reason takes long to hash, so this happens once for each file.
    by_reason: dict[Reason, list[Waste]] = {}
    for waste, reason in zip(wasted, reasons(wasted) if known_reasons is None else known_reasons, strict=True):
        by_reason.setdefault(reason, []).append(waste)
    saved = {reason: sum([waste.bytes for waste in files]) for reason, files in by_reason.items()}
    return [
        Advice(reason, saved[reason], len(files), *_AdviceWriter(reason, len(files), files[0].path, steps).write())
        for reason, files in sorted(by_reason.items(), key=lambda item: saved[item[0]], reverse=True)
    ]


class _AdviceWriter:
    """Writes the advice for one reason."""

    def __init__(self, reason: Reason, files: int, path: str, steps: Sequence[BuildStep]) -> None:
        self.reason = reason
        self.it = "it" if files == 1 else "them"
        self.path = path
        self.hidden_by = ""
        self.shipper, self.hider = step_of(steps, reason.shipped_in), step_of(steps, reason.hidden_in)

    def write(self) -> tuple[str, Spans, Spans]:
        """Returns the advice: the hiding command, the reason, and the remedy."""
        why, do = {
            Cause.REMOVED: self._removed,
            Cause.OVERWRITTEN: self._overwritten,
            Cause.RECOPIED: self._recopied,
            Cause.DUPLICATE: self._duplicate,
        }[self.reason.cause]()
        return self.hidden_by or self.hider.text, why, do

    def _sentence(self, template: str, **more: str) -> Spans:
        """Returns a sentence with the two layers, their commands, and a pronoun."""
        values: dict[str, object] = {
            "it": self.it,
            "shipped_in": self.shipper.number,
            "hidden_in": self.hider.number,
            "shipper": _short(self.shipper.text),
            "hider": _short(self.hider.text),
            "ships": self.shipper.keyword,
            "hides": self.hider.keyword,
        }
        return sentence(template, **values | more)

    def _run_of(self, command: str) -> str:
        """Returns the RUN of the hiding layer with one of its commands."""
        return _short(f"RUN {'' if command == self.hider.commands[0] else '… '}{command}")

    def _leftover_remedy(self) -> Spans:
        """Returns the remedy for leftovers of a RUN; empty for other files."""
        return sentence(KINDS[self.reason.leftover].remedy.do) if self.reason.leftover and self.shipper.is_run else ()

    def _removed(self) -> tuple[Spans, Spans]:
        how, uninstalls = deletes_or_uninstalls(self.hider, self.path)
        self.hidden_by = how
        if how:
            why = self._sentence(
                "Layer {hidden_in} (`{hider}`) is too late: layer {shipped_in} (`{shipper}`) already shipped {it}.",
                hider=self._run_of(how),
            )
        else:
            why = self._sentence("Layer {hidden_in} (`{hider}`) removes what layer {shipped_in} (`{shipper}`) shipped.")
        return why, self._not_removed(how, uninstalls=uninstalls)

    def _not_removed(self, how: str, *, uninstalls: bool) -> Spans:
        """Returns the remedy; ``how`` removes the files, or the packages if it uninstalls."""
        if self.shipper.is_base:
            return self._sentence("This can only be fixed in the base image: it brings {it}.")
        if remedy := self._leftover_remedy():
            return remedy
        if self.shipper.is_copy:
            return self._sentence(
                "Leave {it} out of the {ships} of layer {shipped_in} (with a line in .dockerignore), "
                "or copy to a build stage, and take from it only what is needed (`COPY --from`)."
            )
        if uninstalls:
            return self._sentence(
                "Remove the packages in the RUN that installs them, layer {shipped_in}: `… && {how}`; "
                "or install them in a build stage, and take from it what is needed (`COPY --from`).",
                how=_short(how),
            )
        if self.shipper.is_run:
            return self._sentence(
                "Delete {it} in the RUN of layer {shipped_in} that makes {it}, before that RUN ends: "
                "`{making} && … && {how}`.",
                making=_short(self.shipper.command(None, self.path)),
                how=_short(how or "rm …"),
            )
        return self._sentence("Delete {it} in the step that makes {it}: that of layer {shipped_in}.")

    def _overwritten(self) -> tuple[Spans, Spans]:
        why = self._sentence("Layer {hidden_in} (`{hider}`) overwrites what layer {shipped_in} (`{shipper}`) shipped.")
        if self.shipper.is_base:
            do = "This can only be fixed in the base image: it brings the earlier content."
        elif remedy := self._leftover_remedy():
            return why, remedy
        elif self.hider.is_copy and self.shipper.is_copy:
            do = (
                "Write {it} once: leave {it} out of the {ships} of layer {shipped_in}; "
                "layer {hidden_in} brings the final version."
            )
        elif self.hider.is_copy:
            do = "Do not make {it} in layer {shipped_in}: layer {hidden_in} brings {it}."
        elif self.shipper.is_copy:
            do = (
                "Write {it} once: do the {ships} of layer {shipped_in} and the work of layer {hidden_in} "
                "in a build stage, and take only the result from it (`COPY --from`)."
            )
        else:
            do = (
                "Write {it} once: join layers {shipped_in} and {hidden_in} in one RUN, "
                "or make {it} in a build stage, and take the result from it (`COPY --from`)."
            )
        return why, self._sentence(do)

    def _recopied(self) -> tuple[Spans, Spans]:
        how = self.hidden_by = self.hider.command(ATTRIBUTES, self.path)
        if not how:
            why = (
                "Layer {hidden_in} (`{hider}`) ships the same bytes again "
                "that layer {shipped_in} (`{shipper}`) shipped."
            )
        else:
            why = (
                "Layer {hidden_in} (`{hider}`) copies whole files to change their mode or owner: "
                "layer {shipped_in} (`{shipper}`) already shipped the same bytes."
            )
        return self._sentence(why, **({"hider": self._run_of(how)} if how else {})), self._not_recopied(how)

    def _not_recopied(self, how: str) -> Spans:
        """Returns the remedy; ``how`` changes mode or owner, or is empty."""
        if self.shipper.is_base:
            return self._sentence(
                "The base image brings {it}: change only the files that need it, or use another base image."
            )
        if how and self.shipper.is_copy:
            return self._sentence(
                "Use `{ships} {options} …` in layer {shipped_in} instead of `{how}` in layer {hidden_in}.",
                options=copy_options(how),
                how=_short(how),
            )
        if how:
            return self._sentence(
                "Run `{how}` at the end of the RUN of layer {shipped_in}, which makes the files, "
                "instead of in layer {hidden_in}.",
                how=_short(how),
            )
        if remedy := self._leftover_remedy():
            return remedy
        if self.hider.is_copy and self.shipper.is_copy:
            return self._sentence(
                "Copy {it} once: leave {it} out of the {ships} of layer {shipped_in}, "
                "or out of the {hides} of layer {hidden_in}."
            )
        if self.hider.is_copy:
            return self._sentence("Copy {it} once: leave {it} out of the {hides} of layer {hidden_in}.")
        return self._sentence(
            "Write {it} once: do the work of layer {hidden_in} in the step of layer {shipped_in}, "
            "or only on the files that need it."
        )

    def _duplicate(self) -> tuple[Spans, Spans]:
        why = self._sentence(
            "The tar of layer {shipped_in} (`{shipper}`) holds the path twice, and only the last one counts, "
            "or bytes that no path shows, such as the content of a whiteout. The bytes are still shipped."
        )
        if self.shipper.keyword == "ADD":
            return why, self._sentence("Pack the archive that ADD unpacks again, with each path once and no whiteouts.")
        return why, self._sentence("The builder does this, not the Dockerfile. Use another version of the builder.")


def uninstalls_packages(step: BuildStep) -> bool:
    """True if a command of a step uninstalls packages."""
    return any(UNINSTALLS.search(command) for command in step.commands)


def deleted_directories(step: BuildStep) -> tuple[str, ...]:
    """Returns the directories and files that a step deletes by name, with slashes."""
    words = (word for command in step.commands if DELETES.search(command) for word in command.split())
    return tuple({named for word in words if (named := named_directory(word))})


def deletes_or_uninstalls(hider: BuildStep, path: str) -> tuple[str, bool]:
    """Returns the command that removes a path, and True if it uninstalls packages.

    The command is empty if none is known.
    """
    deleting, uninstalling = hider.command(DELETES, path), hider.command(UNINSTALLS, path)
    if uninstalling and not names_path(deleting, path):
        return uninstalling, True
    return deleting, False


def _short(command: str) -> str:
    return command if len(command) <= _MAX_COMMAND_CHARS else f"{command[: _MAX_COMMAND_CHARS - 1].rstrip()}…"


def copy_options(attributes: str) -> str:
    """Returns the options of COPY that set owner and mode as a command does."""
    owner, mode = _CHOWN.search(attributes), _CHMOD.search(attributes)
    options = [f"--chown={owner.group(1)}"] if owner else []
    if "chmod" in attributes:
        options.append(f"--chmod={mode.group(1) if mode else '…'}")
    return " ".join(options) or "--chown=… --chmod=…"
