"""Names of an engine that get another image while the first one is open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.errors import EngineError, ImageNotFound
from explorer.layers.cache import Cache
from explorer.model import Addressing, Image
from explorer.pipeline import Exploration, explore
from tests.fake_engine import FakeEngine
from tests.images import (
    Watching,
    content_of,
    digest,
    docker_archive,
    file,
    image,
    layer,
    modern_docker_archive,
    oci_files,
    opened,
    tar_of,
)

# The SDK leaves the socket of a connection that failed to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

OLD = image(layer(file("secret", b"old old")), layer(file("same", b"same")))
NEW = image(layer(file("secret", b"NEW NEW")), layer(file("same", b"same")))
OLD_ID = digest(OLD.config_bytes)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """A fake engine with the first image; not yet running."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine.sock")
    return FakeEngine.of(OLD)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A cache in a directory of this test."""
    return Cache(tmp_path / "cache")


def explore_cached(cache: Cache) -> Exploration:
    """Explores the image, with the layers that are in the cache."""
    return explore(opened("made:1", is_cached=lambda digest: cache.has(digest, Addressing.TAR)), cache=cache)


def secret(exploration: Exploration) -> bytes:
    """The content of the file that differs."""
    index = exploration.tree.layers[0]
    return content_of(exploration.image.layers[0].contents, index, index.entries[0])


def break_entries(cache: Cache) -> None:
    """Makes the entries of a cache unreadable."""
    for path in cache.directory.rglob("*.tar"):
        path.write_bytes(b"damaged")


def test_a_name_that_moves_during_opening_does_not_matter(fake: FakeEngine, tmp_path: Path) -> None:
    """The history and the layers are those of the described image, even if its name moves before the save."""

    class Rebuilding(Watching):
        def image_opened(self, image: Image) -> None:
            super().image_opened(image)
            fake.rebuild(NEW)

    with fake.on(tmp_path / "engine.sock"):
        exploration = explore(opened("made:1", Rebuilding()))
    assert exploration.image.id == OLD_ID
    assert secret(exploration) == b"old old"


def test_a_file_is_the_opened_images_after_a_rebuild(fake: FakeEngine, cache: Cache, tmp_path: Path) -> None:
    """A file of an image whose layers were cached comes from that image, not from a newer one of its name."""
    with fake.on(tmp_path / "engine.sock"):
        explore_cached(cache)
        exploration = explore_cached(cache)
        fake.rebuild(NEW)
        assert secret(exploration) == b"old old"
        assert secret(explore(opened("made:1"))) == b"NEW NEW"


def test_an_image_that_is_gone_is_an_error(fake: FakeEngine, cache: Cache, tmp_path: Path) -> None:
    """A file of an image that the engine no longer has is an error that says so."""
    with fake.on(tmp_path / "engine.sock"):
        explore_cached(cache)
        exploration = explore_cached(cache)
        fake.ids.clear()
        with pytest.raises(ImageNotFound, match="no longer has the made:1 that was opened"):
            secret(exploration)


def test_an_engine_that_saves_another_image_is_never_believed(fake: FakeEngine, cache: Cache, tmp_path: Path) -> None:
    """Another image than the described one is an error, and nothing of it is cached under the first one's digests."""
    with fake.on(tmp_path / "engine.sock"):
        explore_cached(cache)
        break_entries(cache)
        fake.answers[f"/images/{OLD_ID}/get"] = (200, docker_archive(NEW))
        with pytest.raises(EngineError, match="sends another image than the one it describes as made:1"):
            explore_cached(cache)
        assert all(path.read_bytes() == b"damaged" for path in cache.directory.rglob("*.tar"))


@pytest.mark.parametrize("change", ["config", "layers"])
def test_configuration_and_layers_are_both_compared(fake: FakeEngine, tmp_path: Path, change: str) -> None:
    """One other layer or one other setting is enough to refuse what the engine saves."""
    other = image(OLD.layers[0], NEW.layers[0]) if change == "layers" else image(*OLD.layers, config={"User": "root"})
    fake.answers[f"/images/{OLD_ID}/get"] = (200, docker_archive(other))
    with fake.on(tmp_path / "engine.sock"), pytest.raises(EngineError, match="sends another image"):
        opened("made:1")


@pytest.mark.parametrize("names_index", [False, True])
def test_an_id_that_is_not_the_configurations(fake: FakeEngine, tmp_path: Path, names_index: bool) -> None:
    """An image opens if its ID is the digest of a manifest or an index, as in containerd's image store."""
    arm = image(layer(file("arm")), architecture="arm64", config=OLD.config["config"])
    files = oci_files(OLD, arm)
    if names_index:
        nested = files["index.json"]
        store_id = digest(nested)
        files[f"blobs/sha256/{store_id.partition(':')[2]}"] = nested
        descriptor = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": store_id, "size": len(nested)}
        files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [descriptor]}).encode()
        saved = tar_of(files)
    else:
        store_id = json.loads(files["index.json"])["manifests"][0]["digest"]
        saved = modern_docker_archive(OLD)
    described = json.loads(fake.answers["/images/made:1/json"][1])
    fake.answers["/images/made:1/json"] = (200, json.dumps({**described, "Id": store_id}).encode())
    fake.answers["/images/made:1/get"] = (200, saved)
    fake.ids = {store_id: "made:1"}
    with fake.on(tmp_path / "engine.sock"):
        image_opened = opened("made:1")
        assert [each.diff_id for each in image_opened.layers] == [digest(each) for each in OLD.layers]
        fake.answers["/images/made:1/get"] = (200, modern_docker_archive(NEW))
        with pytest.raises(EngineError, match="sends another image"):
            opened("made:1")


def test_a_containers_writes_are_asked_for_by_its_id(fake: FakeEngine, tmp_path: Path) -> None:
    """The changes and the export of a container are asked for by its ID, because its name can move, too."""
    container = {"Id": "c0ffee", "Image": OLD_ID, "Name": "/web"}
    fake.answers |= {
        "/containers/web/json": (200, json.dumps(container).encode()),
        "/containers/c0ffee/changes": (200, b"null"),
        "/containers/c0ffee/export": (200, layer(file("secret"))),
        f"/images/{OLD_ID}/json": fake.answers["/images/made:1/json"],
    }
    with fake.on(tmp_path / "engine.sock"):
        assert len(opened("container://web").layers) == 3
