"""The user's directories for the cache, the configuration and the screen's state."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

from explorer.errors import UsageError
from explorer.files import read_text

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


def settings_path() -> Path:
    """Returns the path of the configuration file, even if it does not exist."""
    path = os.environ.get("LAYER_EXPLORER_CONFIG")
    return Path(path) if path else config_directory() / "config.toml"


def settings_text(path: Path) -> str | None:
    """Returns the text of the configuration file; None if there is none.

    Raises UsageError if it cannot be read, or if the environment names a file that does not exist.
    """
    is_named = bool(os.environ.get("LAYER_EXPLORER_CONFIG"))
    try:
        # The home may be one that the user cannot enter, such as that of root after `su`.
        return read_text(path) if is_named or _exists(path) else None
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", "LAYER_EXPLORER_CONFIG names it.") from None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _directory(find: Callable[[str], Path]) -> Path:
    try:
        return find(_NAME)
    except RuntimeError:
        # A user of a container may have no home: no file lists the user ID.
        return _NO_HOME / _NAME
