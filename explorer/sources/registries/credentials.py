"""Who a user is to a registry: the Docker configuration, a registry's challenge, and the token it asks for.

A secret is only ever in the headers of a request to the host it belongs to; no message holds one.
"""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import RegistryError
from explorer.text.printable import printable

_CHALLENGE = re.compile(r"\s*(basic|bearer)\b(.*)", re.IGNORECASE | re.DOTALL)
_SCHEMES = re.compile(r",\s*(?=(?:basic|bearer)\b)", re.IGNORECASE)
_PARAMETER = re.compile(r'([a-zA-Z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a registry asks for."""

    scheme: str
    """``basic`` or ``bearer``."""
    realm: str = ""
    """The address of the token service."""
    service: str = ""
    scope: str = ""

    @classmethod
    def read(cls, header: str) -> Challenge | None:
        """The first challenge of a WWW-Authenticate header that can be met; None when there is none."""
        for part in _SCHEMES.split(header[:8192]):
            match = _CHALLENGE.match(part)
            if match:
                found = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(match[2])}
                return cls(
                    match[1].lower(),
                    *(re.sub(r"\\(.)", r"\1", found.get(key, "")) for key in ("realm", "service", "scope")),
                )
        return None


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user's name and password, or identity token, for one registry; nothing for an anonymous user."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    lacking: str = ""
    """A sentence for people about what the configuration names and could not be used; with a space behind it."""

    def __bool__(self) -> bool:
        return bool(self.username or self.identity_token)

    @property
    def basic(self) -> str:
        """The value of an Authorization header; empty when there is no password."""
        if not self.username:
            return ""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        basic = self.basic.removeprefix("Basic ")
        return tuple(secret for secret in (self.password, self.identity_token, basic) if secret)


def docker_credentials(host: str) -> Credentials:
    """What the user's Docker configuration, or the credential helper that it names, holds for a registry.

    Raises RegistryError when either cannot be used.
    """
    from docker import auth

    # Whatever the SDK meets first in an odd configuration is raised, and may hold what a helper printed: a secret.
    try:
        config = auth.load_config()
        store = config.get_credential_store(host)
    except Exception as error:  # noqa: BLE001
        raise _unusable(error) from None
    program = f"docker-credential-{store}" if store else ""
    lacking = ""
    if program and not shutil.which(program):
        lacking = f"The Docker configuration names {printable(program)}, which is not on PATH. "
        config.pop("credsStore", None)
        config.pop("credHelpers", None)
        program = ""
    try:
        found = auth.resolve_authconfig(config, host)
    except Exception as error:  # noqa: BLE001
        if not program:
            raise _unusable(error) from None
        raise RegistryError(
            f"the credential helper {printable(program)} gives no credentials for {host}",
            f"See what it says: echo {host} | {printable(program)} get",
        ) from None
    return _credentials(found or {}, lacking)


def _unusable(error: Exception) -> RegistryError:
    return RegistryError(
        f"the Docker configuration cannot be read for credentials ({type(error).__name__})",
        "It is config.json in DOCKER_CONFIG, or in ~/.docker. `docker login` writes it anew.",
    )


def _credentials(found: Mapping[str, Any], lacking: str) -> Credentials:
    """Out of the SDK's words, which differ between a configuration and a helper."""
    values = {str(key).lower(): str(value) for key, value in found.items() if value}
    return Credentials(
        username=values.get("username", ""),
        password=values.get("password", ""),
        identity_token=values.get("identitytoken", ""),
        lacking=lacking,
    )


def token_in(answer: object) -> str:
    """The token in a token service's answer; empty when there is none."""
    found = (answer.get("token") or answer.get("access_token")) if isinstance(answer, dict) else None
    # Anything else could not be sent in a header.
    return found if isinstance(found, str) and found.isascii() and found.isprintable() else ""
