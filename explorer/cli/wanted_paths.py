"""The wanted paths of the user and of the project, for all commands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from explorer.config.paths import settings_path
from explorer.config.wanted_paths import read_wanted_paths
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.gate.rules_file import find_wanted_paths


def wanted_paths() -> tuple[str, ...]:
    """Returns the patterns of the project's rules, otherwise of the user's settings.

    Raises UsageError.
    """
    return resolve_rules(find_wanted_paths(Path()), personal_rules()).wanted_paths


def personal_rules() -> Mapping[str, RawSetting]:
    """Returns the rules that the user's settings hold. Raises UsageError."""
    path = settings_path()
    patterns = read_wanted_paths(path)
    return {"wanted-paths": RawSetting(patterns, str(path))} if patterns else {}
