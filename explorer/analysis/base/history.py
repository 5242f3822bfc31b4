"""The base that buildah names in the history: the comment ``FROM NAME``.

It stands at the first step above the base. With layers, buildah comments each later step with the ID of the image
before it; without, there is no later step. So other later steps are of another build, whose base is higher up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.analysis.base.base import Base, Evidence
from explorer.model import HistoryStep
from explorer.text.image_names import MAX_NAME_CHARS

_FROM = "FROM "
_OWN_ID = re.compile("FROM [0-9a-f]{12}")


def base_in_history(history: Sequence[HistoryStep], layers: int) -> Base | None:
    """Returns the base that the highest comment names; None if it has no layers."""
    is_of_last_build = True
    for position in reversed(range(len(history))):
        comment = history[position].comment
        if _OWN_ID.fullmatch(comment):
            continue
        if not comment.startswith(_FROM) or len(comment) > MAX_NAME_CHARS:
            # Steps without layers are committed with the layer above them.
            is_of_last_build = False
            continue
        below = sum(step.layer is not None for step in history[:position])
        name = comment.removeprefix(_FROM).strip()
        if not name or not 0 < below < layers:
            return None
        return Base(below, name, "", Evidence.HISTORY, is_of_last_build, "buildah's comment in the history")
    return None


def names_base(comment: str) -> bool:
    """True if the comment of a step names a base, and not the step before it."""
    return comment.startswith(_FROM) and not _OWN_ID.fullmatch(comment)
