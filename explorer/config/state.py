"""What the screen remembers from one time to the next: the theme that was chosen, and where the borders were put.

It is a convenience. A file that cannot be read is nothing remembered, one that cannot be written is nobody's trouble,
and the configuration file, which a person wrote, is stronger.
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
    """All of it; None is nothing."""

    theme: str | None = None
    left_percent: int | None = None
    top_percent: int | None = None


def state_path() -> Path:
    """Where it is kept."""
    return state_directory() / "screen.json"


def load(path: Path) -> UiState:
    """What is remembered."""
    try:
        found = json.loads(files.read_text(path))
    except (UsageError, OSError, ValueError, RecursionError):
        return UiState()
    if not isinstance(found, dict):
        return UiState()
    theme, left, top = (found.get(name) for name in ("theme", "left_percent", "top_percent"))
    return UiState(
        theme if isinstance(theme, str) else None, left if is_share(left) else None, top if is_share(top) else None
    )


def save(path: Path, remembered: UiState) -> None:
    """Keep it, in one step: whoever reads meanwhile finds the old or the new."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(path, json.dumps(asdict(remembered)).encode())
