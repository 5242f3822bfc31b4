"""The user's directories for the cache, the configuration and the screen's state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import platformdirs

_NAME = "layer-explorer"
_NO_HOME = Path("/nonexistent")
"""The conventional home of users without one: it does not exist, and cannot be created."""


def cache_directory() -> Path:
    """Returns the directory of the layer cache."""
    return _directory(platformdirs.user_cache_path)


def config_directory() -> Path:
    """Returns the directory of the configuration file."""
    return _directory(platformdirs.user_config_path)


def state_directory() -> Path:
    """Returns the directory of the screen's state."""
    return _directory(platformdirs.user_state_path)


def _directory(find: Callable[[str], Path]) -> Path:
    try:
        return find(_NAME)
    except RuntimeError:
        # A user of a container may have no home: no file lists the user ID.
        return _NO_HOME / _NAME
