"""What to do about waste: for every cause the step that would have avoided it, and the bytes that this would save.

Wasted files have one remedy in common when they were wasted for the same reason: same cause, same layer that shipped
them, same layer that hid them, and the same habit of a package manager. What is said follows from that reason and from
the commands of the two layers; the bytes are the ledger's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.habits import HABITS, habit_of
from explorer.model import Cause, Layer, Waste
from explorer.text import layer_command

_LONGEST = 2_000
"""Characters of a command that are looked at."""
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
_STEPS = re.compile(r"\s*(?:&&|\|\||;)\s*")
_SHELL_WORDS = re.compile(r"^(?:set -\S+|export \S+)$")


class Reason(NamedTuple):
    """Why something was wasted; what is wasted for one reason has one remedy."""

    cause: Cause
    shipped_in: int
    hidden_in: int
    habit: str
    """Name of a package manager's habit in ``HABITS``; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened to some wasted files, and what to do about them. Words are printable."""

    reason: Reason
    bytes: int
    """Wasted for this reason, hence saved by doing it."""
    files: int
    hidden_by: str
    """The command that hid the files, of all commands of its layer."""
    why: str
    do: str

    @property
    def subject(self) -> str:
        """What it is about, where that has a name: ``apt's package lists``."""
        return HABITS[self.reason.habit].name if self.reason.habit else ""


def reasons(wasted: Iterable[Waste]) -> list[Reason]:
    """The reason of each wasted file, in their order."""
    return [Reason(waste.cause, waste.shipped_in, waste.hidden_in, habit_of(waste.path)) for waste in wasted]


def commands(layers: Iterable[Layer]) -> list[str]:
    """What made each layer, as a Dockerfile instruction, printable."""
    return [layer_command(layer, _LONGEST) for layer in layers]


def advise(wasted: Sequence[Waste], made_by: Sequence[str], known: Sequence[Reason] | None = None) -> list[Advice]:
    """The advice for some wasted files, what saves most first; ``made_by`` are the ``commands`` of the layers.

    ``known`` are the files' reasons, if somebody has worked them out before.
    """
    saved: Counter[Reason] = Counter()
    files: Counter[Reason] = Counter()
    first: dict[Reason, Waste] = {}
    for waste, reason in zip(wasted, reasons(wasted) if known is None else known, strict=True):
        saved[reason] += waste.bytes
        files[reason] += 1
        first.setdefault(reason, waste)
    return [
        Advice(reason, total, files[reason], *_Words(reason, files[reason], first[reason].path, made_by).all())
        for reason, total in saved.most_common()
    ]


