"""The layers into which a builder put the files of several instructions.

Without a layer for each instruction, buildah makes one layer for each stage, and records it with the last step of the
stage, even if that changes no files. ``docker build --squash`` adds a step for its layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.analysis.dockerfile.dockerfile import CONTENT_KEYWORDS, DockerfileInstruction, LineRange
from explorer.analysis.dockerfile.stages import SCRATCH, Stage
from explorer.model import HistoryStep
from explorer.text.dockerfile import instruction

SQUASH_COMMENT = "merge sha256:"
"""Start of the comment of the step that docker adds."""
BUILDAH_COMMENT = "FROM "
"""Start of the comment of the steps that buildah commits."""
_TRIGGER = "ONBUILD"


def squashed_layers(
    stage: Stage, matched: Mapping[int, DockerfileInstruction], history: Sequence[HistoryStep]
) -> dict[int, LineRange]:
    """Returns the squashed layers of a stage, with the lines of all their files.

    Args:
        stage: The stage that made the image.
        matched: The instructions of the stage by their steps.
        history: The steps of the image.
    """
    squashed: dict[int, LineRange] = {}
    without_layer: list[DockerfileInstruction] = []
    has_triggers, is_lowest = False, True
    for step, each in enumerate(history):
        made = matched.get(step)
        if made is None and step < min(matched):
            recorded = instruction(each.created_by, each.comment).keyword
            has_triggers = has_triggers or recorded == _TRIGGER
            # The base asked for the step, and the files are in a layer of this build.
            made = stage.base_line if has_triggers and recorded in CONTENT_KEYWORDS else None
        if each.layer is None:
            # buildah comments each step that it commits on its own.
            is_part = not each.comment.startswith(BUILDAH_COMMENT)
            without_layer += [made] if is_part and made and made.keyword in (*CONTENT_KEYWORDS, "FROM") else []
            continue
        group, without_layer = without_layer, []
        if step >= min(matched) and group and _has_all_files(made, each):
            group += [made] if made and made.keyword in CONTENT_KEYWORDS else []
            group += [stage.base_line] if is_lowest and stage.base != SCRATCH else []
            squashed[each.layer] = LineRange(min(x.first_line for x in group), max(x.last_line for x in group))
        is_lowest = False
    return squashed


def _has_all_files(made: DockerfileInstruction | None, step: HistoryStep) -> bool:
    """True if the layer of a step has the files of the steps before it, too."""
    if made is None:
        return step.comment.startswith(SQUASH_COMMENT)
    return made.keyword not in CONTENT_KEYWORDS or step.comment.startswith(BUILDAH_COMMENT)


def squash_remark(squashed: Mapping[int, LineRange]) -> str:
    """Returns a sentence about the squashed layers; empty if there are none."""
    if not squashed:
        return ""
    parts = [f"layer {layer} has the files of lines {lines.first} to {lines.last}" for layer, lines in squashed.items()]
    return f"the image is squashed: {', '.join(parts)}"
