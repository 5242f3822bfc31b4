"""The state of the screen that is kept for the next start.

It has the theme and the positions of the borders. Errors of reading and writing are ignored, because the state is a
convenience. The configuration file overrides it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from explorer import files
from explorer.config.paths import state_directory
from explorer.config.settings import is_share
from explorer.errors import UsageError


@dataclass(frozen=True, slots=True)
class UiState:
    """The state of the screen; None for values that the user has not changed."""

    theme: str | None = None
    left_percent: int | None = None
    top_percent: int | None = None


def state_path() -> Path:
    """Returns the path of the file."""
    return state_directory() / "screen.json"


def load(path: Path) -> UiState:
    """Returns the state in a file; empty if the file is missing or damaged."""
    try:
        document = json.loads(files.read_text(path))
    except (UsageError, OSError, ValueError, RecursionError):
        return UiState()
    if not isinstance(document, dict):
        return UiState()
    theme, left, top = (document.get(name) for name in ("theme", "left_percent", "top_percent"))
    return UiState(
        theme if isinstance(theme, str) else None, left if is_share(left) else None, top if is_share(top) else None
    )


def save(path: Path, state: UiState) -> None:
    """Writes the state atomically: others read the old state or the new one."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(path, json.dumps(asdict(state)).encode())
