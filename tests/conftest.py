"""Fixtures for all tests: a home of one's own, no network, and the real engine and overlayfs where there are any."""

from __future__ import annotations

import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest
from docker import DockerClient
from docker.errors import DockerException

from explorer.errors import EngineError
from explorer.sources.endpoint import docker_endpoint
from tests import overlay
from tests.images import opaque, whiteout

Mount = Callable[[Sequence[Path]], AbstractContextManager[Path]]

_ENGINE_VARIABLES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
_SCREEN_VARIABLES = ("CI", "NO_COLOR", "FORCE_COLOR", "COLORTERM")


def skip_or_fail(reason: str) -> NoReturn:
    """Skip a test for want of something; fail where the environment promises it."""
    if os.environ.get("LAYER_EXPLORER_REQUIRE_ENGINE"):
        pytest.fail(f"{reason}, and LAYER_EXPLORER_REQUIRE_ENGINE is set", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _at_home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home in ``tmp_path`` and a plain environment; a test marked ``engine`` keeps the way to the engine."""
    marked = request.node.get_closest_marker("engine") is not None
    if marked and "DOCKER_CONFIG" not in os.environ:
        monkeypatch.setenv("DOCKER_CONFIG", str(Path("~/.docker").expanduser()))
    for name in (*_SCREEN_VARIABLES, *(() if marked else _ENGINE_VARIABLES)):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    for name, path in (("HOME", home), ("XDG_CACHE_HOME", home / ".cache"), ("XDG_CONFIG_HOME", home / ".config")):
        monkeypatch.setenv(name, str(path))
    # Podman is asked where no Docker Engine answers; here only by the tests that bring one.
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/no-podman.sock")
    if not marked:
        monkeypatch.setattr(socket.socket, "connect", _connect_here)


_connect = socket.socket.connect


def _connect_here(self: socket.socket, address: Any) -> None:
    """Connect to what a test itself can have started: a port of this machine, or a socket that is no service's."""
    host = address[0] if isinstance(address, tuple) else os.fsdecode(address)
    if self.family == socket.AF_UNIX:
        allowed = not host.startswith(("/run/", "/var/run/"))
    else:
        allowed = host in ("127.0.0.1", "::1", "localhost")
    if not allowed:
        pytest.fail(f"a test that is not marked engine asks {host}", pytrace=False)
    _connect(self, address)


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """The Docker Engine that ``docker`` would use."""
    # The SDK leaves the socket of a connection that failed to the garbage collector: it has to go now, not at the end.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        client, reason = _connected()
        gc.collect()
    if client is None:
        skip_or_fail(reason)
    yield client
    client.close()


def _connected() -> tuple[DockerClient | None, str]:
    """A client of the engine, or why there is none."""
    where = os.environ.get("DOCKER_HOST") or "the default endpoint"
    try:
        endpoint = docker_endpoint()
        where = str(endpoint)
        return DockerClient(version="auto", **endpoint.arguments), ""
    except (DockerException, EngineError, OSError, ValueError) as error:
        return None, f"no Docker Engine answers at {where}: {error}"


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Starts a real registry that lets everybody in, or only the users of an htpasswd file's content; its address."""
    program = shutil.which("docker-registry")
    if program is None:
        skip_or_fail("docker-registry is not installed")
    running: dict[str, tuple[str, subprocess.Popen[bytes]]] = {}

    def start(users: str = "") -> str:
        if users not in running:
            folder = tmp_path_factory.mktemp("registry")
            (folder / "users").write_text(users)
            address = f"127.0.0.1:{_free_port()}"
            config: dict[str, Any] = {
                "version": "0.1",
                "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
                "http": {"addr": address, "secret": "for one test"},
            }
            if users:
                config["auth"] = {"htpasswd": {"realm": "the shop", "path": str(folder / "users")}}
            (folder / "config.yml").write_text(json.dumps(config))
            with (folder / "log").open("wb") as log:
                process = subprocess.Popen([program, "serve", str(folder / "config.yml")], stdout=log, stderr=log)
            running[users] = address, process
            _await_port(address, process, folder / "log")
        return running[users][0]

    yield start
    for _, process in running.values():
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    host, _, port = address.rpartition(":")
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.02)
    pytest.fail(f"docker-registry did not start: {log.read_text()[-500:]}", pytrace=False)


@pytest.fixture(scope="session")
def overlay_mount(tmp_path_factory: pytest.TempPathFactory) -> Mount:
    """Mounts directories, bottom first, as one overlay: ``with overlay_mount([lower, upper]) as root``."""
    if not sys.platform.startswith("linux"):
        skip_or_fail("overlayfs is a file system of Linux")
    base = tmp_path_factory.mktemp("overlay")
    point, nothing = base / "mounted", base / "nothing"
    point.mkdir()
    nothing.mkdir()

    def mount(lower: Sequence[Path]) -> AbstractContextManager[Path]:
        return overlay.mounted([nothing, *lower], point)

    try:
        overlay.unpack([whiteout("a"), opaque("b")], base / "probe")
        with mount([base / "probe"]):
            pass
    except OSError as error:
        skip_or_fail(f"no overlay can be mounted here: {error}")
    return mount
