"""A kind of secrets, and a secret that was found."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.analysis.findings.finding import Severity


@dataclass(frozen=True, slots=True)
class SecretRule:
    """A kind of secrets, in printable words."""

    id: str
    title: str
    severity: Severity
    do: str


@dataclass(frozen=True, slots=True)
class SecretMatch:
    """A secret in a text. It does not hold the secret, only its place."""

    rule: SecretRule
    start: int
    """The offset of its first byte in the content."""
    end: int
    """The offset behind its last byte."""
    line: int
    """The line of its first byte, counted from 1."""
    masked: str
    """The prefix that names its kind, and stars; printable."""
