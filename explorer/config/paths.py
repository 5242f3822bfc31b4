"""The directories of this user where the program keeps what it knows, is told and remembers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import platformdirs

_NAME = "layer-explorer"
_NOWHERE = Path("/nonexistent")
"""The home of users who have none, by custom: nothing is there, and nothing can be made there."""


def cache_directory() -> Path:
    """Where what is known of layers is kept."""
    return _directory(platformdirs.user_cache_path)


def config_directory() -> Path:
    """Where the user's settings are."""
    return _directory(platformdirs.user_config_path)


def state_directory() -> Path:
    """Where the screen keeps what it remembers by itself."""
    return _directory(platformdirs.user_state_path)


def _directory(place: Callable[[str], Path]) -> Path:
    try:
        return place(_NAME)
    except RuntimeError:
        # In a container of a user whom no file knows, there may be no home at all.
        return _NOWHERE / _NAME
