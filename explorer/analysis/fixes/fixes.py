"""The fixes of an image: the changes to its Dockerfile that save bytes.

One fix saves wasted and disposable bytes. Each wasted file belongs to one fix, so the wasted bytes of all fixes add up
to those of the image.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from explorer.analysis.advice.advice import (
    Advice,
    advise,
    copy_options,
    deleted_directories,
    deletes_or_uninstalls,
    uninstalls_packages,
)
from explorer.analysis.advice.build_steps import ATTRIBUTES, BuildStep
from explorer.analysis.advice.sentences import Spans, sentence
from explorer.analysis.disposables.disposables import Disposable, root_of
from explorer.analysis.disposables.kinds import KINDS, Certainty, leftover_of
from explorer.analysis.disposables.remedies import Remedy
from explorer.analysis.fixes.apt_diff import cleaning_apt
from explorer.analysis.fixes.commands import deleting, only_for
from explorer.analysis.fixes.dockerfile_diff import DiffLine, DockerfileDiff
from explorer.analysis.fixes.origins import first_shipper
from explorer.analysis.fixes.origins import origins as origins_of
from explorer.layers.tree import Tree
from explorer.model import Cause, Waste
from explorer.text.units import size
from explorer.text.words import enumerated

_BASE = "base"
_LEAVE_OUT = "leave-out"
_UNINSTALL = "uninstall"
_DELETE = "delete"
_ATTRIBUTES = "attributes"
_RECORDS = "records"
_APT = "apt"
_MAX_NAMED_ROOTS = 6
_TITLES = {
    _BASE: "Only the base image can save these",
    _LEAVE_OUT: "Leave files out of the COPY of layer {layer}",
    _UNINSTALL: "Remove the packages in the RUN that installs them, not in layer {layer}",
    _DELETE: "Delete the files in the RUN that makes them, not in layer {layer}",
    _ATTRIBUTES: "Set mode and owner in the step that makes the files, not in layer {layer}",
    Cause.RECOPIED.value: "Copy the files once: layer {layer} ships them again",
    Cause.OVERWRITTEN.value: "Write the files once: layer {layer} overwrites them",
    Cause.DUPLICATE.value: "Pack each path once: layer {layer} has some twice",
}


@dataclass(frozen=True, eq=False)
class Fix:
    """One change to the Dockerfile. All texts are printable."""

    id: str
    """Stable for an image: the key of a remedy, or an action and a layer."""
    title: str
    layers: tuple[int, ...]
    """Numbers of the layers whose steps change, ascending."""
    wasted: Sequence[Waste]
    """The wasted files that it saves, largest first."""
    disposables: Sequence[Disposable]
    """The visible files that it saves, largest first."""
    why: Spans
    do: Spans
    diff: Sequence[DiffLine] = ()
    """The lines of the Dockerfile and of .dockerignore before and after; empty if they are unknown."""

    @cached_property
    def wasted_bytes(self) -> int:
        """Wasted bytes that the fix saves."""
        return sum([waste.bytes for waste in self.wasted])

    @cached_property
    def disposable_bytes(self) -> int:
        """Disposable bytes that the fix saves."""
        return sum([disposable.bytes for disposable in self.disposables])

    @property
    def bytes(self) -> int:
        """Wasted and disposable bytes that the fix saves."""
        return self.wasted_bytes + self.disposable_bytes

    @property
    def is_base(self) -> bool:
        """True if only the base image can be fixed."""
        return self.id == _BASE

    @property
    def certainty(self) -> Certainty:
        """The certainty that nothing needs what is saved."""
        likely = any(KINDS[each.kind].certainty is Certainty.LIKELY for each in self.disposables)
        return Certainty.LIKELY if likely else Certainty.CERTAIN


@dataclass(slots=True)
class _Members:
    wasted: list[Waste] = field(default_factory=list)
    origins: list[Waste] = field(default_factory=list)
    """The same files, with the layers that first brought them."""
    disposables: list[Disposable] = field(default_factory=list)
    by_layer: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Layer to the paths of the files that it brought first."""

    def paths(self) -> dict[int, list[str]]:
        """Returns the paths of all files by the layer that brought them first."""
        return dict(sorted(self.by_layer.items()))


