"""A step of a build that was not taken from the cache: the noun and its causes."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple

from explorer.analysis.image_diff.layer_difference import LayerDifference
from explorer.analysis.image_diff.steps import Step


class BreakCause(enum.Enum):
    """The reason why a step was not taken from the cache."""

    PLATFORM = "platform"
    BASE = "base"
    FILES = "files"
    """COPY or ADD brought other files."""
    ATTRIBUTES = "attributes"
    """COPY or ADD brought the same files with other modes or owners."""
    TIMES = "times"
    """COPY or ADD brought the same files with other times of their own."""
    ARGUMENT = "argument"
    """A build argument has another value."""
    SETTING = "setting"
    """A step that makes no layer differs: ENV, ARG, WORKDIR."""
    COMMAND = "command"
    """The step has other words."""
    COMMENT = "comment"
    """The command differs only in comments or blanks."""
    SPACES = "spaces"
    """The command differs only in spaces."""
    RESULTS = "results"
    """The same command made other files."""
    REBUILT = "rebuilt"
    """The same command made the same files again, but for times and logs."""
    REORDERED = "reordered"
    INSERTED = "inserted"
    REMOVED = "removed"


class ChangedLayer(NamedTuple):
    """A layer of the new image whose files differ from those of the old layer."""

    step: Step
    difference: LayerDifference


class BrokenStep(NamedTuple):
    """The first step that differs between two images, and what follows from it."""

    cause: BreakCause
    old_step: Step | None
    """None if only the new image has the step."""
    new_step: Step | None
    difference: LayerDifference | None
    """The differences between the layers of the two steps, if these are the same command."""
    rebuilt: Sequence[int]
    """Numbers of the new image's layers from there on that the old one does not have."""
    rebuilt_bytes: int
    """The bytes of these layers, unpacked."""
    unchanged: Sequence[int]
    """The rebuilt layers that are the same but for times: only the broken cache is their reason."""
    unchanged_bytes: int
    changed: ChangedLayer | None = None
    """The first layer from there on with other files, if it is not that of this step."""
    beyond_times: BrokenStep | None = None
    """If only times and logs differ here: the first step that differs in more."""
    is_end: bool = False
    """True if one image has all steps of the other, and more after them."""
    platforms: tuple[str, str] = ("", "")
    """The platforms of both images, old and new; printable."""
    removed: Step | None = None
    """The step of the old image that stood here, if ``old_step`` is a later one and the new image has no such layer."""
    moved_to: int | None = None
    """Number of the new image's layer with the files of ``old_step``, if it is another one."""
    base_names: tuple[str, str] = ("", "")
    """The names of the base images, old and new, if these differ; not printable."""
