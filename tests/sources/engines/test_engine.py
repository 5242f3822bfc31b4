"""Images of a fake engine: found, previewed and saved."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from explorer.errors import ImageNotFound
from explorer.model import Image
from explorer.sources.engines import engine as engine_source
from tests.fake_engine import FakeEngine
from tests.images import (
    Watching,
    docker_archive,
    explored,
    opened,
)
from tests.sources.engines.samples import MADE

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


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
    """Requests use the version of the API that the engine speaks."""
    with FakeEngine.of(MADE, version=version).on() as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        opened("made:1")
    assert fake.asked[0] == "/version"
    assert {path.split("/")[1] for path in fake.asked[1:]} == {f"v{version}"}


@pytest.mark.end_to_end
def test_a_save_may_take_its_time(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for an archive may be longer than for any other response."""
    monkeypatch.setattr(engine_source, "_TIMEOUT_SECONDS", 0.2)
    fake.hold = "/images/made:1/get"
    threading.Timer(0.6, fake.released.set).start()
    assert len(opened("made:1").layers) == 2


def test_an_image_of_another_platform_is_refused(fake: FakeEngine) -> None:
    """An image for another platform than the requested one is an error."""
    with pytest.raises(ImageNotFound, match="linux/amd64") as caught:
        opened("made:1", platform="linux/arm64")
    assert "docker pull --platform linux/arm64" in caught.value.hint
    assert opened("made:1", platform="linux/amd64").platform == "linux/amd64"
