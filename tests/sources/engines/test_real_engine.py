"""Images of the real Docker Engine, where it runs."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from docker import DockerClient
from docker.errors import DockerException
from docker.errors import ImageNotFound as NoSuchImage

from explorer.errors import ImageNotFound
from explorer.model import Kind
from explorer.pipeline import Exploration, explore
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
from tests.sources.engines.samples import busybox, unaddressed

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


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
"""Paths that the engine creates in each container."""


def context(base: str) -> bytes:
    """Returns the build context."""
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
    """The engine's export of a container of the built image, which is not started, and removed again."""
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
    opened_image = opened(spell(built))
    assert (opened_image.id, opened_image.tags, len(opened_image.layers)) == (built.id, (built.name,), 6)
    assert opened_image.config.working_dir == "/srv/app"
    assert "GREETING=hello" in opened_image.config.env


@pytest.mark.engine
def test_real_layers_and_their_commands(built: Built) -> None:
    """Every layer has the step of the Dockerfile that made it, in the preview too."""
    watcher = Watching()
    opened_image = opened(built.name, watcher)
    commands = [layer.step.created_by if layer.step else "" for layer in opened_image.layers]
    expected = ["", "WORKDIR /srv/app", "COPY dir:", "rm big", "mv config", "COPY file:"]
    assert all(part in command for part, command in zip(expected, commands, strict=True)), commands
    (preview,) = watcher.images
    assert [layer.diff_id for layer in preview.layers] == [layer.diff_id for layer in opened_image.layers]
    assert [(step.created_by, step.layer) for step in preview.history] == [
        (step.created_by, step.layer) for step in opened_image.history
    ]
    # An engine's history is precise to the second.
    assert [(step.created or "")[:19] for step in preview.history] == [
        (step.created or "")[:19] for step in opened_image.history
    ]


@pytest.mark.engine
def test_real_changes_are_found(exploration: Exploration) -> None:
    """Files that steps removed, overwrote or copied again are wasted for exactly that reason."""
    waste_entries = {(waste.path, waste.cause.value, waste.shipped_in) for waste in exploration.usage.wasted}
    assert waste_entries == {
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
    """The engine's image and the same image from ``docker save`` have the same figures."""
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
    """A missing image is an error, and is still missing afterwards."""
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
    """A missing image gives exit code 3, one message on stderr and an empty stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "report", "layer-explorer-test-nothing:1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("layer-explorer: the Docker Engine at")
    assert "Traceback" not in done.stderr
