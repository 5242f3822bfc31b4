"""Podman as a source: a real one with storage of its own, and the ways to find it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from explorer.errors import EngineError, EngineUnreachable, ImageNotFound
from explorer.layers.cache import Cache
from explorer.layers.tar_layer import TarLayer
from explorer.model import Addressing, Entry, Kind, LayerIndex
from explorer.pipeline import Exploration, explore
from explorer.sources.engines.endpoint import podman_endpoint
from explorer.sources.engines.overlay import FallbackLayer, OverlayLayer
from explorer.sources.request import LayerAccess
from tests.conftest import Podman
from tests.fake_engine import FakeEngine
from tests.images import (
    Watching,
    big,
    content_of,
    device,
    directory,
    docker_archive,
    explored,
    fifo,
    file,
    hardlink,
    image,
    layer,
    opaque,
    opened,
    symlink,
    whiteout,
)

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.usefixtures("collected"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

MADE = image(
    layer(
        directory("etc"),
        big("etc/big", 0.3, uid=7, gid=8),
        file("keep", b"keep", mode=0o4755),
        file("first", b"linked " * 1000),
        hardlink("second", "first"),
        symlink("link", "../etc"),
        device("null", 1, 3),
        fifo("pipe"),
        directory("old", mode=0o1777),
        file("old/a", b"old " * 100),
        file("caf\udce9", b"not UTF-8"),
    ),
    layer(directory("etc"), whiteout("etc/big"), file("keep", b"keep", mode=0o600), file("new", b"new")),
    layer(directory("old", mode=0o1777), opaque("old"), file("old/b", b"b"), whiteout("second")),
    tag=f"localhost/layer-explorer-test-{uuid.uuid4().hex[:12]}:1",
    history=[
        {"created_by": "/bin/sh -c #(nop) ADD file:0123 in / ", "created": "2026-01-31T09:00:00Z"},
        {"created_by": "/bin/sh -c #(nop)  ENV A=b", "created": "2026-01-31T09:00:00Z", "empty_layer": True},
        {"created_by": "/bin/sh -c rm /etc/big && touch /new", "created": "2026-01-31T09:00:00Z"},
        {"created_by": "/bin/sh -c make old", "created": "2026-01-31T09:00:00Z"},
    ],
)
NAME = MADE.tag


@pytest.fixture
def loaded(podman: Podman, monkeypatch: pytest.MonkeyPatch) -> Iterator[Podman]:
    """A Podman at CONTAINER_HOST with the image loaded from its archive; no Docker Engine answers."""
    podman.run("load", given=docker_archive(MADE))
    monkeypatch.setenv("CONTAINER_HOST", podman.url)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    yield podman
    podman.run("rmi", "--force", NAME)


@pytest.fixture
def archived(tmp_path: Path) -> Exploration:
    """The exploration of the image's archive."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(MADE))
    return explored(path)


def entries(index: LayerIndex) -> dict[str, Entry]:
    """Returns the entries by path, without the values that differ between a directory and a tar."""
    by_path = {}
    for entry in index.entries:
        linked = entry._replace(kind=Kind.FILE, link="") if entry.kind is Kind.HARDLINK else entry
        by_path[entry.path] = linked._replace(inode=0, mtime_ns=0 if entry.kind is Kind.DIRECTORY else entry.mtime_ns)
    return by_path


def assert_same(ours: Exploration, theirs: Exploration) -> None:
    """Checks that two explorations are of the same image, with the same figures."""
    assert ours.image.id == theirs.image.id
    assert [layer.diff_id for layer in ours.image.layers] == [layer.diff_id for layer in theirs.image.layers]
    assert ours.image.history == theirs.image.history
    assert ours.image.config == theirs.image.config
    assert (ours.image.platform, ours.image.created) == (theirs.image.platform, theirs.image.created)
    for mine, yours in zip(ours.tree.layers, theirs.tree.layers, strict=True):
        assert entries(mine) == entries(yours)
        assert (sorted(mine.whiteouts), sorted(mine.opaques)) == (sorted(yours.whiteouts), sorted(yours.opaques))
    assert ours.usage.visible_bytes == theirs.usage.visible_bytes
    assert sorted(ours.usage.wasted) == sorted(theirs.usage.wasted)
    assert figures(ours) == figures(theirs)


