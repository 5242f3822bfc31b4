"""The Docker Engine as a source: against a fake that fails in every way, and against the real one where it runs."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from docker import DockerClient
from docker.errors import DockerException
from docker.errors import ImageNotFound as NoSuchImage
from docker.transport.unixconn import UnixHTTPConnection

from explorer.errors import Cancelled, EngineError, ImageError, ImageNotFound
from explorer.model import Entry, Image, Kind, LayerIndex, Progress
from explorer.pipeline import Exploration, explore
from explorer.sources import interruptible
from explorer.sources.engines import engine as engine_source
from explorer.sources.engines.docker_client import MAX_RESPONSE_BYTES
from tests.conftest import left_behind, skip_or_fail
from tests.fake_engine import FakeEngine
from tests.images import (
    Watching,
    big,
    directory,
    docker_archive,
    explored,
    file,
    hardlink,
    image,
    layer,
    opened,
    symlink,
    visible_paths,
    whiteout,
)

MADE = image(
    layer(directory("etc"), big("etc/big", 0.3), file("keep", b"keep")),
    layer(whiteout("etc/big"), file("new", b"new")),
    history=[
        {"created_by": "/bin/sh -c #(nop) ADD file:0123 in / "},
        {"created_by": "/bin/sh -c #(nop)  ENV A=b", "empty_layer": True},
        {"created_by": "/bin/sh -c rm /etc/big && touch /new"},
        {"created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "empty_layer": True},
    ],
)


# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def fake(spool: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """A fake engine with one image, where DOCKER_HOST says."""
    with FakeEngine.of(MADE).on(spool.parent / "engine.sock") as running:
        monkeypatch.setenv("DOCKER_HOST", running.url)
        yield running


def failure(endpoint: str, spool: Path, reference: str = "made:1") -> ImageError:
    """The error that opening an image ends in: one line and a hint, with the endpoint, and nothing left behind."""
    with pytest.raises(ImageError) as caught:
        opened(reference)
    error = caught.value
    assert error.exit_code == 3
    assert endpoint in error.message
    assert error.message.isprintable()
    assert error.hint
    assert left_behind(spool) == []
    return error


def unaddressed(index: LayerIndex) -> dict[str, Entry]:
    """The entries of a layer by path, without what depends on how it is stored.

    That is where its bytes lie, which of an inode's names comes first, and whether the tar has an entry for the root.
    """
    found = {}
    for entry in index.entries:
        if entry.path:
            is_name = entry.kind is Kind.HARDLINK
            found[entry.path] = entry._replace(inode=0, kind=Kind.FILE, link="") if is_name else entry._replace(inode=0)
    return found


# Found and saved


def test_the_preview_comes_before_the_save_begins(fake: FakeEngine) -> None:
    """The watcher finds the image with its layers and commands before its archive is asked for."""
    saved_at_preview = []

    class FileActions(Watching):
        def image_opened(self, image: Image) -> None:
            super().image_opened(image)
            saved_at_preview.append(any(path.endswith("/get") for path in fake.asked))

    watcher = FileActions()
    final = opened("made:1", watcher)
    (preview,) = watcher.images
    assert saved_at_preview == [False]
    assert [layer.diff_id for layer in preview.layers] == [layer.diff_id for layer in final.layers]
    assert [layer.step and layer.step.created_by for layer in preview.layers] == [
        "/bin/sh -c #(nop) ADD file:0123 in / ",
        "/bin/sh -c rm /etc/big && touch /new",
    ]
    assert [step.layer for step in preview.history] == [step.layer for step in final.history] == [0, None, 1, None]


def test_preview_and_image_are_the_same_image(fake: FakeEngine) -> None:
    """The preview and the saved image agree in identity, platform, tags, source and configuration."""
    watcher = Watching()
    final = opened("made:1", watcher)
    for shown in (*watcher.images, final):
        assert shown.id == "sha256:" + hashlib.sha256(MADE.config_bytes).hexdigest()
        assert (shown.reference, shown.platform, shown.tags) == ("made:1", "linux/amd64", ("made:1", "other:1"))
        assert shown.source.startswith(f"Docker Engine at {fake.url}")
        assert shown.config.env == ("PATH=/bin",)
        assert (shown.digest or "").startswith("sha256:")


def test_the_layers_come_from_the_saved_archive(fake: FakeEngine, tmp_path: Path) -> None:
    """The figures are those of the archive that the engine saves."""
    path = tmp_path / "saved.tar"
    path.write_bytes(docker_archive(MADE))
    assert explored("made:1").usage == explored(path).usage
    assert explored("docker://made:1").usage.wasted_bytes == 300_000


@pytest.mark.parametrize("version", ["1.24", "1.41", "1.99"])
def test_the_engine_chooses_the_version_of_the_api(version: str, spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever version of the API an engine speaks is spoken to it."""
    with FakeEngine.of(MADE, version).on() as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        opened("made:1")
    assert fake.asked[0] == "/version"
    assert {path.split("/")[1] for path in fake.asked[1:]} == {f"v{version}"}