class _Words:
    """Finds the words for one reason."""

    def __init__(self, reason: Reason, files: int, path: str, made_by: Sequence[str]) -> None:
        self.reason = reason
        self.it = "it" if files == 1 else "them"
        self.path = path
        self.hidden_by = ""
        self.shipper, self.hider = _Step.of(reason.shipped_in, made_by), _Step.of(reason.hidden_in, made_by)

    def all(self) -> tuple[str, str, str]:
        """What hid it, why it was wasted, and what to do."""
        why, do = {
            Cause.REMOVED: self._removed,
            Cause.OVERWRITTEN: self._overwritten,
            Cause.RECOPIED: self._recopied,
            Cause.DUPLICATE: self._duplicate,
        }[self.reason.cause]()
        return self.hidden_by or self.hider.command, why, do

    def _idiom(self) -> str:
        """How a package manager leaves nothing behind; empty where that is not the point."""
        return HABITS[self.reason.habit].remedy if self.reason.habit and self.shipper.is_run else ""

    def _removed(self) -> tuple[str, str]:
        shipper, hider, it = self.shipper, self.hider, self.it
        uninstalling = hider.part(_UNINSTALLS, self.path)
        how = hider.part(_DELETES, self.path) if _names(hider.part(_DELETES, self.path), self.path) else ""
        how = how or uninstalling or hider.part(_DELETES, self.path)
        self.hidden_by = how
        if how:
            why = f"{hider.began(how)} comes too late: {shipper.said()} has shipped {it}."
        else:
            why = f"{hider.began()} removes what {shipper.said()} has shipped."
        if shipper.is_base:
            return why, f"The base image brings {it}: only a base image without {it} saves the bytes."
        if idiom := self._idiom():
            return why, idiom
        if shipper.is_copy:
            return why, (
                f"Leave {it} out of the {shipper.word} of layer {shipper.number} (with a line in .dockerignore), "
                f"or copy to a build stage and COPY --from it only what is needed."
            )
        if uninstalling and how == uninstalling:
            return why, (
                f"Remove the packages in the RUN that installs them, layer {shipper.number}: "
                f"`… && {_short(uninstalling)}`; or install them in a build stage, and COPY --from it what is needed."
            )
        if shipper.is_run:
            return why, (
                f"Delete {it} in the RUN of layer {shipper.number} that makes {it}, before that RUN ends: "
                f"`{_short(shipper.part(None, self.path))} && … && {_short(how or 'rm …')}`."
            )
        return why, f"Delete {it} in the step that makes {it}, the one of layer {shipper.number}."

    def _overwritten(self) -> tuple[str, str]:
        shipper, hider, it = self.shipper, self.hider, self.it
        why = f"{hider.began()} overwrites what {shipper.said()} has shipped."
        if shipper.is_base:
            return (
                why,
                f"The base image brings {it}: only a base image with the final content saves the bytes.",
            )
        if idiom := self._idiom():
            return why, idiom
        if hider.is_copy and shipper.is_copy:
            return why, (
                f"Write {it} once: leave {it} out of the {shipper.word} of layer {shipper.number}, "
                f"as layer {hider.number} brings what stays."
            )
        if hider.is_copy:
            return (
                why,
                f"Do not make {it} in layer {shipper.number}, as layer {hider.number} brings {it}.",
            )
        if shipper.is_copy:
            return why, (
                f"Write {it} once: do the {shipper.word} of layer {shipper.number} and the work of layer "
                f"{hider.number} in a build stage, and COPY --from it the result alone."
            )
        return why, (
            f"Write {it} once: join layers {shipper.number} and {hider.number} in one RUN, "
            f"or make {it} in a build stage and COPY --from it the result."
        )

    def _recopied(self) -> tuple[str, str]:
        shipper, hider, it = self.shipper, self.hider, self.it
        attributes = hider.part(_ATTRIBUTES, self.path) if hider.is_run else ""
        if attributes and not _ATTRIBUTES.search(attributes):
            attributes = ""
        self.hidden_by = attributes
        if not attributes:
            why = f"{hider.began()} ships the same bytes again that {shipper.said()} has shipped."
        else:
            why = (
                f"{hider.began(attributes)} copies whole files to change their mode or owner: "
                f"the same bytes again as {shipper.said()} has shipped."
            )
        if shipper.is_base:
            return why, f"The base image brings {it}: change only those files that need it, or take another base image."
        if attributes and shipper.is_copy:
            return why, (
                f"`{shipper.word} {_options(attributes)} …` in layer {shipper.number} "
                f"instead of `{_short(attributes)}` in layer {hider.number}."
            )
        if attributes:
            return why, (
                f"Set it where the files are made: `{_short(attributes)}` at the end of the RUN of layer "
                f"{shipper.number}, instead of in layer {hider.number}."
            )
        if idiom := self._idiom():
            return why, idiom
        if hider.is_copy and shipper.is_copy:
            return why, (
                f"Copy {it} once: leave {it} out of the {shipper.word} of layer {shipper.number}, "
                f"or out of the {hider.word} of layer {hider.number}."
            )
        if hider.is_copy:
            return why, f"Copy {it} once: leave {it} out of the {hider.word} of layer {hider.number}."
        return why, (
            f"Write {it} once: what layer {hider.number} does to {it}, do in the step of layer {shipper.number}, "
            f"or only to files that need it."
        )

    def _duplicate(self) -> tuple[str, str]:
        shipper = self.shipper
        why = f"The tar of {shipper.said()} holds the path twice; the last one counts, the bytes of both are shipped."
        if shipper.word == "ADD":
            return (
                why,
                "Pack the archive that ADD unpacks anew, with each path once.",
            )
        return why, "Nothing in the Dockerfile asks for it: the builder's doing. Build with another version of it."


class _Step(NamedTuple):
    """The step that made a layer."""

    number: int
    command: str

    @classmethod
    def of(cls, number: int, made_by: Sequence[str]) -> _Step:
        return cls(number, made_by[number] if number < len(made_by) else "")

    @property
    def word(self) -> str:
        """Its instruction."""
        return self.command.partition(" ")[0]

    @property
    def is_run(self) -> bool:
        return self.word == "RUN"

    @property
    def is_base(self) -> bool:
        """Whether it is what the base image brought, as far as one can tell."""
        return self.word == "FROM" or (self.number == 0 and self.word not in ("RUN", "COPY"))

    @property
    def is_copy(self) -> bool:
        return self.word in ("COPY", "ADD") and not self.is_base

    def part(self, what: re.Pattern[str] | None, path: str) -> str:
        """Of the commands that ``&&`` joins that which fits: it names the path or one above, or is the first."""
        if not self.is_run:
            return ""
        parts = [part for part in _STEPS.split(self.command.removeprefix("RUN ")) if part]
        fitting = [part for part in parts if what is None or what.search(part)]
        telling = [part for part in fitting if not _SHELL_WORDS.match(part)] or fitting
        return next((part for part in telling if _names(part, path)), telling[0] if telling else "")

    def began(self, part: str = "") -> str:
        """The same at the beginning of a sentence."""
        return f"L{self.said(part)[1:]}"

    def said(self, part: str = "") -> str:
        """The layer with its command, or a part of it."""
        return f"layer {self.number}, `{_short(part or self.command)}`,"


def _names(command: str, path: str) -> bool:
    """Whether a command names a path, or a directory above it."""
    for word in command.split():
        place = word.strip("'\"").rstrip("*").rstrip("/")
        if len(place) > 1 and place.startswith("/") and (f"/{path}/").startswith(f"{place}/"):
            return True
    return False


def _short(command: str) -> str:
    return command if len(command) <= _SHOWN else f"{command[: _SHOWN - 1].rstrip()}…"


def _options(attributes: str) -> str:
    """The options of COPY that do what a command does to owner and mode."""
    owner, mode = _CHOWN.search(attributes), _CHMOD.search(attributes)
    found = [f"--chown={owner.group(1)}"] if owner else []
    if "chmod" in attributes:
        found.append(f"--chmod={mode.group(1) if mode else '…'}")
    return " ".join(found) or "--chown=… --chmod=…"
