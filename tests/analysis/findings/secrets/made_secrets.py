"""Texts that look like secrets, and images that have them."""

from __future__ import annotations

import random
import string
import zlib

from explorer.analysis.findings.finding import Finding, FindingKind, PathPlace
from explorer.model import Watcher
from explorer.pipeline import Exploration

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def token(seed: int) -> str:
    """Returns a token of GitHub, with the checksum at its end."""
    body = "".join(random.Random(seed).choices(_DIGITS, k=30))
    rest, checksum = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        checksum = _DIGITS[digit] + checksum
    return f"ghp_{body}{checksum}"


TOKEN, OTHER_TOKEN = token(1), token(2)
WITH_TOKEN = f"token = {TOKEN}\n".encode()


def secrets(exploration: Exploration) -> list[Finding]:
    """Returns the secrets of an image."""
    return [each for each in exploration.read_findings(Watcher()).findings if each.kind is FindingKind.SECRET]


def fates(exploration: Exploration) -> list[tuple[str, int | None, int | None, int | None]]:
    """Returns path, line, layer and hiding layer of each secret in a file."""
    return [
        (each.place.path, each.place.line, each.layer, each.hidden_in)
        for each in secrets(exploration)
        if isinstance(each.place, PathPlace)
    ]
