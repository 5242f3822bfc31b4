"""A request for an image: the parts of a reference, and the user's wishes."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field

from explorer.layers.read_budget import ReadBudget
from explorer.model import Watcher


class LayerAccess(enum.Enum):
    """The way to the layers of an image in an engine."""

    AUTO = "auto"
    """In place if possible, otherwise by save."""
    SAVE = "save"
    IN_PLACE = "in-place"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a source."""

    reference: str
    """The reference that the user gave."""
    watcher: Watcher
    name: str = ""
    """The reference without its scheme."""
    platform: str | None = None
    """OS/ARCH[/VARIANT]; None leaves the choice to the source."""
    preferred: str = ""
    """The platform to take if several fit and the user asks for none; empty: that of this machine."""
    via: LayerAccess = LayerAccess.AUTO
    is_cached: Callable[[str], bool] = lambda _: False
    """True for the diff_id of a layer whose index is cached, so that its bytes are not needed now."""
    is_local_file: bool = False
    """True if the user gave the image's bytes, in files or on standard input.

    No source can send them again, so an image is opened although its documents or layers are not those that their
    digests promise.
    """
    reads_all: bool = False
    """True if layers with a table of contents are read in full all the same."""
    budget: ReadBudget = field(default_factory=ReadBudget)
    """The bounds for all layers of the image together."""
    standard_input: int = 0
    """The file descriptor that ``-`` reads."""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.reference)
