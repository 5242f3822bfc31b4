"""Writes a fix: its title, the reason, what to do, and the lines that change."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from explorer.analysis.advice.advice import Advice, advise, copy_options, deletes_or_uninstalls
from explorer.analysis.advice.build_steps import BuildStep, step_of
from explorer.analysis.advice.sentences import Spans, sentence
from explorer.analysis.disposables.disposables import root_of
from explorer.analysis.disposables.kinds import KINDS
from explorer.analysis.disposables.remedies import Remedy
from explorer.analysis.disposables.secrets import secrets
from explorer.analysis.fixes.actions import (
    APT,
    BASE,
    DELETE,
    DELETE_AFTER_USE,
    LEAVE_OUT,
    MOUNT,
    MOVE,
    RECORDS,
    SET_ATTRIBUTES,
    UNINSTALL,
)
from explorer.analysis.fixes.apt_diff import cleaning_apt
from explorer.analysis.fixes.commands import deleting, only_for
from explorer.analysis.fixes.dockerfile_diff import DiffLine, DockerfileDiff, attributes_of
from explorer.analysis.fixes.fix import Fix
from explorer.analysis.fixes.fix_members import FixMembers
from explorer.analysis.fixes.uses import works_between
from explorer.model import Cause, LayerIndex
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import enumerated, layers_named

_MAX_NAMED_ROOTS = 6
_PLAIN_PATH = re.compile(r"[A-Za-z0-9./+-]{1,30}")
"""A path that a title can name: short, and without characters that mean something in a report."""
_LEAK_TITLE = "Keep out of {layers} what is named like a key or a login"
_LEAK_WHY = "`{path}` is named like a key or a login."
_LEAK_DO = (
    "If it is one, give it to the step with `RUN --mount=type=secret,id=… …`, and replace it: everybody who has the "
    "image can read it."
)
_LEAK_MORE = f"`{{path}}` is named like a key or a login: {_LEAK_DO[0].lower()}{_LEAK_DO[1:]}"
_TITLES = {
    BASE: "Only the base image can save these",
    LEAVE_OUT: "Leave files out of the COPY of layer {layer}",
    MOVE: "Copy the files of layer {layer} to where a RUN moves them",
    MOUNT: "Mount the files of layer {layer} in the RUN that uses and removes them",
    DELETE_AFTER_USE: "Make, use and delete the files in one RUN, not in layer {layer}",
    UNINSTALL: "Remove the packages in the RUN that installs them, not in layer {layer}",
    DELETE: "Delete {files} in the RUN that makes {them}, not in layer {layer}",
    SET_ATTRIBUTES: "Set mode and owner in the step that makes the files, not in layer {layer}",
    Cause.RECOPIED.value: "Copy the files once: layer {layer} ships them again",
    Cause.OVERWRITTEN.value: "Write the files once: layer {layer} overwrites them",
    Cause.DUPLICATE.value: "Pack each path once: layer {layer} has some twice",
}
_ACTIONS_ON_HIDER = (DELETE, DELETE_AFTER_USE, UNINSTALL, SET_ATTRIBUTES)
"""The actions that also change the step that hides the files."""
_OR_STAGE = "or use them in a build stage, and COPY --from it what stays."
_DO = {
    MOVE: "Name the final place in the COPY, and move nothing.",
    MOUNT: f"Mount them in place of the COPY: `RUN --mount=type=bind,source=…,target=… …`; {_OR_STAGE}",
    DELETE_AFTER_USE: f"Join the RUNs that make, use and delete them; {_OR_STAGE}",
}
_DO_UNINSTALL = f"Join the RUNs that install, use and remove the packages; {_OR_STAGE}"
_MORE_OF_CAUSE = {
    Cause.REMOVED: ("removes", "remove", ""),
    Cause.OVERWRITTEN: ("overwrites", "overwrite", ""),
    Cause.RECOPIED: ("ships", "ship", " again"),
    Cause.DUPLICATE: ("has", "have", " twice"),
}
"""The words for the bytes that a layer, or several, waste: verb and end."""


class FixWriter:
    """Writes the fix of some files."""

    def __init__(
        self,
        action: str,
        layer: int | None,
        members: FixMembers,
        steps: Sequence[BuildStep],
        indexes: Sequence[LayerIndex],
        working_directory: str,
    ) -> None:
        """Creates a writer.

        Args:
            action: The action, the ID of a remedy, or the value of a cause.
            layer: The layer of the action, if it has one.
            members: The files of the fix.
            steps: All steps of the image.
            indexes: The entries of all layers.
            working_directory: The directory of the container, for steps whose own is unknown.
        """
        self.action, self.layer, self.members, self.steps = action, layer, members, steps
        self.indexes = indexes
        self.paths = members.paths()
        self.origins = [step_of(steps, number) for number in self.paths]
        self.hider = step_of(steps, layer) if layer is not None else None
        self.diff = DockerfileDiff(steps, working_directory)
        self.all_paths = [path for names in self.paths.values() for path in names]
        self.secrets = [] if action == BASE else secrets(self.all_paths)
        self.is_all_secret = len(self.secrets) == len({*self.all_paths}) and all(step.is_run for step in self.origins)
        self.remedy = next((kind.remedy for kind in KINDS.values() if kind.remedy.id == action), None)

    def write(self) -> Fix:
        """Returns the fix."""
        title = self.remedy.title if self.remedy else self._title()
        advice = advise(self.members.origins, self.steps)
        why = self._why(advice)
        do = self._do() or (advice[0].do if advice else sentence(self._do_about_visible()))
        if self.secrets:
            first = printable(f"/{self.secrets[0]}")
            why = (*sentence(f"{_LEAK_WHY} ", path=first), *why)
            do = sentence(_LEAK_DO) if self.is_all_secret else (*do, *sentence(f" {_LEAK_MORE}", path=first))
        if self.is_all_secret:
            title = _LEAK_TITLE.format(layers=layers_named(tuple(self.paths)))
        name = self.action if self.layer is None else f"{self.action}-{self.layer}"
        # A key that one step makes and deletes is still no secret, so no line of the step helps.
        diff = () if self.is_all_secret else tuple(self._diff_lines())
        return Fix(
            name,
            title,
            self._changed_layers(diff),
            self.members.wasted,
            self.members.disposables,
            why,
            do,
            diff,
            self.secrets,
        )

    def _changed_layers(self, diff: Iterable[DiffLine]) -> tuple[int, ...]:
        """Returns the layers that bring the files, and those whose steps also change."""
        changed = {*self.paths, *(line.layer for line in diff if line.layer is not None)}
        if self.hider is not None and self.action in _ACTIONS_ON_HIDER and not self.is_all_secret:
            # The command of this step moves to other steps, also where the lines are unknown.
            changed.add(self.hider.number)
        return tuple(sorted(changed))

    def _title(self) -> str:
        """Returns the title of an action, with the path that all files share."""
        shared = _shared_path(self.all_paths) if self.action == DELETE else ""
        files, them = (printable(f"/{shared}"), "it") if shared else ("the files", "them")
        return _TITLES[self.action].format(layer=self.layer, files=files, them=them)

    def _why(self, advice: Sequence[Advice]) -> Spans:
        """Returns the reason of most of the waste, and that of the visible files."""
        wasted, visible = sum([each.bytes for each in advice]), self._visible() if self.members.disposables else ()
        why = advice[0].why if advice else ()
        if len(advice) > 1:
            why += sentence(
                " This is {part} of {wasted} wasted{others}.",
                part=size(advice[0].bytes),
                wasted=size(wasted),
                others="".join(f"; {other}" for other in _other_layers(advice[0].reason.cause, advice[1:])),
            )
        return (*why, *sentence(" "), *visible) if why and visible else why or visible

    def _visible(self) -> Spans:
        """Returns the reason why visible files are disposable."""
        kinds = Counter[str]()
        for each in self.members.disposables:
            kinds[KINDS[each.kind].name] += each.bytes
        names = [name for name, _ in kinds.most_common(3)]
        return sentence("A container is not expected to need {names}.", names=enumerated(names, "or"))

    def _do(self) -> Spans:
        """Returns the advice for all files of the fix; empty if there is none."""
        if self.action == BASE:
            return sentence(
                "Use a newer or smaller base image, or ask its authors. Your own steps cannot save these bytes."
            )
        if self.remedy:
            return sentence(self.remedy.do)
        if self.action in _DO:
            return sentence(_DO[self.action])
        if self._joins_runs():
            return sentence(_DO_UNINSTALL)
        if self.action == LEAVE_OUT and self.members.disposables:
            return sentence(self._do_about_visible())
        command = self._command_of_hider()
        if self.action == SET_ATTRIBUTES:
            return self._do_about_attributes(command)
        if command and self.action in (DELETE, UNINSTALL) and all(origin.is_run for origin in self.origins):
            return sentence("End {runs} with `&& {command}`.", runs=self._runs(), command=command)
        return ()

    def _do_about_attributes(self, command: str) -> Spans:
        """Returns the advice on modes and owners of files; empty if there is none."""
        options = copy_options(command)
        if "=…" not in options and any(step.is_copy and self.diff.names_a_part(step, command) for step in self.origins):
            return sentence(
                "Copy these files with a COPY of their own, `COPY {options} …`, leave them out of the COPY of "
                "{layers}, and do without `{command}`.",
                options=options,
                layers=layers_named(tuple(self.paths)),
                command=command,
            )
        if len(self.origins) == 1 and " && " in command and self.origins[0].is_copy:
            return sentence(
                "`{copies} {options} …` in layer {shipped_in} instead of `{command}` in layer {hidden_in}.",
                copies=self.origins[0].keyword,
                options=options,
                shipped_in=self.origins[0].number,
                command=command,
                hidden_in=self.layer or 0,
            )
        if command and len(self.origins) > 1:
            return sentence(
                "Use `COPY {options} …` where a COPY brings the files; where a RUN makes them, end it with "
                "`&& {command}`, but only for its own files.",
                options=options,
                command=command,
            )
        return ()

    def _joins_runs(self) -> bool:
        """True if packages may be used before they are uninstalled in a later RUN."""
        return (
            self.action == UNINSTALL
            and self.layer is not None
            and works_between(self.steps, min(self.paths), self.layer)
        )

    def _runs(self) -> str:
        """Returns the steps that make the files, as a part of a sentence."""
        if len(self.origins) == 1:
            return f"the RUN of layer {self.origins[0].number}"
        return f"the RUNs of {layers_named(tuple(self.paths))}"

    def _command_of_hider(self) -> str:
        """Returns the command that comes too late; empty if none is known."""
        if self.hider is None:
            return ""
        if self.action == SET_ATTRIBUTES:
            return " && ".join(attributes_of(self.hider, self.all_paths[0]))
        return only_for(deletes_or_uninstalls(self.hider, self.all_paths[0])[0], self.all_paths)[0]

    def _do_about_visible(self) -> str:
        if self.action == LEAVE_OUT and step_of(self.steps, self.layer or 0).is_from_stage:
            return "Copy from the build stage only what is needed, or delete the rest in that stage."
        return "Name them in .dockerignore, or copy only what is needed."

    def _diff_lines(self) -> Iterator[DiffLine]:
        if self.action == APT:
            yield from cleaning_apt(self.steps, tuple(self.paths))
        elif self.action in (RECORDS, Cause.OVERWRITTEN.value, Cause.RECOPIED.value):
            yield from self.diff.joining([*self.paths, *(waste.hidden_in for waste in self.members.wasted)])
        elif self.remedy:
            yield from self.diff.ending(
                {number: self._deletion(self.remedy, names) for number, names in self.paths.items()}, self.remedy.option
            )
        elif self.action == LEAVE_OUT:
            (copy,) = self.origins
            yield from self.diff.ignoring(copy, self.paths[copy.number], self.indexes[copy.number].entries)
        elif self.hider is not None and (self.action == DELETE_AFTER_USE or self._joins_runs()):
            yield from self.diff.joining(range(min(self.paths), self.hider.number + 1))
        elif self.action == MOVE:
            (copy,), movers = self.origins, {waste.hidden_in for waste in self.members.origins}
            yield from self.diff.copying_to_end(copy, [step_of(self.steps, number) for number in sorted(movers)])
        elif self.hider is not None and self.action in (UNINSTALL, DELETE):
            yield from self.diff.moving(self.paths, self.hider, deletes_or_uninstalls(self.hider, self.all_paths[0])[0])
        elif self.hider is not None and self.action == SET_ATTRIBUTES:
            yield from self.diff.setting_attributes(self.paths, self.hider)

    def _deletion(self, remedy: Remedy, paths: Sequence[str]) -> str:
        """Returns the command that deletes files; empty if none is known."""
        if not remedy.deletes_by_name:
            return remedy.command
        # The files of a directory share its root, except for those that are known by their names.
        samples = {path.rpartition("/")[0]: path for path in paths}.values() if len(paths) > _MAX_NAMED_ROOTS else paths
        roots: set[str] = set()
        for path in samples:
            if not any(path.startswith(f"{root}/") for root in roots):
                roots.add(root_of(path))
            if len(roots) > _MAX_NAMED_ROOTS:
                return remedy.command
        return deleting(sorted(roots))


def _other_layers(first: Cause, advice: Iterable[Advice]) -> Iterator[str]:
    """Yields what other layers waste by each cause: ``layers 4 and 8 overwrite 3 MB``.

    ``first`` is the cause that the words before name.
    """
    wasted: Counter[Cause] = Counter()
    layers: defaultdict[Cause, set[int]] = defaultdict(set)
    for each in advice:
        wasted[each.reason.cause] += each.bytes
        layers[each.reason.cause].add(each.reason.hidden_in)
    for cause, count in wasted.most_common():
        one, several, end = _MORE_OF_CAUSE[cause]
        verb = one if len(layers[cause]) == 1 else several
        if count:
            more = " more" if cause is first else ""
            yield f"{layers_named(sorted(layers[cause]))} {verb} {size(count)}{more}{end}"


def _shared_path(paths: Sequence[str]) -> str:
    """Returns the path that files share; empty if it says little or is no plain name."""
    shared = paths[0] if len({*paths}) == 1 else posixpath.commonpath(paths)
    return shared if "/" in shared and _PLAIN_PATH.fullmatch(shared) else ""