def figures(exploration: Exploration) -> Sequence[tuple[int, ...]]:
    """Returns the figures of each layer."""
    return [
        (layer.bytes, layer.files, layer.added, layer.modified, layer.removed, layer.wasted_bytes, layer.hides_bytes)
        for layer in exploration.layers
    ]


@pytest.mark.engine
@pytest.mark.overlay
@pytest.mark.parametrize("via", LayerAccess)
def test_the_same_answer_as_the_archive(loaded: Podman, archived: Exploration, via: LayerAccess) -> None:
    """Podman's image, saved or read in place, is the one in its archive."""
    watcher = Watching()
    loaded_image = opened(f"podman://{NAME}", watcher, via=via)
    kinds = {LayerAccess.SAVE: TarLayer, LayerAccess.IN_PLACE: OverlayLayer, LayerAccess.AUTO: FallbackLayer}
    assert all(isinstance(layer.contents, kinds[via]) for layer in loaded_image.layers)
    assert loaded_image.tags == (NAME,)
    assert (
        loaded_image.source
        == f"Podman at {loaded.url}, {'saved' if via is LayerAccess.SAVE else 'layers read in place'}"
    )
    assert_same(explore(loaded_image, watcher), archived)
    preview = watcher.images[0]
    assert preview.id == loaded_image.id
    assert [step.created_by for step in preview.history] == [step.created_by for step in loaded_image.history]
    assert [step.layer for step in preview.history] == [step.layer for step in loaded_image.history] == [0, None, 1, 2]


@pytest.mark.engine
def test_a_bare_name_falls_to_podman(loaded: Podman, archived: Exploration) -> None:
    """Without a Docker Engine, a name, an ID and a short ID mean an image in Podman."""
    names = (NAME, NAME.removeprefix("localhost/"), archived.image.id, archived.image.id.removeprefix("sha256:")[:12])
    for name in names:
        assert opened(name).id == archived.image.id
    assert explored(NAME).usage.wasted_bytes == archived.usage.wasted_bytes


@pytest.mark.engine
@pytest.mark.overlay
def test_layers_are_known_the_second_time(loaded: Podman, archived: Exploration, tmp_path: Path) -> None:
    """Podman's layers are cached, separately for save and in place, and the second result equals the first."""
    cache = Cache(tmp_path / "cache")
    for via, addressing in ((LayerAccess.SAVE, Addressing.TAR), (LayerAccess.IN_PLACE, Addressing.DIRECTORY)):
        for again in (False, True):
            loaded_image = opened(
                f"podman://{NAME}", via=via, is_cached=lambda diff_id: cache.has(diff_id, Addressing.TAR)
            )
            exploration = explore(loaded_image, cache=cache)
            assert sorted(exploration.usage.wasted) == sorted(archived.usage.wasted)
            assert [entries(index) for index in exploration.tree.layers] == [
                entries(index) for index in archived.tree.layers
            ]
            assert all(cache.has(layer.diff_id, addressing) for layer in loaded_image.layers)
            assert ("cached" in loaded_image.source) is (via is LayerAccess.SAVE and again)


@pytest.mark.engine
@pytest.mark.overlay
def test_files_can_be_opened(loaded: Podman) -> None:
    """The content of a file is the same by save and in place."""
    for via in (LayerAccess.SAVE, LayerAccess.IN_PLACE):
        exploration = explored(f"podman://{NAME}", via=via)
        for path, expected in (("second", b"linked " * 1000), ("caf\udce9", b"not UTF-8")):
            entry = next(entry for entry in exploration.tree.layers[0].entries if entry.path == path)
            layer, index = exploration.image.layers[0], exploration.tree.layers[0]
            assert content_of(layer.contents, index, entry) == expected


