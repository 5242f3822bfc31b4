"""The user's logins for registries.

They are in the files of Docker, Podman and skopeo, or come from the credential helpers that these files name.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from explorer.errors import RegistryError
from explorer.sources.registries.credentials import Credentials
from explorer.text.printable import printable

_DOCKER_HUB = "docker.io"
_DOCKER_HUB_HOSTS = ("index.docker.io", "registry-1.docker.io")
_DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""The name under which Docker keeps the login of its default registry."""
_API_VERSIONS = ("", "v1", "v2")
"""Paths of old keys, which mean the whole registry."""
_TOKEN_USERNAME = "<token>"  # noqa: S105 -- the name by which helpers mark an identity token
_NOT_FOUND = "credentials not found"
_ENVIRONMENT = "DOCKER_AUTH_CONFIG"


def find_credentials(host: str, repository: str) -> Credentials:
    """Returns the first credentials for a repository; Docker's files come first.

    Empty if there are none. Raises RegistryError if there are none and a file or a helper is broken.
    """
    failure: RegistryError | None = None
    missing_helper = ""
    for origin, content in _documents():
        try:
            found = _in_document(content, origin, host, repository)
        except RegistryError as error:
            failure = failure or error
            continue
        if found:
            return found
        missing_helper = missing_helper or found.missing_helper
    if failure:
        raise failure
    return Credentials(missing_helper=missing_helper)


def _documents() -> Iterator[tuple[str, bytes]]:
    """Yields the name and the content of each file that exists, in order."""
    if os.environ.get(_ENVIRONMENT):
        yield _ENVIRONMENT, os.environb[_ENVIRONMENT.encode()]
    for path in _paths():
        try:
            content = path.read_bytes()
        except (OSError, ValueError):
            continue
        yield printable(str(path)), content


def _paths() -> Iterator[Path]:
    environment = os.environ.get
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 -- Path.expanduser raises for a user without a home
    yield Path(environment("DOCKER_CONFIG") or home / ".docker") / "config.json"
    only = environment("REGISTRY_AUTH_FILE")
    if only:
        yield Path(only)
        return
    runtime = environment("XDG_RUNTIME_DIR")
    yield Path(runtime) / "containers/auth.json" if runtime else Path(f"/run/containers/{os.getuid()}/auth.json")
    yield Path(environment("XDG_CONFIG_HOME") or home / ".config") / "containers/auth.json"
    yield home / ".dockercfg"


def _in_document(content: bytes, origin: str, host: str, repository: str) -> Credentials:
    """Returns the credentials of a file's helper, or else of the file itself.

    Raises RegistryError.
    """
    try:
        document = json.loads(content)
        helpers = document.get("credHelpers") or {}
        key = _matching_key(helpers, host)
        name = helpers[key] if key else document.get("credsStore")
        missing_helper = ""
        if name:
            program = f"docker-credential-{name}"
            if shutil.which(program):
                found = _of_helper(program, key or (_DOCKER_HUB_KEY if host == _DOCKER_HUB else host))
                if found:
                    return found
            else:
                missing_helper = f"{origin} names {printable(program)}, which is not on PATH. "
        # The oldest files have no level above.
        logins = document.get("auths") or ({} if {"auths", "credsStore", "credHelpers"} & set(document) else document)
        key = _matching_key(logins, host, repository)
        return _decoded(logins[key] or {}, origin) if key else Credentials(missing_helper=missing_helper)
    except (ValueError, TypeError, AttributeError, RecursionError):
        # The text of the error may contain a secret.
        raise RegistryError(
            f"the credentials in {origin} cannot be read", "`docker login` or `podman login` writes a new one."
        ) from None


def _matching_key(keys: Mapping[str, Any], host: str, repository: str = "") -> str | None:
    """Returns the most specific key, which may have a namespace.

    That is HOST/NAMESPACE/NAME, HOST/NAMESPACE, HOST, or another spelling of HOST.
    """
    path = f"{host}/{repository}".rstrip("/")
    while path:
        if path in keys:
            return path
        path = path.rpartition("/")[0]
    return next((key for key in keys if _host_of(key) == host), None)


def _host_of(key: str) -> str:
    """Returns the host of a key; empty if the key has a namespace."""
    _, scheme, address = key.rpartition("://")
    host, _, path = address.partition("/")
    if not scheme and path.strip("/") not in _API_VERSIONS:
        return ""
    return _DOCKER_HUB if host in _DOCKER_HUB_HOSTS else host


def _decoded(login: Mapping[str, Any], origin: str) -> Credentials:
    """Returns the credentials of an entry. Raises ValueError if it is invalid."""
    token = login.get("identitytoken")
    if token:
        return Credentials(identity_token=str(token), origin=origin)
    username, password = login.get("username") or "", login.get("password") or ""
    if login.get("auth"):
        encoded = "".join(login["auth"].split())
        username, separator, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        if not separator:
            raise ValueError("no colon")
    return Credentials(str(username), str(password).strip("\0"), origin=origin)


def _of_helper(program: str, server: str) -> Credentials:
    """Returns a helper's credentials; empty if it has none. Raises RegistryError."""
    try:
        # Its messages must not reach the terminal, where the screen may be.
        done = subprocess.run([program, "get"], input=server.encode(), capture_output=True, check=False)  # noqa: S603 -- the user's own helper
        if done.returncode and _NOT_FOUND in done.stdout.decode(errors="replace").lower():
            return Credentials()
        answer = json.loads(done.stdout) if not done.returncode else {}
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        raise RegistryError(
            f"the credential helper {printable(program)} gives no credentials for {server}",
            f"Ask it yourself: echo {server} | {printable(program)} get",
        ) from None
    if username == _TOKEN_USERNAME:
        return Credentials(identity_token=secret, origin=printable(program))
    return Credentials(username, secret, origin=printable(program))