def fixes(
    tree: Tree,
    wasted: Sequence[Waste],
    disposables: Sequence[Disposable],
    steps: Sequence[BuildStep],
    working_directory: str = "",
    *,
    origins: Sequence[Waste] | None = None,
) -> tuple[Fix, ...]:
    """Returns the fixes, the largest saving first and that of the base last.

    ``origins`` are the wasted files from the layers that first brought them, if they are known.
    """
    members: defaultdict[tuple[str, int | None], _Members] = defaultdict(_Members)
    # Wasted files are many, so the commands of a step are read once.
    attributing = {step.number for step in steps if step.changes_attributes}
    uninstalling = {step.number: deleted_directories(step) for step in steps if uninstalls_packages(step)}
    disposable_paths = {disposable.path for disposable in disposables}
    firsts = origins_of(tree, wasted) if origins is None else origins
    for waste, first in zip(wasted, firsts, strict=True):
        if first.cause is Cause.RECOPIED and first.path in disposable_paths and _step(steps, first.shipped_in).is_copy:
            # A file that is not copied at all has no second copy either.
            key: tuple[str, int | None] = (_LEAVE_OUT, first.shipped_in)
        else:
            key = _key_of_waste(first, steps, attributing, uninstalling)
        members[key].wasted.append(waste)
        members[key].origins.append(first)
        members[key].by_layer[first.shipped_in].append(waste.path)
    for disposable in disposables:
        layer = first_shipper(tree, disposable)
        key = _key_of_disposable(disposable.kind, layer, steps)
        members[key].disposables.append(disposable)
        members[key].by_layer[layer].append(disposable.path)
    found = [
        _FixWriter(action, layer, each, steps, working_directory).write() for (action, layer), each in members.items()
    ]
    return tuple(sorted(found, key=lambda fix: (fix.is_base, -fix.bytes, fix.id)))


def remaining_bytes(fixes: Sequence[Fix], shipped_bytes: int) -> Iterator[int]:
    """Yields the size of the image after each of the fixes."""
    for fix in fixes:
        shipped_bytes -= fix.bytes
        yield shipped_bytes


def _step(steps: Sequence[BuildStep], number: int) -> BuildStep:
    return steps[number] if number < len(steps) else BuildStep(number)


def _key_of_waste(
    waste: Waste, steps: Sequence[BuildStep], attributing: Set[int], uninstalling: Mapping[int, tuple[str, ...]]
) -> tuple[str, int | None]:
    """Returns the action that saves the waste, and its layer if it has one.

    Args:
        waste: One file.
        steps: All steps of the image.
        attributing: The layers whose steps change modes or owners.
        uninstalling: The layers whose steps uninstall packages, with the directories that they also delete by name.
    """
    shipper = _step(steps, waste.shipped_in)
    if waste.cause is Cause.DUPLICATE:
        return waste.cause.value, waste.shipped_in
    if shipper.is_base:
        return _BASE, None
    leftover = leftover_of(waste.path)
    if leftover and not shipper.is_copy:
        return KINDS[leftover].remedy.id, None
    if waste.cause is Cause.REMOVED:
        if shipper.is_copy:
            return _LEAVE_OUT, waste.shipped_in
        deleted = uninstalling.get(waste.hidden_in)
        is_deleted = deleted is None or f"/{waste.path}/".startswith(deleted)
        return (_DELETE if is_deleted else _UNINSTALL), waste.hidden_in
    if waste.cause is Cause.RECOPIED and waste.hidden_in in attributing:
        return _ATTRIBUTES, waste.hidden_in
    return waste.cause.value, waste.hidden_in


def _key_of_disposable(kind: str, layer: int, steps: Sequence[BuildStep]) -> tuple[str, int | None]:
    step = _step(steps, layer)
    if step.is_base:
        return _BASE, None
    if step.is_copy:
        return _LEAVE_OUT, layer
    return KINDS[kind].remedy.id, None


