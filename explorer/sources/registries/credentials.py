"""Credentials for a registry, challenges and tokens.

Secrets are only in headers of requests to the host they belong to. No message contains one.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

_CHALLENGE = re.compile(r"\s*(basic|bearer)\b(.*)", re.IGNORECASE | re.DOTALL)
_CHALLENGE_SEPARATOR = re.compile(r",\s*(?=(?:basic|bearer)\b)", re.IGNORECASE)
_PARAMETER = re.compile(r'([a-zA-Z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_MAX_HEADER_CHARS = 8192


@dataclass(frozen=True, slots=True)
class Challenge:
    """The login that a registry asks for."""

    scheme: str
    """``basic`` or ``bearer``."""
    realm: str = ""
    """Address of the token service."""
    service: str = ""
    scope: str = ""

    @classmethod
    def parse(cls, header: str) -> Challenge | None:
        """Returns the challenge of a WWW-Authenticate header: bearer if it has both."""
        matches = map(_CHALLENGE.match, _CHALLENGE_SEPARATOR.split(header[:_MAX_HEADER_CHARS]))
        # Because a token may need no login.
        for match in sorted(filter(None, matches), key=lambda match: match[1].lower() == "basic"):
            values = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(match[2])}
            unescaped = (re.sub(r"\\(.)", r"\1", values.get(key, "")) for key in ("realm", "service", "scope"))
            return cls(match[1].lower(), *unescaped)
        return None


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user's login or identity token for one registry; empty if anonymous."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    missing_helper: str = ""
    """A sentence about a credential helper that is configured but not installed, with a space after it."""
    origin: str = ""
    """The file or the helper that they come from; printable."""

    def __bool__(self) -> bool:
        return bool(self.username or self.identity_token)

    @property
    def basic(self) -> str:
        """The value of an Authorization header; empty if there is no user name."""
        if not self.username:
            return ""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that no message may contain."""
        basic = self.basic.removeprefix("Basic ")
        return tuple(secret for secret in (self.password, self.identity_token, basic) if secret)


def token_from(answer: object) -> str:
    """Returns the token in an answer; empty if there is none that fits a header."""
    token = (answer.get("token") or answer.get("access_token")) if isinstance(answer, dict) else None
    return token if isinstance(token, str) and token.isascii() and token.isprintable() else ""
