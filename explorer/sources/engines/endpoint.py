"""Where the engines are, in the order in which their own commands look.

The Docker Engine: DOCKER_HOST, else the context, else the default socket. Podman: CONTAINER_HOST, else the user's
socket, else the system's.

The SDK's own look at contexts takes a context that is not there for the default socket, and would ask another engine
than the user meant.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import EngineError
from explorer.text.printable import printable, without_login

if TYPE_CHECKING:
    from docker.tls import TLSConfig

DEFAULT = "unix:///var/run/docker.sock"
_PODMAN_DEFAULT = "/run/podman/podman.sock"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An engine's address, and how to trust it."""

    url: str
    tls: TLSConfig | None = None
    engine: str = "Docker Engine"
    article: str = "the "
    """What stands before its name in a sentence."""
    command: str = "docker"
    """Its own command line."""
    remedy: str = (
        "Start it, or name another with DOCKER_HOST or `docker context use`; an archive needs no engine: "
        "docker save NAME -o image.tar, then layer-explorer image.tar."
    )
    """What to do when it does not answer."""

    @property
    def is_local(self) -> bool:
        """Whether the engine is on this machine, as far as its address tells."""
        return self.url.startswith(("unix:", "http+unix:"))

    def __str__(self) -> str:
        """As the user would write it, but for a password; printable."""
        return printable(without_login(self.url))

    @property
    def arguments(self) -> dict[str, Any]:
        """For the constructor of the SDK's clients."""
        return {"base_url": self.url, **({"tls": self.tls} if self.tls else {})}


def docker_endpoint() -> Endpoint:
    """The endpoint that ``docker`` would use. Raises EngineError when the context cannot be used."""
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    try:
        named = kwargs_from_env()
    except (DockerException, OSError, ValueError) as error:
        url = os.environ.get("DOCKER_HOST", DEFAULT)
        raise EngineError(
            f"the Docker Engine at {printable(without_login(url))} cannot be asked: "
            f"{printable(without_login(url, str(error)))[:300]}",
            "Check DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.",
        ) from error
    if "base_url" in named:
        return Endpoint(str(named["base_url"]), named.get("tls"))
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path("~/.docker").expanduser())
    name = os.environ.get("DOCKER_CONTEXT") or _current_context(folder)
    if name in ("", "default"):
        return Endpoint(DEFAULT, named.get("tls"))
    return _context(folder / "contexts", name)


def podman_endpoint() -> Endpoint:
    """The endpoint of Podman's API service."""
    url = os.environ.get("CONTAINER_HOST", "")
    if not url:
        own = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "podman" / "podman.sock"
        url = f"unix://{own if _is_there(own) else _PODMAN_DEFAULT}"
    return Endpoint(
        url,
        engine="Podman",
        article="",
        command="podman",
        remedy="Start its API service, `systemctl --user start podman.socket` or `podman system service`, "
        "or name another with CONTAINER_HOST.",
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # Below a directory of another user, which ``su`` leaves in XDG_RUNTIME_DIR.
        return False


def _current_context(folder: Path) -> str:
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    name = config.get("currentContext") if isinstance(config, dict) else None
    return name if isinstance(name, str) else ""


def _context(folder: Path, name: str) -> Endpoint:
    """The endpoint of a context; its files are in directories named by the digest of its name."""
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
            "Choose another with DOCKER_CONTEXT or `docker context use`, or make it anew.",
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
