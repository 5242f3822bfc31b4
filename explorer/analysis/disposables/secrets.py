"""Names of files that look like private keys or logins."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PATTERNS = (
    r"\.ssh/id_[^/.]+",
    r"[^/]*(?:key|private)[^/]*\.pem",
    r"\.env",
    r"\.netrc",
    r"\.docker/config\.json",
    r"\.aws/credentials",
    r"\.npmrc",
    r"\.pypirc",
)
"""Regular expressions of the ends of paths."""
_OF_PACKAGES = re.compile("(?:^|/)(?:node_modules|nodejs|site-packages|dist-packages|gems|tests?|usr/share)/")
"""Packages bring examples and settings under the same names."""
_SECRET = re.compile(f"(?:.*/)?(?:{'|'.join(_PATTERNS)})")
_ENDS = (".pem", "/.env", ".netrc", "config.json", "credentials", ".npmrc", ".pypirc")


def secrets(paths: Iterable[str]) -> list[str]:
    """Returns the paths that look like a private key or a login by their names."""
    maybe = [path for path in paths if path.endswith(_ENDS) or "/id_" in path or path == ".env"]
    return [path for path in dict.fromkeys(maybe) if _SECRET.fullmatch(path) and not _OF_PACKAGES.search(path)]
