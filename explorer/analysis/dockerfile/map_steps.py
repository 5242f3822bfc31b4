"""Finds the instruction of a Dockerfile that made each step of an image's history.

The steps of the last stage are at the end of the history, so steps and instructions are compared from their ends on.
Each instruction must fit its step; otherwise no step has lines, because nothing is guessed. The steps below are of the
base: its FROM brought them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.analysis.base.base import Base
from explorer.analysis.dockerfile.base_check import doubt_about_base, problem_with_base
from explorer.analysis.dockerfile.compare import Case, fits
from explorer.analysis.dockerfile.dockerfile import CONTENT_KEYWORDS, Dockerfile, DockerfileInstruction, LineRange
from explorer.analysis.dockerfile.exchangeable import remark_on_order
from explorer.analysis.dockerfile.mismatch import first_mismatch
from explorer.analysis.dockerfile.provenance import ProvenDockerfile, proven_dockerfile
from explorer.analysis.dockerfile.squashed import BUILDAH_COMMENT, SQUASH_COMMENT, squash_remark, squashed_layers
from explorer.analysis.dockerfile.stages import SCRATCH, Stage, targeted_stages
from explorer.model import HistoryStep, Image
from explorer.text.dockerfile import Instruction, instruction
from explorer.text.words import enumerated


class _Fitting(NamedTuple):
    """A stage whose instructions fit the end of a history."""

    stage: Stage
    matched: Mapping[int, Case]
    """The instruction of each own step."""
    problem: str
    """The reason why the base contradicts it; empty if it does not."""

    @property
    def instructions(self) -> Sequence[DockerfileInstruction]:
        """Its instructions, from the last on."""
        return [case.instruction for case in self.matched.values()]

    def first_line(self, dockerfile: Dockerfile) -> int:
        """Returns the line of its FROM."""
        return next(each.first_line for each in dockerfile.instructions if each.stage == self.stage.number)


@dataclass(frozen=True, slots=True)
class DockerfileMap:
    """A Dockerfile, and the lines that made each step of an image."""

    dockerfile: Dockerfile
    made_by: Mapping[int, DockerfileInstruction] = field(default_factory=dict)
    """Index in ``Image.history`` to the instruction of the Dockerfile: its FROM for steps of the base."""
    lines_by_layer: Mapping[int, LineRange] = field(default_factory=dict)
    """Number of a layer to the lines that made it: of several instructions if the builder squashed their layers."""
    problem: str = ""
    """The reason why the Dockerfile does not fit the image, so that no step has lines; printable."""
    remark: str = ""
    """A sentence about squashed layers, or about steps without lines; printable."""
    squashed_layers: frozenset[int] = frozenset()
    """The layers with the files of several instructions."""
    stage: Stage | None = None
    """The stage that made the image; None with a problem."""

    @property
    def lines_by_step(self) -> Mapping[int, LineRange]:
        """The lines of each step, by its index in ``Image.history``."""
        return {step: made.lines for step, made in self.made_by.items()}

    def lines_of_layer(self, number: int) -> LineRange | None:
        """Returns the lines that made a layer; None if unknown."""
        return self.lines_by_layer.get(number)

    def squashed_at(self, line: int) -> Sequence[int]:
        """Returns the squashed layers that may have the files of a line."""
        return [layer for layer in sorted(self.squashed_layers) if self.lines_by_layer[layer].has(line)]


def map_image(
    image: Image,
    given: Dockerfile | None,
    find_base: Callable[[], Base | None] = lambda: None,
    masked: Callable[[Dockerfile], Dockerfile] = lambda dockerfile: dockerfile,
) -> DockerfileMap | None:
    """Returns the lines of a Dockerfile that made an image, if one is known.

    Without a given one that is known, the provenance of the image may hold one.

    Args:
        image: The image; its texts have no secrets.
        given: The Dockerfile that the user names.
        find_base: Returns the base of the image.
        masked: Masks the secrets of a Dockerfile, so that it is compared as the image is.
    """
    if given is not None and not given.problem:
        return map_steps(masked(given), image.history, find_base())
    proven = proven_dockerfile(image.provenance(), image.layers)
    if proven is None:
        return None if given is None else DockerfileMap(given, problem=given.problem)
    proven = proven._replace(dockerfile=masked(proven.dockerfile))
    mapped = map_steps(proven.dockerfile, image.history, find_base())
    return map_layers(proven, mapped.problem, image.history) if mapped.problem else mapped


def map_steps(dockerfile: Dockerfile, history: Sequence[HistoryStep], base: Base | None = None) -> DockerfileMap:
    """Returns the lines of each step, or the problem if the Dockerfile does not fit.

    Without a known target the image may be of any stage, so a problem is also that several fit.
    """
    if not history:
        return DockerfileMap(dockerfile, problem="the image has no history to compare with the Dockerfile")
    candidates = targeted_stages(dockerfile)
    if not candidates:
        return DockerfileMap(dockerfile, problem=f"the Dockerfile has no stage {dockerfile.target}")
    steps = [instruction(step.created_by, step.comment) for step in history]
    fitting: list[_Fitting] = []
    for stage in candidates:
        cases = _recorded_cases(dockerfile, stage, history[-1])
        matched = _match(cases, steps, history)
        if matched is not None and cases and _has_room_for_base(stage, matched):
            fitting.append(_Fitting(stage, matched, problem_with_base(stage, min(matched), base, history)))
    if not fitting:
        stage = candidates[0]
        cases = _recorded_cases(dockerfile, stage, history[-1])
        return DockerfileMap(dockerfile, problem=first_mismatch(stage, cases, steps))
    possible = [each for each in fitting if not each.problem]
    if not possible:
        return DockerfileMap(dockerfile, problem=fitting[0].problem)
    if dockerfile.is_of_build and possible[0].stage is candidates[0]:
        possible = possible[:1]
    return _mapped(dockerfile, possible, steps, history, base)


def map_layers(proven: ProvenDockerfile, problem: str, history: Sequence[HistoryStep]) -> DockerfileMap:
    """Returns the lines of the layers that provenance proves.

    Args:
        proven: The Dockerfile of the provenance.
        problem: The reason why the steps of the history do not fit.
        history: The history of the image.
    """
    starts = {each.first_line: each for each in proven.dockerfile.instructions}
    by_layer = {
        layer: starts[lines.first].lines for layer, lines in proven.lines_by_layer.items() if lines.first in starts
    }
    made_by = {step: starts[by_layer[each.layer].first] for step, each in enumerate(history) if each.layer in by_layer}
    if not made_by:
        return DockerfileMap(proven.dockerfile, problem=problem)
    return DockerfileMap(proven.dockerfile, made_by, by_layer, remark=f"only layers have lines, because {problem}")


def _recorded_cases(dockerfile: Dockerfile, stage: Stage, last: HistoryStep) -> list[Case]:
    """Returns the instructions that the builder of a step records."""
    is_buildah = last.comment.startswith(BUILDAH_COMMENT)
    names = {
        word.partition("=")[0]
        for each in dockerfile.instructions
        if each.keyword == "ARG" and is_buildah
        for word in each.arguments.split()
    }
    is_buildkit = last.comment.startswith("buildkit")
    cases, shell = [], ""
    for each in stage.instructions:
        if each.keyword == "SHELL":
            shell = " ".join(each.arguments.strip("[] ").replace('"', "").replace(",", " ").split())
        if each.keyword != "ONBUILD" or not is_buildkit:
            cases.append(Case(each, shell, names))
    if last.author == "kaniko":
        cases = [case for case in cases if case.instruction.keyword in CONTENT_KEYWORDS]
    return cases


def _match(
    cases: Sequence[Case], steps: Sequence[Instruction], history: Sequence[HistoryStep]
) -> dict[int, Case] | None:
    """Returns the instruction of each step, from the end on; None if one does not fit."""
    matched: dict[int, Case] = {}
    at = len(steps) - 1
    if history[at].comment.startswith(SQUASH_COMMENT):
        at -= 1
    for case in reversed(cases):
        # The option --label adds steps to the last instruction.
        while not matched and at >= 0 and steps[at].keyword == "LABEL" and not fits(case, steps[at]):
            at -= 1
        if at < 0 or not fits(case, steps[at]):
            return None
        matched[at] = case
        at -= 1
    return matched


def _has_room_for_base(stage: Stage, matched: Mapping[int, Case]) -> bool:
    """True unless steps are left although the stage begins with nothing."""
    return stage.base != SCRATCH or min(matched) == 0


def _mapped(
    dockerfile: Dockerfile,
    fitting: Sequence[_Fitting],
    steps: Sequence[Instruction],
    history: Sequence[HistoryStep],
    base: Base | None,
) -> DockerfileMap:
    """Returns the lines of the stage that explains most; a problem if it is not clear."""
    chosen = max(fitting, key=lambda each: len(each.matched))
    others = [each for each in fitting if each.instructions != chosen.instructions]
    if any(len(each.matched) == len(chosen.matched) or each.stage.base != chosen.stage.base for each in others):
        lines = enumerated([str(line) for line in sorted(each.first_line(dockerfile) for each in fitting)], "and")
        return DockerfileMap(dockerfile, problem=f"it is unclear which of the stages at lines {lines} made it")
    stage, matched = chosen.stage, {step: case.instruction for step, case in chosen.matched.items()}
    made_by = {**dict.fromkeys(range(min(matched)), stage.base_line), **matched}
    layers = {layer: step for step, each in enumerate(history) if (layer := each.layer) is not None}
    own_layers = [layer for layer, step in layers.items() if step >= min(matched)]
    # The base may have layers without a step.
    below = range(min(own_layers)) if own_layers else layers
    by_layer = {**dict.fromkeys(below, stage.base_line.lines)}
    by_layer |= {layer: made_by[step].lines for layer, step in layers.items() if step in made_by}
    squashed = squashed_layers(stage, matched, history)
    by_layer |= squashed
    remarks = (
        squash_remark(squashed),
        _remark_on_stages(dockerfile, chosen, others),
        # The build itself read no other lines, and in no other order.
        "" if dockerfile.is_of_build else remark_on_order(chosen.matched, steps),
        "" if dockerfile.is_of_build else doubt_about_base(len(below), base),
    )
    remark = "; ".join(filter(None, remarks))
    return DockerfileMap(dockerfile, made_by, by_layer, "", remark, frozenset(squashed), stage)


def _remark_on_stages(dockerfile: Dockerfile, chosen: _Fitting, others: Sequence[_Fitting]) -> str:
    if not others:
        return ""
    lines = enumerated([str(line) for line in sorted(each.first_line(dockerfile) for each in others)], "and")
    verb = "the stage at line {} fits" if len(others) == 1 else "the stages at lines {} fit"
    return f"the stage at line {chosen.first_line(dockerfile)} explains the most steps, but {verb.format(lines)}, too"
