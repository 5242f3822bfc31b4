"""Fixtures for all tests: a private home, no network, real engines if present."""

from __future__ import annotations

import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from docker import DockerClient
from docker.errors import DockerException
from hypothesis import settings

from explorer.errors import EngineError
from explorer.sources.engines.endpoint import docker_endpoint
from tests import overlay
from tests.images import opaque, whiteout

Mount = Callable[[Sequence[Path]], AbstractContextManager[Path]]

_ENGINE_VARIABLES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
_LOGIN_VARIABLES = ("DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE")
_SCREEN_VARIABLES = ("CI", "NO_COLOR", "FORCE_COLOR", "COLORTERM")


# No test has an example limit of its own: .ci/run takes the full profile, with --hypothesis-profile=full.
settings.register_profile("quick", max_examples=40, deadline=None)
settings.register_profile("full", max_examples=400, deadline=None)
settings.load_profile("quick")


def skip_or_fail(reason: str) -> NoReturn:
    """Skips the test, or fails it if LAYER_EXPLORER_REQUIRE_ENGINE is set."""
    if os.environ.get("LAYER_EXPLORER_REQUIRE_ENGINE"):
        pytest.fail(f"{reason}, and LAYER_EXPLORER_REQUIRE_ENGINE is set", pytrace=False)
    pytest.skip(reason)


def pytest_xdist_auto_num_workers() -> int:
    """Returns the number of workers for ``-n auto``.

    One more than there are cores, because tests of the screen wait a quarter of their time.
    """
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Marks tests that need an engine as end to end."""
    for item in items:
        if item.get_closest_marker("engine"):
            item.add_marker("end_to_end")


def pytest_collection_finish() -> None:
    """Freezes the objects that imports made, because many tests collect garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _at_home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets a home in ``tmp_path`` and a plain environment.

    A test marked ``engine`` keeps the variables that lead to the engine, and the network.
    """
    marked = request.node.get_closest_marker("engine") is not None
    if marked and "DOCKER_CONFIG" not in os.environ:
        monkeypatch.setenv("DOCKER_CONFIG", str(Path("~/.docker").expanduser()))
    for name in (*_SCREEN_VARIABLES, *_LOGIN_VARIABLES, *(() if marked else _ENGINE_VARIABLES)):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    for name, folder in (
        ("HOME", "."),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_RUNTIME_DIR", ".run"),
    ):
        monkeypatch.setenv(name, str(home / folder))
    # Otherwise the program would ask a real Podman when no Docker Engine answers.
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/no-podman.sock")
    if not marked:
        monkeypatch.setattr(socket.socket, "connect", _connect_here)


_connect = socket.socket.connect


def _connect_here(self: socket.socket, address: Any) -> None:
    """Connects only to addresses that a test can have started itself.

    These are ports of this machine, and Unix sockets outside the directories of the system's services.
    """
    host = address[0] if isinstance(address, tuple) else os.fsdecode(address)
    if self.family == socket.AF_UNIX:
        allowed = not host.startswith(("/run/", "/var/run/"))
    else:
        allowed = host in ("127.0.0.1", "::1", "localhost")
    if not allowed:
        pytest.fail(f"a test without the marker engine connects to {host}", pytrace=False)
    _connect(self, address)


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Makes a directory for the temporary files of one test."""
    path = tmp_path / "spool"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    yield path
    gc.collect()


def left_behind(spool: Path) -> list[str]:
    """Returns temporary files that have a name or that the process holds open."""
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "layer-explorer-spool":
            thread.join(10)
    held = []
    for descriptor in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            held.append(str(descriptor.readlink()))
    return [*map(str, spool.iterdir()), *(path for path in held if path.startswith(str(spool)))]


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """Yields a client of the Docker Engine that ``docker`` would use."""
    # Because the SDK leaves the socket of a failed connection to the garbage collector, which must warn now or never.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        client, reason = _connected()
        gc.collect()
    if client is None:
        skip_or_fail(reason)
    yield client
    client.close()


def _connected() -> tuple[DockerClient | None, str]:
    """Returns a client of the engine and "", or None and the reason."""
    where = os.environ.get("DOCKER_HOST") or "the default endpoint"
    try:
        endpoint = docker_endpoint()
        where = str(endpoint)
        return DockerClient(version="auto", base_url=endpoint.url, tls=endpoint.tls or False), ""
    except (DockerException, EngineError, OSError, ValueError) as error:
        return None, f"no Docker Engine answers at {where}: {error}"


_PODMAN_CONF = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
lock_type = "file"
"""
"""Container limits that need no extra rights, and locks of this Podman alone."""


@dataclass(frozen=True)
class Podman:
    """A running Podman API service with private storage."""

    url: str
    command: tuple[str, ...]
    environment: dict[str, str]

    def run(self, *arguments: str, given: bytes = b"") -> str:
        """Runs a Podman command and returns its output."""
        done = subprocess.run(
            [*self.command, *arguments], input=given, capture_output=True, check=False, env=self.environment, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """Starts Podman with private storage in /var/tmp, because /tmp may be memory."""
    program = shutil.which("podman")
    if program is None or os.geteuid():
        skip_or_fail("podman is not installed" if program is None else "only root can have Podman mount overlays")
    base = Path(tempfile.mkdtemp(prefix="layer-explorer-podman-", dir="/var/tmp"))
    (base / "containers.conf").write_text(_PODMAN_CONF)
    folders = [f"--{option}={base / option}" for option in ("root", "runroot", "tmpdir")]
    options = ("--storage-driver=overlay", "--cgroup-manager=cgroupfs", "--events-backend=none")
    command = (program, *folders, *options)
    # Otherwise CONTAINER_HOST or CONTAINER_CONNECTION would make the command use another Podman.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTAINER_")}
    environment["CONTAINERS_CONF"] = str(base / "containers.conf")
    socket_path = base / "podman.sock"
    running = Podman(f"unix://{socket_path}", command, environment)
    service = [*command, "system", "service", "--time=0", running.url]
    with (base / "log").open("wb") as log:
        process = subprocess.Popen(service, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
    try:
        _await_socket(socket_path, process, base / "log")
        yield running
        running.run("rm", "--all", "--force", "--time=0")
    finally:
        process.terminate()
        process.wait()
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for point in sorted((point for point in mounted if point.startswith(f"{base}/")), reverse=True):
            subprocess.run(["umount", "--lazy", point], check=True)
        shutil.rmtree(base)


def _await_socket(path: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(path))
            return
        time.sleep(0.02)
    skip_or_fail(f"podman did not start: {log.read_text()[-500:]}")


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Yields a function that starts a real registry and returns its address.

    Its argument is the content of an htpasswd file; without it, everyone has access.
    """
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
    """Yields a function that mounts directories, lowest first, as an overlay."""
    if not sys.platform.startswith("linux"):
        skip_or_fail("overlayfs exists only on Linux")
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
        skip_or_fail(f"cannot mount an overlay here: {error}")
    return mount
