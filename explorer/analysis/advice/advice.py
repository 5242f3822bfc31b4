"""What to do about waste: for every cause the step that would have avoided it, and the bytes that this would save.

Wasted files have one remedy in common when they were wasted for the same reason: same cause, same layer that shipped
them, same layer that hid them, and the same habit of a package manager. What is said follows from that reason and from
the commands of the two layers; the bytes are the byte usage's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.advice.build_steps import BuildStep, names
from explorer.analysis.advice.leftovers import LEFTOVERS, leftover_of
from explorer.analysis.advice.sentences import Spans, sentence
from explorer.model import Cause, Waste

_SHOWN = 46
"""Characters of a command that are quoted."""

_DELETES = re.compile(r"^(?:sudo )?(?:rm|unlink|find|rmdir|mv|git clean|truncate)\b")
_UNINSTALLS = re.compile(
    r"^(?:sudo )?(?:(?:apt|apt-get|aptitude)\b.*\b(?:auto)?(?:remove|purge)\b|apk\b.*\bdel\b"
    r"|(?:dnf|microdnf|yum|zypper)\b.*\b(?:remove|erase|autoremove)\b|(?:pip3?|npm|gem|conda)\b.*\b(?:uninstall|remove)\b)"
)
_ATTRIBUTES = re.compile(r"(?:^|\s)(?:chmod|chown|chgrp|setcap|touch|setfacl|setfattr)\b")
_CHOWN = re.compile(r"\bchown\s+(?:-\S+\s+)*([^\s-]\S*)")
_CHMOD = re.compile(r"\bchmod\s+(?:-\S+\s+)*(0?[0-7]{3,4})\b")


class Reason(NamedTuple):
    """Why something was wasted; what is wasted for one reason has one remedy."""

    cause: Cause
    shipped_in: int
    hidden_in: int
    habit: str
    """Name of a package manager's habit in ``LEFTOVERS``; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened to some wasted files, and what to do about them. Words are printable."""

    reason: Reason
    bytes: int
    """Wasted for this reason, hence saved by doing it."""
    files: int
    hidden_by: str
    """The command that hid the files, of all commands of its layer."""
    why: Spans
    do: Spans

    @property
    def subject(self) -> str:
        """What it is about, where that has a name: ``apt's package lists``."""
        return LEFTOVERS[self.reason.habit].name if self.reason.habit else ""


def reasons(wasted: Iterable[Waste]) -> list[Reason]:
    """The reason of each wasted file, in their order."""
    return [Reason(waste.cause, waste.shipped_in, waste.hidden_in, leftover_of(waste.path)) for waste in wasted]


def advise(wasted: Sequence[Waste], made: Sequence[BuildStep], known: Sequence[Reason] | None = None) -> list[Advice]:
    """The advice for some wasted files, what saves most first; ``made`` is what made the layers.

    ``known`` are the files' reasons, if somebody has worked them out before.
    """
    # A reason takes long to hash: once for each file has to do.
    found: dict[Reason, list[Waste]] = {}
    for waste, reason in zip(wasted, reasons(wasted) if known is None else known, strict=True):
        found.setdefault(reason, []).append(waste)
    saved = {reason: sum([waste.bytes for waste in files]) for reason, files in found.items()}
    return [
        Advice(reason, saved[reason], len(files), *_Words(reason, len(files), files[0].path, made).all())
        for reason, files in sorted(found.items(), key=lambda each: saved[each[0]], reverse=True)
    ]