class _FixWriter:
    """Writes the fix of some files."""

    def __init__(
        self, action: str, layer: int | None, members: _Members, steps: Sequence[BuildStep], working_directory: str
    ) -> None:
        self.action, self.layer, self.members, self.steps = action, layer, members, steps
        self.paths = members.paths()
        self.origins = [_step(steps, number) for number in self.paths]
        self.hider = _step(steps, layer) if layer is not None else None
        self.diff = DockerfileDiff(steps, working_directory)
        self.remedy = next((kind.remedy for kind in KINDS.values() if kind.remedy.id == action), None)

    def write(self) -> Fix:
        """Returns the fix."""
        title = self.remedy.title if self.remedy else _TITLES[self.action].format(layer=self.layer)
        advice = advise(self.members.origins, self.steps)
        why = self._why(advice)
        do = self._do() or (advice[0].do if advice else sentence(self._do_about_visible()))
        name = self.action if self.layer is None else f"{self.action}-{self.layer}"
        return Fix(
            name,
            title,
            tuple(self.paths),
            self.members.wasted,
            self.members.disposables,
            why,
            do,
            tuple(self._diff_lines()),
        )

    def _why(self, advice: Sequence[Advice]) -> Spans:
        """Returns the reason of most of the waste, and that of the visible files."""
        wasted, visible = sum([each.bytes for each in advice]), self._visible() if self.members.disposables else ()
        why = advice[0].why if advice else ()
        if len(advice) > 1:
            why += sentence(" This is {part} of {wasted} wasted.", part=size(advice[0].bytes), wasted=size(wasted))
        return (*why, *sentence(" "), *visible) if why and visible else why or visible

    def _visible(self) -> Spans:
        """Returns the reason why visible files are disposable."""
        kinds = Counter[str]()
        for each in self.members.disposables:
            kinds[KINDS[each.kind].name] += each.bytes
        names = [name for name, _ in kinds.most_common(3)]
        return sentence("A running container is not expected to need {names}.", names=enumerated(names, "or"))

    def _do(self) -> Spans:
        """Returns the advice for all files of the fix; empty if there is none."""
        if self.action == _BASE:
            return sentence(
                "Use a newer or smaller base image, or ask its authors. Steps of this image cannot save it."
            )
        if self.remedy:
            return sentence(self.remedy.do)
        command = self._command_of_hider()
        if not command or not all(origin.is_run or self.action == _ATTRIBUTES for origin in self.origins):
            return ()
        if self.action in (_DELETE, _UNINSTALL):
            return sentence("End {runs} with `&& {command}`.", runs=self._runs(), command=command)
        if self.action == _ATTRIBUTES and len(self.origins) > 1:
            return sentence(
                "Use `COPY {options} …` where a COPY brings the files; where a RUN makes them, end it with "
                "`&& {command}`, but only for its own files.",
                options=copy_options(command),
                command=command,
            )
        return ()

    def _runs(self) -> str:
        """Returns the steps that make the files, as a part of a sentence."""
        if len(self.origins) == 1:
            return f"the RUN of layer {self.origins[0].number}, which makes them,"
        return f"the RUNs of layers {enumerated(map(str, self.paths), 'and')}, which make them,"

    def _command_of_hider(self) -> str:
        """Returns the command that comes too late; empty if none is known."""
        if self.hider is None:
            return ""
        paths = [path for names in self.paths.values() for path in names]
        if self.action == _ATTRIBUTES:
            return self.hider.command(ATTRIBUTES, paths[0])
        return only_for(deletes_or_uninstalls(self.hider, paths[0])[0], paths)[0]

    def _do_about_visible(self) -> str:
        if self.action == _LEAVE_OUT and _step(self.steps, self.layer or 0).is_from_stage:
            return "Copy from the build stage only what is needed, or delete the rest in that stage."
        return "Name them in .dockerignore, or copy only what is needed."

    def _diff_lines(self) -> Iterator[DiffLine]:
        first = next(iter(self.paths.values()))[0]
        if self.action == _APT:
            yield from cleaning_apt(self.steps, tuple(self.paths))
        elif self.action in (_RECORDS, Cause.OVERWRITTEN.value, Cause.RECOPIED.value):
            yield from self.diff.joining([*self.paths, *(waste.hidden_in for waste in self.members.wasted)])
        elif self.remedy:
            yield from self.diff.ending(
                {number: self._deletion(self.remedy, names) for number, names in self.paths.items()}, self.remedy.option
            )
        elif self.action == _LEAVE_OUT:
            yield from self.diff.ignoring(self.origins[0], self.paths[self.origins[0].number])
        elif self.hider is not None and self.action in (_UNINSTALL, _DELETE):
            yield from self.diff.moving(self.paths, self.hider, deletes_or_uninstalls(self.hider, first)[0])
        elif self.hider is not None and self.action == _ATTRIBUTES:
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
