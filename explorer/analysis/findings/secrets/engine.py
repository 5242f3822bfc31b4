"""Finds the secrets in one text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.analysis.findings.secrets.rules import RULES, RULES_VERSION
from explorer.analysis.findings.secrets.secret_rule import SecretMatch, SecretRule

__all__ = ["RULES_BY_ID", "RULES_VERSION", "SecretMatch", "SecretRule", "find_secrets"]

_PATTERNS = tuple((rule, re.compile(pattern)) for rule, pattern in RULES)
RULES_BY_ID = {rule.id: rule for rule, _ in RULES}
_MAX_SHOWN_CHARS = 4


def find_secrets(content: bytes, path: str) -> Sequence[SecretMatch]:  # noqa: ARG001 -- rules about files will ask
    """Returns the secrets in the content of a file, in the order of their places."""
    found = [
        SecretMatch(rule, start, end, content.count(b"\n", 0, start) + 1, masked(content[start:end]))
        for rule, pattern in _PATTERNS
        for start, end in (match.span() for match in pattern.finditer(content))
    ]
    return sorted(found, key=lambda match: match.start)


def masked(secret: bytes) -> str:
    """Returns the start of a secret, less than a quarter of it, and stars."""
    shown = min(_MAX_SHOWN_CHARS, max(0, (len(secret) - 1) // 4))
    return secret[:shown].decode("ascii", "replace") + "****"