class _Words:
    """Finds the words for one reason."""

    def __init__(self, reason: Reason, files: int, path: str, made: Sequence[BuildStep]) -> None:
        self.reason = reason
        self.it = "it" if files == 1 else "them"
        self.path = path
        self.hidden_by = ""
        self.shipper, self.hider = (
            made[number] if number < len(made) else BuildStep(number)
            for number in (reason.shipped_in, reason.hidden_in)
        )

    def all(self) -> tuple[str, Spans, Spans]:
        """What hid it, why it was wasted, and what to do."""
        why, do = {
            Cause.REMOVED: self._removed,
            Cause.OVERWRITTEN: self._overwritten,
            Cause.RECOPIED: self._recopied,
            Cause.DUPLICATE: self._duplicate,
        }[self.reason.cause]()
        return self.hidden_by or self.hider.text, why, do

    def _said(self, template: str, **more: str) -> Spans:
        """A sentence with what all of them may name: the two layers, the commands that made them, and the files."""
        return sentence(
            template,
            it=self.it,
            shipped_in=self.shipper.number,
            hidden_in=self.hider.number,
            shipper=_short(self.shipper.text),
            hider=_short(self.hider.text),
            ships=self.shipper.keyword,
            hides=self.hider.keyword,
            **more,
        )

    def _idiom(self) -> Spans:
        """How a package manager leaves nothing behind; empty where that is not the point."""
        return sentence(LEFTOVERS[self.reason.habit].remedy) if self.reason.habit and self.shipper.is_run else ()

    def _removed(self) -> tuple[Spans, Spans]:
        deleting = self.hider.command(_DELETES, self.path)
        uninstalling = self.hider.command(_UNINSTALLS, self.path)
        how = deleting if names(deleting, self.path) else uninstalling or deleting
        self.hidden_by = how
        if how:
            why = self._said(
                "Layer {hidden_in}, `{how}`, comes too late: layer {shipped_in}, `{shipper}`, has shipped {it}.",
                how=_short(how),
            )
        else:
            why = self._said("Layer {hidden_in}, `{hider}`, removes what layer {shipped_in}, `{shipper}`, has shipped.")
        return why, self._not_removed(how, uninstalling)

    def _not_removed(self, how: str, uninstalling: str) -> Spans:
        """How not to remove what was shipped; ``how`` it was is one command, ``uninstalling`` another or the same."""
        if self.shipper.is_base:
            return self._said("The base image brings {it}: only a base image without {it} saves the bytes.")
        if idiom := self._idiom():
            return idiom
        if self.shipper.is_copy:
            return self._said(
                "Leave {it} out of the {ships} of layer {shipped_in} (with a line in .dockerignore), "
                "or copy to a build stage and COPY --from it only what is needed."
            )
        if uninstalling and how == uninstalling:
            return self._said(
                "Remove the packages in the RUN that installs them, layer {shipped_in}: `… && {how}`; "
                "or install them in a build stage, and COPY --from it what is needed.",
                how=_short(how),
            )
        if self.shipper.is_run:
            return self._said(
                "Delete {it} in the RUN of layer {shipped_in} that makes {it}, before that RUN ends: "
                "`{making} && … && {how}`.",
                making=_short(self.shipper.command(None, self.path)),
                how=_short(how or "rm …"),
            )
        return self._said("Delete {it} in the step that makes {it}, the one of layer {shipped_in}.")

    def _overwritten(self) -> tuple[Spans, Spans]:
        why = self._said("Layer {hidden_in}, `{hider}`, overwrites what layer {shipped_in}, `{shipper}`, has shipped.")
        if self.shipper.is_base:
            do = "The base image brings {it}: only a base image with the final content saves the bytes."
        elif idiom := self._idiom():
            return why, idiom
        elif self.hider.is_copy and self.shipper.is_copy:
            do = (
                "Write {it} once: leave {it} out of the {ships} of layer {shipped_in}, "
                "as layer {hidden_in} brings what stays."
            )
        elif self.hider.is_copy:
            do = "Do not make {it} in layer {shipped_in}, as layer {hidden_in} brings {it}."
        elif self.shipper.is_copy:
            do = (
                "Write {it} once: do the {ships} of layer {shipped_in} and the work of layer {hidden_in} "
                "in a build stage, and COPY --from it the result alone."
            )
        else:
            do = (
                "Write {it} once: join layers {shipped_in} and {hidden_in} in one RUN, "
                "or make {it} in a build stage and COPY --from it the result."
            )
        return why, self._said(do)

    def _recopied(self) -> tuple[Spans, Spans]:
        how = self.hidden_by = self.hider.command(_ATTRIBUTES, self.path)
        if not how:
            why = (
                "Layer {hidden_in}, `{hider}`, ships the same bytes again "
                "that layer {shipped_in}, `{shipper}`, has shipped."
            )
        else:
            why = (
                "Layer {hidden_in}, `{how}`, copies whole files to change their mode or owner: "
                "the same bytes again as layer {shipped_in}, `{shipper}`, has shipped."
            )
        return self._said(why, how=_short(how)), self._not_recopied(how)

    def _not_recopied(self, how: str) -> Spans:
        """How not to ship the same bytes again; ``how`` is the command that changed mode or owner, if one did."""
        if self.shipper.is_base:
            return self._said(
                "The base image brings {it}: change only those files that need it, or take another base image."
            )
        if how and self.shipper.is_copy:
            return self._said(
                "`{ships} {options} …` in layer {shipped_in} instead of `{how}` in layer {hidden_in}.",
                options=_options(how),
                how=_short(how),
            )
        if how:
            return self._said(
                "Set it where the files are made: `{how}` at the end of the RUN of layer {shipped_in}, "
                "instead of in layer {hidden_in}.",
                how=_short(how),
            )
        if idiom := self._idiom():
            return idiom
        if self.hider.is_copy and self.shipper.is_copy:
            return self._said(
                "Copy {it} once: leave {it} out of the {ships} of layer {shipped_in}, "
                "or out of the {hides} of layer {hidden_in}."
            )
        if self.hider.is_copy:
            return self._said("Copy {it} once: leave {it} out of the {hides} of layer {hidden_in}.")
        return self._said(
            "Write {it} once: what layer {hidden_in} does to {it}, do in the step of layer {shipped_in}, "
            "or only to files that need it."
        )

    def _duplicate(self) -> tuple[Spans, Spans]:
        why = self._said(
            "The tar of layer {shipped_in}, `{shipper}`, holds the path twice; "
            "the last one counts, the bytes of both are shipped."
        )
        if self.shipper.keyword == "ADD":
            return why, self._said("Pack the archive that ADD unpacks anew, with each path once.")
        return why, self._said(
            "Nothing in the Dockerfile asks for it: the builder's doing. Build with another version of it."
        )


def _short(command: str) -> str:
    return command if len(command) <= _SHOWN else f"{command[: _SHOWN - 1].rstrip()}…"


def _options(attributes: str) -> str:
    """The options of COPY that do what a command does to owner and mode."""
    owner, mode = _CHOWN.search(attributes), _CHMOD.search(attributes)
    found = [f"--chown={owner.group(1)}"] if owner else []
    if "chmod" in attributes:
        found.append(f"--chmod={mode.group(1) if mode else '…'}")
    return " ".join(found) or "--chown=… --chmod=…"