@pytest.mark.engine
def test_an_image_that_podman_does_not_have(loaded: Podman) -> None:
    """A missing image is reported with the command that pulls it; by its bare name the Docker Engine is named too."""
    for reference in ("podman://localhost/nope:1", "localhost/nope:1"):
        with pytest.raises(ImageNotFound, match=r"Podman at .* has no image “localhost/nope:1”") as caught:
            opened(reference)
        assert "podman pull localhost/nope:1" in caught.value.hint
        assert "not pulled automatically" in caught.value.hint
        assert ("/nowhere/docker.sock" in caught.value.message) is (reference == "localhost/nope:1")


# Which Podman


def test_both_engines_are_named_when_none_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without a scheme is an error that names both engines if neither answers."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/podman.sock")
    for reference in ("made:1", "container://made"):
        with pytest.raises(EngineUnreachable) as caught:
            opened(reference)
        assert f"no Docker Engine answers at unix://{tmp_path}/docker.sock: there is no such" in caught.value.message
        assert f"no Podman answers at unix://{tmp_path}/podman.sock: there is no such socket" in caught.value.message
        assert "docker save" in caught.value.hint
    with pytest.raises(EngineUnreachable) as caught:
        opened("podman://made:1")
    assert "Docker Engine" not in caught.value.message
    assert "CONTAINER_HOST" in caught.value.hint


def test_podman_is_not_asked_where_a_docker_engine_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image that the Docker Engine lacks is not searched in Podman; ``podman://`` asks only Podman."""
    made = image(layer(file("a")))
    with FakeEngine.of(made).on() as docker, FakeEngine.of(made).on(tmp_path / "podman.sock") as podman:
        monkeypatch.setenv("DOCKER_HOST", docker.url)
        monkeypatch.setenv("CONTAINER_HOST", podman.url)
        with pytest.raises(ImageNotFound, match="the Docker Engine"):
            opened("nope:1")
        assert not podman.asked
        docker.asked.clear()
        assert opened("podman://made:1").source == f"Podman at {podman.url}, saved"
        assert not docker.asked


def test_container_host_names_podman(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONTAINER_HOST has priority over sockets."""
    monkeypatch.setenv("CONTAINER_HOST", "tcp://127.0.0.1:8080")
    endpoint = podman_endpoint()
    assert (endpoint.url, endpoint.is_local, endpoint.engine) == ("tcp://127.0.0.1:8080", False, "Podman")


def test_the_own_socket_comes_before_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without CONTAINER_HOST the user's own socket is used if it exists, otherwise the system's."""
    system = "unix:///run/podman/podman.sock"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for unset in ("", None):
        if unset is None:
            monkeypatch.delenv("CONTAINER_HOST")
        else:
            monkeypatch.setenv("CONTAINER_HOST", unset)
        assert podman_endpoint().url == system
    (tmp_path / "podman").mkdir()
    with FakeEngine.of(MADE).on(tmp_path / "podman" / "podman.sock") as fake:
        assert podman_endpoint().url == fake.url
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert podman_endpoint().url == system


def test_a_runtime_directory_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime directory of another user, as ``su`` leaves it, is ignored."""

    def refused(*_: object, **__: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.delenv("CONTAINER_HOST")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", refused)
        endpoint = podman_endpoint()
    assert endpoint.url == "unix:///run/podman/podman.sock"


@pytest.mark.parametrize("local", [True, False])
def test_in_place_where_that_cannot_be(local: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place without the means for it is an error that names them; no save begins."""
    made = image(layer(file("a")))
    with FakeEngine.of(made).on(tmp_path / "engine.sock" if local else None) as fake:
        monkeypatch.setenv("CONTAINER_HOST", fake.url)
        with pytest.raises(EngineError, match="the layers of made:1 cannot be read in place from Podman at") as caught:
            opened("podman://made:1", via=LayerAccess.IN_PLACE)
        assert fake.url in caught.value.message
        assert "root" in caught.value.hint
        assert not any(path.endswith("/get") for path in fake.asked)
        assert opened("podman://made:1", via=LayerAccess.AUTO).source.endswith("saved")
