"""Files of Windows layers that do not replace those of lower layers."""

from __future__ import annotations

HIVE_DELTAS = frozenset(f"Hives/{hive}_Delta" for hive in ("DefaultUser", "Sam", "Security", "Software", "System"))
"""Paths of changes to the hives of the Windows registry. Windows merges those of all layers."""
