"""The rules that count for all commands: wanted paths, and the base."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from explorer.config.paths import settings_path
from explorer.config.wanted_paths import read_wanted_paths
from explorer.gate.rules import RawSetting, Rules, resolve_rules
from explorer.gate.rules_file import find_shared_rules


def shared_rules(options: Mapping[str, RawSetting]) -> Rules:
    """Returns the wanted paths and the base of options, of the project or of the user.

    Raises UsageError.
    """
    return resolve_rules(options, find_shared_rules(Path()), personal_rules())


def personal_rules() -> Mapping[str, RawSetting]:
    """Returns the rules that the user's settings hold. Raises UsageError."""
    path = settings_path()
    patterns = read_wanted_paths(path)
    return {"wanted-paths": RawSetting(patterns, str(path))} if patterns else {}