def test_a_save_may_take_its_time(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that prepares an archive for longer than any other answer may take is waited for."""
    monkeypatch.setattr(engine_source, "_TIMEOUT_SECONDS", 0.2)
    fake.hold = "/images/made:1/get"
    threading.Timer(0.6, fake.released.set).start()
    assert len(opened("made:1").layers) == 2


def test_an_image_of_another_platform_is_refused(fake: FakeEngine) -> None:
    """An image for another platform than the one asked for is not shown in its place."""
    with pytest.raises(ImageNotFound, match="linux/amd64") as caught:
        opened("made:1", platform="linux/arm64")
    assert "docker pull --platform linux/arm64" in caught.value.hint
    assert opened("made:1", platform="linux/amd64").platform == "linux/amd64"


# Not answered


def test_a_socket_that_does_not_exist(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a socket the message says that there is none, and that an archive would do."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{spool}/none.sock")
    error = failure(f"unix://{spool}/none.sock", spool)
    assert "there is no such socket" in error.message
    assert "docker save" in error.hint


def test_a_port_that_refuses(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing listens the message says so."""
    with FakeEngine.of(MADE).on() as gone:
        pass
    monkeypatch.setenv("DOCKER_HOST", gone.url)
    assert "nothing listens there" in failure(gone.url, spool).message


def test_a_socket_without_permission(fake: FakeEngine, spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not use the socket is told so, and how to be allowed."""

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
    """Whatever is no engine's answer ends in a message, or is done without where it only decorates."""
    fake.answers[path] = answer
    if path.endswith("/history") and answer[1] in (b"[1]", b"null"):
        assert len(opened("made:1").layers) == 2
    else:
        assert isinstance(failure(fake.url, spool), EngineError)


@pytest.mark.parametrize("path", ["/version", "/images/made:1/json", "/images/made:1/history"])
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_without_an_end(fake: FakeEngine, spool: Path, path: str, status: int) -> None:
    """An answer longer than any is given up, before it has taken the memory."""
    fake.answers[path] = (status, b'{"message": "' + b" " * MAX_RESPONSE_BYTES + b'"}')
    assert "its response has more than 33,554,432 bytes" in failure(fake.url, spool).message


@pytest.mark.parametrize("path", ["/version", "/images/made:1/json", "/images/made:1/history"])
def test_an_answer_that_drips(fake: FakeEngine, spool: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """An answer that comes byte by byte is given up after a while, though there is never silence."""
    monkeypatch.setattr(interruptible, "MAX_STALL_SECONDS", 0.5)
    fake.drip = path
    assert "has sent next to nothing" in failure(fake.url, spool).message


def test_an_engine_that_redirects(fake: FakeEngine, spool: Path) -> None:
    """An engine that sends on to another address is not followed there."""
    fake.answers["/images/made:1/json"] = (301, b"")
    fake.location = "/images/other:1/json"
    assert "it redirects" in failure(fake.url, spool).message
    assert not any("other:1" in path for path in fake.asked)


def test_a_question_can_be_stopped(fake: FakeEngine, spool: Path) -> None:
    """Cancelled stops the wait for an engine that does not answer."""

    class Leaving(Watching):
        def progress(self, progress: Progress) -> None:
            raise Cancelled("stopped")

    fake.hold = "/images/made:1/json"
    with pytest.raises(Cancelled):
        opened("made:1", Leaving())


@pytest.mark.parametrize("key", ["Id", "RepoTags", "RepoDigests", "Author", "Created", "Config", "Size", "RootFS"])
@pytest.mark.parametrize("value", [None, 7, "text", [None, 7], {"Layers": 7}])
def test_an_odd_description_does_no_harm(fake: FakeEngine, key: str, value: object) -> None:
    """A field of unexpected shape in the engine's description does not keep the image from being shown."""
    _, body = fake.answers["/images/made:1/json"]
    fake.answers["/images/made:1/json"] = (200, json.dumps({**json.loads(body), key: value}).encode())
    assert len(opened("made:1").layers) == 2


def test_a_history_out_of_this_world(fake: FakeEngine) -> None:
    """A history with impossible times is shown without them."""
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
    assert fake.asked == ["/version", "/v1.41/images/nope:1/json"]


@pytest.mark.parametrize("path", ["/images/made:1/json", "/images/made:1/history", "/images/made:1/get"])
def test_an_engine_in_trouble(fake: FakeEngine, spool: Path, path: str) -> None:
    """What the engine says of its own failure is passed on, on one line and harmless to a terminal."""
    fake.answers[path] = (500, b'{"message": "disk\\n on \\u001b[31mfire"}')
    error = failure(fake.url, spool)
    assert isinstance(error, EngineError)
    assert "disk\\n on \\x1b[31mfire" in error.message


def test_a_connection_that_is_cut(fake: FakeEngine, spool: Path) -> None:
    """An archive that ends too early is an error that names the engine."""
    fake.cut = 10_000
    error = failure(fake.url, spool)
    assert isinstance(error, EngineError)
    assert "stopped sending made:1" in error.message


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_no_space_left(fake: FakeEngine, spool: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A full disk is an error that says how to use another."""
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
    """A missing directory for temporary files is an error that says how to name another."""
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
    """Cancelled stops the wait for an engine that has not begun to send, and nothing is left behind."""
    fake.hold = "/images/made:1/get"
    with pytest.raises(Cancelled):
        opened("made:1", Stopping(fake))
    fake.released.set()
    assert left_behind(spool) == []


# Which engine


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
    """DOCKER_HOST decides, whatever the contexts say."""
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
    """Where the configuration names no context the default socket is asked."""
    from explorer.sources.engines.endpoint import docker_endpoint

    (config / "config.json").write_text(content)
    assert docker_endpoint().url == "unix:///var/run/docker.sock"


@pytest.mark.parametrize("host", ["nonsense://x", "tcp://", "unix:/", "tcp://127.0.0.1:notaport"])
def test_an_address_that_makes_no_sense(host: str, spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A DOCKER_HOST that is no address ends in a message that repeats it."""
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
    """What an address says of a login is not repeated by any error."""
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
    """The ``ssh`` of the system is told no port and no user but those of the address, so that its own files decide."""
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
    """DOCKER_TLS_VERIFY without certificates ends in a message."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2376")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    assert isinstance(failure("tcp://127.0.0.1:2376", spool), EngineError)


# The real engine


class Built(NamedTuple):
    """An image in the real engine."""

    name: str
    id: str


DOCKERFILE = """
FROM {base}
ENV GREETING=hello
WORKDIR /srv/app
COPY . ./
RUN rm big && chmod 600 keep && echo other > over && ln first second && chown 7:8 sub/owned
RUN mv config config.d && ln -s config.d config && rm -r tree && mkdir tree && echo new > tree/new
COPY keep /srv/app/keep
CMD ["sh"]
"""
APPLETS = ("sh", "rm", "chmod", "chown", "ln", "mv", "mkdir", "cp")
ADDED_BY_ENGINE = {".dockerenv", "dev", "proc", "sys", "etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab"}
"""What the engine puts into every container."""


def context(base: str) -> bytes:
    """What is sent to the builder."""
    return layer(
        file("Dockerfile", DOCKERFILE.format(base=base).encode()),
        file(".dockerignore", b"Dockerfile\n.dockerignore\n"),
        big("big", 0.5),
        file("keep", b"kept " * 1000),
        file("over", b"first"),
        file("first", b"linked " * 1000),
        directory("config"),
        file("config/a.conf", b"a = 1"),
        directory("tree"),
        file("tree/old", b"old " * 100),
        directory("sub", mode=0o1777),
        file("sub/owned", b"owned", mode=0o4755),
        symlink("sub/link", "../keep"),
    )


def busybox() -> bytes:
    """A statically linked busybox, which runs in an empty image."""
    path = shutil.which("busybox")
    content = Path(path).read_bytes() if path else b""
    if not content or b"/ld-linux" in content or b"/ld-musl" in content:
        skip_or_fail("no statically linked busybox to build an image on (Debian: busybox-static)")
    return content


@pytest.fixture(scope="module")
def built(engine: DockerClient) -> Iterator[Built]:
    """An image that the engine's own builder made of a Dockerfile, without a network."""
    tools = layer(
        *(directory(name) for name in ("bin", "etc", "tmp")),
        file("bin/busybox", busybox(), mode=0o755),
        *(symlink(f"bin/{name}", "busybox") for name in APPLETS),
        hardlink("bin/ash", "bin/busybox", mode=0o755),
    )
    run = uuid.uuid4().hex[:12]
    base, name = f"layer-explorer-test-{run}:base", f"layer-explorer-test-{run}:built"
    try:
        engine.api.import_image_from_data(tools, *base.split(":"))
        engine.images.build(
            fileobj=io.BytesIO(context(base)),
            custom_context=True,
            tag=name,
            rm=True,
            forcerm=True,
            nocache=True,
            network_mode="none",
        )
        yield Built(name, str(engine.images.get(name).id))
    finally:
        for tag in (name, base):
            with suppress(NoSuchImage):
                engine.images.remove(tag, force=True)


@pytest.fixture(scope="module")
def exploration(built: Built) -> Exploration:
    """The exploration of the built image."""
    return explored(built.name)


@pytest.fixture(scope="module")
def exported(engine: DockerClient, built: Built) -> list[tarfile.TarInfo]:
    """What a container of the built image sees, as the engine exports it; never started, and removed again."""
    container = engine.api.create_container(built.name)["Id"]
    try:
        archive = b"".join(engine.api.export(container))
    finally:
        engine.api.remove_container(container)
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        return [member for member in members if not _added_by_engine(member.name)]


def _added_by_engine(path: str) -> bool:
    return path in ADDED_BY_ENGINE or path.partition("/")[0] in ADDED_BY_ENGINE or path in ("", ".")


@pytest.mark.engine
@pytest.mark.parametrize(
    "spell",
    [
        lambda built: built.name,
        lambda built: f"docker://{built.name}",
        lambda built: built.id,
        lambda built: built.id.removeprefix("sha256:")[:12],
    ],
    ids=["name", "docker://name", "ID", "short ID"],
)
def test_real_image_by_any_name(built: Built, spell: Callable[[Built], str]) -> None:
    """A name, an ID and a short ID open the same image."""
    found = opened(spell(built))
    assert (found.id, found.tags, len(found.layers)) == (built.id, (built.name,), 6)
    assert found.config.working_dir == "/srv/app"
    assert "GREETING=hello" in found.config.env


@pytest.mark.engine
def test_real_layers_and_their_commands(built: Built) -> None:
    """Every layer has the step of the Dockerfile that made it, in the preview too."""
    watcher = Watching()
    found = opened(built.name, watcher)
    commands = [layer.step.created_by if layer.step else "" for layer in found.layers]
    expected = ["", "WORKDIR /srv/app", "COPY dir:", "rm big", "mv config", "COPY file:"]
    assert all(part in command for part, command in zip(expected, commands, strict=True)), commands
    (preview,) = watcher.images
    assert [layer.diff_id for layer in preview.layers] == [layer.diff_id for layer in found.layers]
    assert [(step.created_by, step.layer) for step in preview.history] == [
        (step.created_by, step.layer) for step in found.history
    ]
    # An engine's history is precise to the second.
    assert [(step.created or "")[:19] for step in preview.history] == [
        (step.created or "")[:19] for step in found.history
    ]


@pytest.mark.engine
def test_real_changes_are_found(exploration: Exploration) -> None:
    """What the steps of the Dockerfile removed, overwrote and copied again is wasted for that reason and no other."""
    found = {(waste.path, waste.cause.value, waste.shipped_in) for waste in exploration.usage.wasted}
    assert found == {
        ("srv/app/big", "removed", 2),
        ("srv/app/keep", "recopied", 2),
        ("srv/app/keep", "recopied", 3),
        ("srv/app/over", "overwritten", 2),
        ("srv/app/sub/owned", "recopied", 2),
        ("srv/app/first", "recopied", 2),
        ("srv/app/config/a.conf", "removed", 2),
        ("srv/app/tree/old", "removed", 2),
    }


@pytest.mark.engine
def test_real_visible_bytes(exploration: Exploration, exported: list[tarfile.TarInfo]) -> None:
    """The visible bytes are those of the files that a container exports, each inode once."""
    assert exploration.usage.visible_bytes == sum(member.size for member in exported if member.isreg())


@pytest.mark.engine
def test_real_container_sees_the_same_tree(exploration: Exploration, exported: list[tarfile.TarInfo]) -> None:
    """Paths, types, modes, owners, link targets and times of the merged tree are those that a container exports."""
    tree = exploration.tree
    ours = {}
    for path in visible_paths(tree, tree.top):
        node = tree.find(path)
        entry = node.entry_at(tree.top) if node else None
        assert entry is not None
        link = entry.link if entry.kind is Kind.SYMLINK else ""
        time = 0 if entry.kind is Kind.DIRECTORY else entry.mtime_ns // 1_000_000_000
        kind = "file" if entry.kind is Kind.HARDLINK else entry.kind.value
        if not _added_by_engine(path):
            ours[path] = (kind, entry.mode, entry.uid, entry.gid, link, time)
    theirs = {}
    for member in exported:
        kind = "directory" if member.isdir() else "symlink" if member.issym() else "file"
        link = member.linkname if member.issym() else ""
        time = 0 if member.isdir() else int(member.mtime)
        theirs[member.name] = (kind, member.mode & 0o7777, member.uid, member.gid, link, time)
    assert ours == theirs


@pytest.mark.engine
def test_real_engine_and_its_archive_agree(
    engine: DockerClient, built: Built, exploration: Exploration, tmp_path: Path
) -> None:
    """The engine's image and a file that ``docker save`` wrote have the same answer."""
    path = tmp_path / "saved.tar"
    with path.open("wb") as saved:
        saved.writelines(engine.api.get_image(built.name))
    archived = explored(path)
    assert archived.image.id == exploration.image.id == built.id
    assert archived.usage == exploration.usage
    assert [unaddressed(index) for index in archived.tree.layers] == [
        unaddressed(index) for index in exploration.tree.layers
    ]


@pytest.mark.engine
def test_real_missing_image_is_not_pulled(engine: DockerClient) -> None:
    """An image that the engine does not have is reported, and still not there afterwards."""
    name = f"layer-explorer-test-{uuid.uuid4().hex}:1"
    with pytest.raises(ImageNotFound, match=name):
        opened(name)
    assert engine.images.list(name) == []


@pytest.mark.engine
def test_real_engine_is_left_as_it_was(engine: DockerClient, built: Built) -> None:
    """Exploring an image makes no container and no image."""
    explore(opened(built.name))
    assert engine.containers.list(all=True, filters={"ancestor": built.name}) == []
    assert [image.tags for image in engine.images.list(built.name.partition(":")[0] + ":built")] == [[built.name]]


@pytest.mark.engine
def test_real_loaded_image(engine: DockerClient, tmp_path: Path) -> None:
    """An image with whiteouts that was loaded from an archive is the one in the archive."""
    tag = f"layer-explorer-test-{uuid.uuid4().hex[:12]}:loaded"
    made = image(layer(directory("d"), big("d/a", 0.2)), layer(whiteout("d/a"), file("d/b", b"b")), tag=tag)
    path = tmp_path / "made.tar"
    path.write_bytes(docker_archive(made))
    try:
        engine.images.load(path.read_bytes())
        assert explored(tag).usage == explored(path).usage
    finally:
        with suppress(DockerException):
            engine.images.remove(tag, force=True)


@pytest.mark.engine
def test_real_report_on_the_command_line(built: Built, exploration: Exploration) -> None:
    """``report NAME --format json`` prints JSON on stdout and nothing on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "report", built.name, "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)["image"]
    assert figures["reference"] == built.name
    assert figures["id"] == built.id
    assert figures["visible_bytes"] == exploration.usage.visible_bytes


@pytest.mark.engine
def test_real_missing_image_on_the_command_line(engine: DockerClient) -> None:
    """A missing image ends in exit code 3, one message on stderr and an empty stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "report", "layer-explorer-test-nothing:1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("layer-explorer: the Docker Engine at")
    assert "Traceback" not in done.stderr
