"""The order of two versions of a package, by the rules of its kind."""

from __future__ import annotations

_CLASSES = {
    "apk": "AlpineLinuxVersion",
    "cargo": "SemverVersion",
    "conda": "PypiVersion",
    "deb": "DebianVersion",
    "gem": "RubygemsVersion",
    "golang": "GolangVersion",
    "maven": "MavenVersion",
    "npm": "SemverVersion",
    "pypi": "PypiVersion",
    "rpm": "RpmVersion",
}
"""The class of univers for each kind."""


def is_newer(kind: str, version: str, than: str) -> bool | None:
    """True if a version comes after another; None if their order is unknown."""
    # It takes 75 ms to load, and few commands need it.
    from univers import versions

    class_ = getattr(versions, _CLASSES[kind], None) if kind in _CLASSES else None
    if class_ is None:
        return None
    try:
        one, other = class_(version), class_(than)
        # Two spellings of one version may be unequal, and none is newer.
        return True if other < one else False if one < other else None
    except (ValueError, TypeError, RecursionError):
        # A version may be any text.
        return None
