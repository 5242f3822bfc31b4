"""A fake engine that fails, stalls or sends garbage."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from docker.transport.unixconn import UnixHTTPConnection

from explorer.errors import Cancelled, EngineError, ImageError, ImageNotFound
from explorer.model import Progress
from explorer.sources import interruptible
from explorer.sources.engines.docker_client import MAX_RESPONSE_BYTES
from tests.conftest import left_behind
from tests.fake_engine import FakeEngine
from tests.images import (
    Watching,
    opened,
)
from tests.sources.engines.samples import MADE, failure

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def test_a_socket_that_does_not_exist(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing socket is named, and the hint suggests an archive."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{spool}/none.sock")
    error = failure(f"unix://{spool}/none.sock", spool)
    assert "there is no such socket" in error.message
    assert "docker save" in error.hint


def test_a_port_that_refuses(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port where nothing listens is named."""
    with FakeEngine.of(MADE).on() as gone:
        pass
    monkeypatch.setenv("DOCKER_HOST", gone.url)
    assert "nothing listens there" in failure(gone.url, spool).message


def test_a_socket_without_permission(fake: FakeEngine, spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket without permission is an error that explains how to get it."""

    def refused(self: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(UnixHTTPConnection, "connect", refused)
    error = failure(fake.url, spool)
    assert "no permission" in error.message
    assert "group" in error.hint


@pytest.mark.parametrize("path", ["/version", "/images/made:1/json", "/images/made:1/history"])
@pytest.mark.parametrize(
    "answer", [(0, b"SSH-2.0-OpenSSH_9.2\r\n"), (200, b"<html>hello</html>"), (200, b"[1]"), (200, b"null"), (200, b"")]
)
def test_garbage_for_an_answer(fake: FakeEngine, spool: Path, path: str, answer: tuple[int, bytes]) -> None:
    """An invalid answer is an error; an invalid history alone is ignored."""
    fake.answers[path] = answer
    if path.endswith("/history") and answer[1] in (b"[1]", b"null"):
        assert len(opened("made:1").layers) == 2
    else:
        assert isinstance(failure(fake.url, spool), EngineError)


@pytest.mark.parametrize("path", ["/version", "/images/made:1/json", "/images/made:1/history"])
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_without_an_end(fake: FakeEngine, spool: Path, path: str, status: int) -> None:
    """A response that never ends is refused before it fills the memory."""
    fake.answers[path] = (status, b'{"message": "' + b" " * MAX_RESPONSE_BYTES + b'"}')
    assert "its response has more than 33,554,432 bytes" in failure(fake.url, spool).message


@pytest.mark.end_to_end
@pytest.mark.parametrize("path", ["/version", "/images/made:1/json", "/images/made:1/history"])
def test_an_answer_that_drips(fake: FakeEngine, spool: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """A response that comes byte by byte is given up after a while."""
    monkeypatch.setattr(interruptible, "MAX_STALL_SECONDS", 0.5)
    fake.drip = path
    assert "has sent next to nothing" in failure(fake.url, spool).message


def test_a_save_that_drips(fake: FakeEngine, spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that comes byte by byte is given up, and the error names the command that saves it."""
    monkeypatch.setattr(interruptible, "MAX_STALL_SECONDS", 0.3)
    monkeypatch.setattr("explorer.sources.spool.MAX_PREPARATION_SECONDS", 0.3)
    fake.drip = "/images/made:1/get"
    error = failure(fake.url, spool)
    assert "has sent next to nothing" in error.message
    assert "docker save made:1 -o image.tar" in error.hint


def test_an_engine_that_redirects(fake: FakeEngine, spool: Path) -> None:
    """A redirect of an engine is not followed."""
    fake.answers["/images/made:1/json"] = (301, b"")
    fake.location = "/images/other:1/json"
    assert "it redirects" in failure(fake.url, spool).message
    assert not any("other:1" in path for path in fake.asked)


def test_a_question_can_be_stopped(fake: FakeEngine, spool: Path) -> None:
    """The wait for an engine that does not respond can be cancelled."""

    class Leaving(Watching):
        def progress(self, progress: Progress) -> None:
            raise Cancelled("stopped")

    fake.hold = "/images/made:1/json"
    with pytest.raises(Cancelled):
        opened("made:1", Leaving())


@pytest.mark.end_to_end
@pytest.mark.parametrize("key", ["Id", "RepoTags", "RepoDigests", "Author", "Created", "Config", "Size", "RootFS"])
@pytest.mark.parametrize("value", [None, 7, "text", [None, 7], {"Layers": 7}])
def test_an_odd_description_does_no_harm(fake: FakeEngine, key: str, value: object) -> None:
    """An image is shown even if a field of the engine's description has an unexpected type."""
    _, body = fake.answers["/images/made:1/json"]
    fake.answers["/images/made:1/json"] = (200, json.dumps({**json.loads(body), key: value}).encode())
    assert len(opened("made:1").layers) == 2


def test_a_history_out_of_this_world(fake: FakeEngine) -> None:
    """Impossible times in a history are left out."""
    fake.answers["/images/made:1/history"] = (200, json.dumps([{"Created": 1 << 70, "CreatedBy": 5}]).encode())
    watcher = Watching()
    opened("made:1", watcher)
    assert watcher.images[0].history[0].created is None


def test_an_image_that_is_not_there(fake: FakeEngine, spool: Path) -> None:
    """A missing image is reported with the command that pulls it, and nothing is pulled."""
    error = failure(fake.url, spool, "nope:1")
    assert isinstance(error, ImageNotFound)
    assert "has no image “nope:1”" in error.message
    assert "not pulled automatically" in error.hint
    assert "docker pull nope:1" in error.hint
    assert [path.partition("?")[0] for path in fake.asked] == [
        "/version",
        "/v1.41/images/nope:1/json",
        "/v1.41/images/json",
    ]


def test_the_nearest_image(fake: FakeEngine, spool: Path) -> None:
    """A misspelt name gets the nearest name of the engine; names that are not valid do not count."""
    tags = ["docker.io/library/made:1", "mode:1\x1b", None, "other:1", "localhost/shop:dev"]
    fake.answers["/images/json"] = (200, json.dumps([{"RepoTags": tags}, {"RepoTags": None}, 7]).encode())
    assert failure(fake.url, spool, "mad").hint.startswith("Did you mean made:1?\n`docker images` lists")
    assert failure(fake.url, spool, "made:2").hint.startswith("Did you mean made:1?\n")
    assert failure(fake.url, spool, "shop:dve").hint.startswith("Did you mean shop:dev?\n")
    assert failure(fake.url, spool, "nothing/like/it").hint.startswith("`docker images` lists")


@pytest.mark.parametrize("answer", [(500, b"{}"), (200, b"not JSON"), (200, b"7")])
def test_names_that_cannot_be_listed(fake: FakeEngine, spool: Path, answer: tuple[int, bytes]) -> None:
    """If the engine does not list its names, the error about the missing image stays."""
    fake.answers["/images/json"] = answer
    error = failure(fake.url, spool, "mad")
    assert isinstance(error, ImageNotFound)
    assert error.hint.startswith("`docker images` lists")


@pytest.mark.parametrize("path", ["/images/made:1/json", "/images/made:1/history", "/images/made:1/get"])
def test_an_engine_in_trouble(fake: FakeEngine, spool: Path, path: str) -> None:
    """An error repeats the engine's own message, on one line and without control characters."""
    fake.answers[path] = (500, b'{"message": "disk\\n on \\u001b[31mfire"}')
    error = failure(fake.url, spool)
    assert isinstance(error, EngineError)
    assert "disk\\n on \\x1b[31mfire" in error.message


def test_a_connection_that_is_cut(fake: FakeEngine, spool: Path) -> None:
    """An archive that ends too early is an error that names the engine."""
    fake.cut = 10_000
    error = failure(fake.url, spool)
    assert isinstance(error, EngineError)
    assert re.search(r"stopped sending made:1 after [\d,]+ bytes, expected [\d,]+$", error.message)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_no_space_left(fake: FakeEngine, spool: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A full disk is an error that explains how to use another."""
    real = tempfile.TemporaryFile

    class Full(io.FileIO):
        def write(self, data: object) -> int:
            raise OSError(number, os.strerror(number))

    def full(**more: Any) -> io.FileIO:
        with real(**more) as file:
            return Full(os.dup(file.fileno()), "w+")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    error = failure(os.strerror(number), spool)
    assert "TMPDIR" in error.hint


def test_nowhere_to_spool_to(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing directory for temporary files is an error that explains how to set another."""
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with pytest.raises(ImageError, match="No such file") as caught:
        opened("made:1")
    assert "TMPDIR" in caught.value.hint


class Stopping(Watching):
    """A watcher that stops the work once the archive has been asked for."""

    def __init__(self, fake: FakeEngine) -> None:
        super().__init__()
        self.fake = fake

    def progress(self, progress: Progress) -> None:
        super().progress(progress)
        if any(path.endswith("/get") for path in self.fake.asked):
            raise Cancelled("stopped")


def test_a_save_can_be_stopped(fake: FakeEngine, spool: Path) -> None:
    """The wait for an engine that has not begun to send can be cancelled, and leaves no file."""
    fake.hold = "/images/made:1/get"
    with pytest.raises(Cancelled):
        opened("made:1", Stopping(fake))
    fake.released.set()
    assert left_behind(spool) == []


def test_a_name_that_no_image_can_have(fake: FakeEngine) -> None:
    """A name that the engine rejects, often that of a missing file, is an error with both explanations."""
    body = b'{"message": "no such image: README: invalid reference format: repository name must be lowercase"}'
    fake.answers["/images/README/json"] = (400, body)
    with pytest.raises(ImageNotFound, match="“README” is not a valid image name") as caught:
        opened("README")
    assert "lower case" in caught.value.hint
    assert "path" in caught.value.hint


@pytest.mark.parametrize("name", ["5a523b38fac0", f"sha256:{'5a' * 32}"])
def test_an_id_cannot_be_pulled(fake: FakeEngine, spool: Path, name: str) -> None:
    """The hint for an ID that is not there names no command that pulls it."""
    error = failure(fake.url, spool, name)
    assert isinstance(error, ImageNotFound)
    assert "pull" not in error.hint
