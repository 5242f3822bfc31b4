"""A kind of secrets, the way to find it, and a secret that was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from explorer.analysis.findings.finding import Severity


@dataclass(frozen=True, slots=True)
class SecretRule:
    """A kind of secrets, in printable words."""

    id: str
    title: str
    severity: Severity
    do: str
    """A sentence: how to make the secret worthless. The way to keep it out of an image depends on its place."""


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
    """The prefix that all secrets of its kind share, and stars; printable."""
    same_as: int = field(default=0, repr=False, compare=False)
    """A number that only the same secret has, in this process alone."""


@dataclass(frozen=True, slots=True)
class Detector:
    """A way to find secrets of a rule."""

    rule: SecretRule
    trigger: bytes
    """The first part of the pattern, for the library that searches for all detectors at once. It has a length that
    is bounded, and no lookaround. A match is where the pattern may match."""
    pattern: bytes
    """The regular expression, which matches where a trigger begins. The first group is the secret. Its time is in
    proportion to what it matches."""
    is_plausible: Callable[[bytes], bool]
    """True if the text of the group can be a secret, and is no placeholder."""
    path: str = ""
    """The paths of the files that it is for, as a regular expression."""
    prefix: bytes = b""
    """The first characters of each secret of the rule, which tell nothing but the rule, as a regular expression."""
    in_binaries: bool = False
    """True if it is strict enough for files that are no text."""
