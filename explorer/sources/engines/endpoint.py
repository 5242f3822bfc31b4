"""Addresses of the engines, searched as the engines' own commands do.

The Docker Engine: DOCKER_HOST, then the context, then the default socket. Podman: CONTAINER_HOST, then the user's
socket, then the system's.

The SDK can read contexts, too, but it replaces a missing context by the default socket: another engine than the user
means.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import EngineError
from explorer.sources.paths import exists
from explorer.text.printable import printable, without_login

if TYPE_CHECKING:
    from docker.tls import TLSConfig

DEFAULT = "unix:///var/run/docker.sock"
_PODMAN_DEFAULT = "/run/podman/podman.sock"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An engine's address, its TLS settings, and words for messages."""

    url: str
    tls: TLSConfig | None = None
    engine: str = "Docker Engine"
    article: str = "the "
    """The article before its name in a sentence."""
    command: str = "docker"
    """Name of its command."""
    hint: str = (
        "Start it, or set another with DOCKER_HOST or `docker context use`; an archive needs no engine: "
        "docker save NAME -o image.tar, then layer-explorer image.tar."
    )
    """Advice for an engine that does not answer."""

    @property
    def is_local(self) -> bool:
        """True if the address is a socket on this machine."""
        return self.url.startswith(("unix:", "http+unix:"))

    def __str__(self) -> str:
        """Returns the address without a password; printable."""
        return printable(without_login(self.url))


def docker_endpoint() -> Endpoint:
    """Returns the endpoint that ``docker`` uses. Raises EngineError."""
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    try:
        environment = kwargs_from_env()
    except (DockerException, OSError, ValueError) as error:
        url = os.environ.get("DOCKER_HOST", DEFAULT)
        raise EngineError(
            f"the Docker Engine at {printable(without_login(url))} cannot be used: "
            f"{printable(without_login(url, str(error)))[:300]}",
            "Check DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.",
        ) from error
    if "base_url" in environment:
        return Endpoint(str(environment["base_url"]), environment.get("tls"))
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path("~/.docker").expanduser())
    name = os.environ.get("DOCKER_CONTEXT") or _current_context(folder)
    if name in ("", "default"):
        return Endpoint(DEFAULT, environment.get("tls"))
    return _context(folder / "contexts", name)


def podman_endpoint() -> Endpoint:
    """Returns the endpoint of Podman's API service."""
    url = os.environ.get("CONTAINER_HOST", "")
    if not url:
        # After ``su`` the directory may be another user's, so that the socket cannot be reached.
        user_socket = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "podman" / "podman.sock"
        url = f"unix://{user_socket if exists(user_socket) else _PODMAN_DEFAULT}"
    return Endpoint(
        url,
        engine="Podman",
        article="",
        command="podman",
        hint="Start its API service, `systemctl --user start podman.socket` or `podman system service`, "
        "or set another with CONTAINER_HOST.",
    )


def _current_context(folder: Path) -> str:
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    name = config.get("currentContext") if isinstance(config, dict) else None
    return name if isinstance(name, str) else ""


def _context(folder: Path, name: str) -> Endpoint:
    """Returns the endpoint of a context, stored under the digest of its name."""
    key = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    path = folder / "meta" / key / "meta.json"
    try:
        endpoint = json.loads(path.read_bytes())["Endpoints"]["docker"]
        url, verify = str(endpoint["Host"]), not endpoint.get("SkipTLSVerify", False)
    except FileNotFoundError as error:
        raise EngineError(
            f"there is no Docker context “{printable(name)}”",
            "`docker context ls` lists them; DOCKER_CONTEXT or `docker context use` chooses one.",
        ) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise EngineError(
            f"the Docker context “{printable(name)}” cannot be read: {printable(str(path))}",
            "Choose another with DOCKER_CONTEXT or `docker context use`, or create it again.",
        ) from error
    return Endpoint(url, _tls(folder / "tls" / key / "docker", verify=verify))


def _tls(folder: Path, *, verify: bool) -> TLSConfig | None:
    from docker.tls import TLSConfig

    authority, certificate, key = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    if not authority.is_file() and not certificate.is_file():
        return None
    return TLSConfig(
        client_cert=(str(certificate), str(key)) if certificate.is_file() else None,
        ca_cert=str(authority) if authority.is_file() else None,
        verify=verify,
    )


ENDPOINTS = {"docker": docker_endpoint, "podman": podman_endpoint}
"""Scheme of a reference to the function that finds its engine."""
