"""What a source is asked for: a reference taken apart, and the user's wishes."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from explorer.model import Watcher


class Via(enum.Enum):
    """How an engine's layers are to be had."""

    AUTO = "auto"
    """In place where that is possible, else by save."""
    SAVE = "save"
    IN_PLACE = "in-place"


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a source."""

    reference: str
    """As the user gave it."""
    watcher: Watcher
    name: str = ""
    """The reference without its scheme."""
    platform: str | None = None
    """OS/ARCH[/VARIANT]; None leaves it to the source."""
    preferred: str = ""
    """The platform that is meant where several are there and none is asked for; empty: the host's own."""
    via: Via = Via.AUTO
    known: Callable[[str], bool] = lambda _: False
    """Whether the index of the layer with a diff_id is cached, so that its bytes are not needed now."""
    standard_input: int = 0
    """The file descriptor that ``-`` reads."""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.reference)
