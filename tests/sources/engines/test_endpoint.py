"""The choice of the engine: DOCKER_HOST, contexts and addresses."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from explorer.errors import EngineError
from tests.fake_engine import FakeEngine
from tests.images import (
    opened,
)
from tests.sources.engines.samples import MADE, failure

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def write_context(folder: Path, name: str, url: str) -> Path:
    """A context as ``docker context create`` writes it; the path of its file."""
    path = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": url}}}))
    return path


@pytest.fixture
def config() -> Path:
    """The directory of the user's Docker configuration."""
    path = Path.home() / ".docker"
    path.mkdir()
    return path


def test_the_context_names_the_engine(spool: Path, config: Path) -> None:
    """Without DOCKER_HOST the current context decides."""
    with FakeEngine.of(MADE).on() as fake:
        write_context(config, "mine", fake.url)
        (config / "config.json").write_text('{"currentContext": "mine"}')
        assert opened("made:1").source == f"Docker Engine at {fake.url}, saved"


def test_docker_context_needs_no_configuration(spool: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DOCKER_CONTEXT comes before the current context, and works without a config.json."""
    with FakeEngine.of(MADE).on() as fake:
        write_context(config, "mine", fake.url)
        monkeypatch.setenv("DOCKER_CONTEXT", "mine")
        assert opened("made:1").source == f"Docker Engine at {fake.url}, saved"
        (config / "config.json").write_text('{"currentContext": "other"}')
        assert opened("made:1").source == f"Docker Engine at {fake.url}, saved"


def test_docker_host_comes_first(fake: FakeEngine, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DOCKER_HOST has priority over contexts."""
    write_context(config, "mine", "tcp://127.0.0.1:1")
    (config / "config.json").write_text('{"currentContext": "mine"}')
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    assert opened("made:1").source == f"Docker Engine at {fake.url}, saved"


def test_a_context_that_is_not_there(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A context that does not exist is an error; no other engine is asked in its place."""
    monkeypatch.setenv("DOCKER_CONTEXT", "lost")
    error = failure("no Docker context “lost”", spool)
    assert "docker context ls" in error.hint


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"Endpoints": {"docker": "tcp://x"}}', '{"Endpoints": null}'])
def test_a_damaged_context(config: Path, spool: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    """A context that cannot be read is an error that names its file."""
    path = write_context(config, "broken", "")
    path.write_text(content)
    monkeypatch.setenv("DOCKER_CONTEXT", "broken")
    failure(str(path), spool)


@pytest.mark.parametrize("content", ["", "[]", '{"currentContext": 5}', '{"currentContext": ""}', "{}"])
def test_a_configuration_without_a_context(config: Path, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default socket is used if the configuration names no context."""
    from explorer.sources.engines.endpoint import docker_endpoint

    (config / "config.json").write_text(content)
    assert docker_endpoint().url == "unix:///var/run/docker.sock"


@pytest.mark.parametrize("host", ["nonsense://x", "tcp://", "unix:/", "tcp://127.0.0.1:notaport"])
def test_an_address_that_makes_no_sense(host: str, spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invalid DOCKER_HOST is an error that repeats it."""
    monkeypatch.setenv("DOCKER_HOST", host)
    assert isinstance(failure(host, spool), EngineError)


@pytest.mark.parametrize("variable", ["DOCKER_HOST", "CONTAINER_HOST"])
@pytest.mark.parametrize(
    "host",
    ["ssh://me:secret@host", "tcp://me:secret@127.0.0.1:1", "tcp://secret@127.0.0.1:1", "me:secret@host", "://secret@"],
)
def test_a_login_in_an_address_is_hidden(
    variable: str, host: str, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No error repeats a login that is in an address."""
    monkeypatch.setenv(variable, host)
    error = failure("…@", spool, "made:1" if variable == "DOCKER_HOST" else "podman://made:1")
    assert "secret" not in f"{error.message} {error.hint}"


# The SDK leaves its ssh, and the pipes to it, to the garbage collector too.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("ssh://alias", "-- alias docker system dial-stdio"),
        ("ssh://me@alias", "-l me -- alias docker system dial-stdio"),
        ("ssh://me@alias:22", "-l me -p 22 -- alias docker system dial-stdio"),
        ("ssh://alias:2222", "-p 2222 -- alias docker system dial-stdio"),
    ],
)
def test_ssh_decides_what_the_address_leaves_open(
    host: str, asked: str, tmp_path: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's ``ssh`` gets only the port and the user of the address, so that its own files supply the others."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_HOST", host)
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{spool}/nobody.sock")
    failure(host, spool)
    assert (tmp_path / "asked").read_text().strip() == asked


def test_certificates_that_are_not_there(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DOCKER_TLS_VERIFY without certificates is an error."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2376")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    assert isinstance(failure("tcp://127.0.0.1:2376", spool), EngineError)
