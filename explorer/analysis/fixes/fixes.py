"""The fixes of an image: the changes to its Dockerfile that save bytes.

One fix saves wasted and disposable bytes. Each wasted file belongs to one fix, so the wasted bytes of all fixes add up
to those of the image.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from explorer.analysis.advice.advice import advise, deletes_or_uninstalls
from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.advice.sentences import Spans, sentence
from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.kinds import KINDS, Certainty, leftover_of
from explorer.analysis.fixes.dockerfile_diff import DiffLine, DockerfileDiff
from explorer.analysis.fixes.origins import first_shipper, origin
from explorer.layers.tree import Tree
from explorer.model import Cause, Waste

_BASE = "base"
_LEAVE_OUT = "leave-out"
_UNINSTALL = "uninstall"
_DELETE = "delete"
_ATTRIBUTES = "attributes"
_TITLES = {
    _BASE: "Only the base image can save these",
    _LEAVE_OUT: "Leave files out of the COPY of layer {layer}",
    _UNINSTALL: "Remove the packages in the RUN that installs them",
    _DELETE: "Delete the files in the RUN that makes them",
    _ATTRIBUTES: "Set mode and owner in the step that makes the files",
    Cause.RECOPIED.value: "Copy the files once",
    Cause.OVERWRITTEN.value: "Write the files once",
    Cause.DUPLICATE.value: "Pack each path once",
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
    """The lines of the Dockerfile and of .dockerignore before and after; empty if they cannot be told."""

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
    layers: set[int] = field(default_factory=set)
    """Numbers of the layers that first brought the files."""

    def paths(self) -> list[str]:
        """Returns the paths of all files."""
        return [*(waste.path for waste in self.wasted), *(disposable.path for disposable in self.disposables)]


def fixes(
    tree: Tree,
    wasted: Sequence[Waste],
    disposables: Sequence[Disposable],
    steps: Sequence[BuildStep],
    working_directory: str = "",
) -> tuple[Fix, ...]:
    """Returns the fixes, the largest saving first and that of the base last."""
    members: defaultdict[tuple[str, int | None], _Members] = defaultdict(_Members)
    for waste in wasted:
        first = origin(tree, waste)
        key = _key_of_waste(first, steps)
        members[key].wasted.append(waste)
        members[key].origins.append(first)
        members[key].layers.add(first.shipped_in)
    for disposable in disposables:
        layer = first_shipper(tree, disposable)
        key = _key_of_disposable(disposable.kind, layer, steps)
        members[key].disposables.append(disposable)
        members[key].layers.add(layer)
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


def _key_of_waste(waste: Waste, steps: Sequence[BuildStep]) -> tuple[str, int | None]:
    """Returns the action that saves the waste, and its layer if it has one."""
    shipper, hider = _step(steps, waste.shipped_in), _step(steps, waste.hidden_in)
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
        how, uninstalls = deletes_or_uninstalls(hider, waste.path)
        return (_UNINSTALL if how and uninstalls else _DELETE), waste.hidden_in
    if waste.cause is Cause.RECOPIED and hider.changes_attributes:
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
        self.origins = [_step(steps, number) for number in sorted(members.layers)]
        self.diff = DockerfileDiff(steps, working_directory)
        self.remedy = next((kind.remedy for kind in KINDS.values() if kind.remedy.id == action), None)

    def write(self) -> Fix:
        """Returns the fix."""
        title = self.remedy.title if self.remedy else _TITLES[self.action].format(layer=self.layer)
        advice = advise(self.members.origins, self.steps)
        if self.remedy:
            why, do = advice[0].why if advice else self._visible(), sentence(self.remedy.do)
        elif advice:
            why, do = advice[0].why, advice[0].do
        else:
            why, do = self._visible(), sentence(self._do_about_visible(), layer=self.layer)
        if self.action == _BASE:
            do = sentence("Use a newer or smaller base image, or ask its authors. Steps of this image cannot save it.")
        layers = tuple(step.number for step in self.origins)
        name = self.action if self.layer is None else f"{self.action}-{self.layer}"
        return Fix(
            name, title, layers, self.members.wasted, self.members.disposables, why, do, tuple(self._diff_lines())
        )

    def _visible(self) -> Spans:
        """Returns the reason why visible files are disposable."""
        kinds = Counter[str]()
        for each in self.members.disposables:
            kinds[KINDS[each.kind].name] += each.bytes
        names = [name for name, _ in kinds.most_common(3)]
        return sentence("A running container is not expected to need {names}.", names=", ".join(names))

    def _do_about_visible(self) -> str:
        if self.action == _LEAVE_OUT and _step(self.steps, self.layer or 0).is_from_stage:
            return "Copy from the build stage only what is needed, or delete the rest in that stage."
        return "Name them in .dockerignore, or copy only what is needed."

    def _diff_lines(self) -> Iterator[DiffLine]:
        hider = _step(self.steps, self.layer) if self.layer is not None else None
        paths = self.members.paths()
        if self.action == _BASE:
            return
        if self.remedy:
            yield from self.diff.ending(self.origins, self.remedy.command)
        elif self.action == _LEAVE_OUT:
            yield from self.diff.ignoring(self.origins[0], paths)
        elif hider is not None and self.action in (_UNINSTALL, _DELETE):
            yield from self.diff.moving(self.origins, hider, deletes_or_uninstalls(hider, paths[0])[0])
        elif hider is not None and self.action == _ATTRIBUTES:
            yield from self.diff.setting_attributes(self.origins, hider, paths[0])
